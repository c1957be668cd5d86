"""A call of the runner from its programs to its table and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench.runner import contender, session
from fakes import build, prints, program, request, runs, workload

FAILS = "print('wrong answer: 5; expected 6', file=sys.stderr); sys.exit(1)"


def test_contenders_are_interleaved_and_a_serial_program_has_one_worker(tmp_path: Path) -> None:
    for each in ("pinfold", "tbb", "serial"):
        program(tmp_path, "work", each, prints(1))

    assert session.run(request(workload("pinfold", "tbb", "serial")), build(tmp_path))

    assert runs(tmp_path) == 5 * ["pinfold 1", "pinfold 2", "tbb 1", "tbb 2", "serial 1"]


def test_a_workload_may_fix_the_number_of_workers(tmp_path: Path) -> None:
    program(tmp_path, "work", "pinfold", prints(1))

    assert session.run(request(workload("pinfold", workers=(2,)), workers=(1,)), build(tmp_path))

    assert runs(tmp_path) == 5 * ["pinfold 2"]


def test_a_call_that_is_interrupted_leaves_the_json_of_what_it_has_measured(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rows.json"
    for name in ("work", "more"):
        program(tmp_path, name, "pinfold", prints(1))
    measure = contender.measure

    def interrupted_at_more(entry: contender.Entry) -> contender.Sample:
        if entry.workload == "more":
            raise KeyboardInterrupt
        return measure(entry)

    monkeypatch.setattr(contender, "measure", interrupted_at_more)
    asked = request(workload("pinfold"), workload("pinfold", name="more"), json=file)
    with pytest.raises(KeyboardInterrupt):
        session.run(asked, build(tmp_path))

    assert list(json.loads(file.read_text())["workloads"]) == ["work"]


def test_the_json_has_the_rows_and_the_machine(tmp_path: Path) -> None:
    program(tmp_path, "work", "pinfold", prints("1 / arguments['--workers']"))
    program(tmp_path, "work", "tbb", prints(4))
    file = tmp_path / "rows.json"

    assert session.run(request(workload("pinfold", "tbb"), workers=(2,), json=file), build(tmp_path))

    document = json.loads(file.read_text())
    assert list(document) == ["machine", "quick", "budget_seconds", "seconds", "workloads", "rows", "failed",
                              "missing"]
    assert 0 < document["seconds"] < 300
    assert {"cpu", "cores", "memory_mib", "virtual", "governor", "kernel", "system", "compiler", "flags", "libraries",
            "load", "pinfold", "date"} == set(document["machine"])
    described = document["workloads"]["work"]
    assert {key: described[key] for key in ("about", "size", "rounds", "against")} == {
        "about": "nothing at all", "size": 100, "rounds": 5, "against": {}}
    assert list(described["process_seconds"]) == ["pinfold 2", "tbb 2"]
    assert all(0 < seconds < 30 for seconds in described["process_seconds"].values())
    assert document["machine"]["compiler"] == "GNU 12.2.0"
    assert document["rows"][0] == {
        "workload": "work",
        "contender": "pinfold",
        "workers": 2,
        "metric": "seconds",
        "unit": "s",
        "median": 0.5,
        "min": 0.5,
        "max": 0.5,
        "runs": 5,
        "ratio_to_tbb": 0.125,
    }
    assert [(row["contender"], row["metric"]) for row in document["rows"]] == [
        ("pinfold", "seconds"),
        ("tbb", "seconds"),
        ("pinfold", "peak_rss"),
        ("tbb", "peak_rss"),
    ]
    assert (document["failed"], document["missing"], document["quick"]) == ({}, {}, False)


def test_where_a_workload_compares_contenders_the_rows_say_with_whom(tmp_path: Path) -> None:
    program(tmp_path, "work", "pinfold", prints(1))
    program(tmp_path, "work", "futex", prints(4))
    file = tmp_path / "rows.json"
    compared = workload("pinfold", "futex", against={"pinfold": ["futex"]})

    assert session.run(request(compared, workers=(1,), json=file), build(tmp_path))

    rows = json.loads(file.read_text())["rows"]
    assert [(row["contender"], row["ratio_to_tbb"], row.get("ratio_to")) for row in rows[:2]] == [
        ("pinfold", None, {"futex": 0.25}),
        ("futex", None, None),
    ]


def test_who_takes_long_has_fewer_runs_and_says_so_if_pinfold_is_not_compared_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for each in ("pinfold", "tbb", "openmp"):
        program(tmp_path, "work", each, prints(1))
    file = tmp_path / "rows.json"
    asked = request(workload("pinfold", "tbb", "openmp"), workers=(1,), json=file, budget_seconds=1e-9)

    assert session.run(asked, build(tmp_path))

    assert runs(tmp_path) == ["pinfold 1", "tbb 1", "openmp 1"] + 4 * ["pinfold 1", "tbb 1"]
    document = json.loads(file.read_text())
    assert {row["contender"]: row["runs"] for row in document["rows"]} == {"pinfold": 5, "tbb": 5, "openmp": 1}
    assert document["budget_seconds"] == 1e-9
    assert re.search(r"\bmax +runs\b", capsys.readouterr().out)


def test_a_workload_whose_runs_do_not_differ_has_as_many_as_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "work", "pinfold", prints(1))

    assert session.run(request(workload("pinfold", rounds=1), workers=(1,)), build(tmp_path))

    assert runs(tmp_path) == ["pinfold 1"]
    assert "work 100: nothing at all; one run\n" in capsys.readouterr().out


def test_the_plan_comes_first_and_after_each_workload_what_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("work", "play"):
        program(tmp_path, name, "pinfold", prints(1))

    assert session.run(request(workload("pinfold"), workload("pinfold", name="play"), workers=(1,)), build(tmp_path))

    out = capsys.readouterr().out
    assert out.index("\n  work    1 programs,   5 runs, time not known\n") < out.index("\nwork 100: ")
    assert out.index("\n1 of 2 workloads done: ") < out.index("\nplay 100: ") < out.index("\n2 of 2 workloads done: ")


def test_a_wrong_answer_is_reported_by_name_and_the_others_still_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "work", "pinfold", FAILS)
    program(tmp_path, "work", "tbb", prints(4))
    file = tmp_path / "rows.json"

    assert not session.run(request(workload("pinfold", "tbb"), workers=(2,), json=file), build(tmp_path))

    assert runs(tmp_path) == ["pinfold 2"] + 5 * ["tbb 2"]
    out = capsys.readouterr().out
    assert "\nfailed: work/pinfold with 2 workers: wrong answer: 5; expected 6\n" in out
    document = json.loads(file.read_text())
    assert document["failed"] == {"work/pinfold with 2 workers": "wrong answer: 5; expected 6"}
    assert {row["contender"] for row in document["rows"]} == {"tbb"}


def test_when_all_fail_each_is_named_and_there_is_no_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "work", "pinfold", FAILS)

    assert not session.run(request(workload("pinfold")), build(tmp_path))

    out = capsys.readouterr().out
    assert out.count("failed: work/pinfold") == 2
    assert "contender" not in out


def test_what_could_not_be_built_is_named_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "work", "pinfold", prints(1))
    missing = {"rayon": "there is no /usr/bin/cargo", "openmp": "the compiler has no OpenMP"}

    assert session.run(request(workload("pinfold", "rayon")), build(tmp_path, missing))

    out = capsys.readouterr().out
    assert "missing: rayon: there is no /usr/bin/cargo\n" in out
    assert "openmp" not in out  # nobody asked for it


def test_progress_is_for_terminals_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(tmp_path, "work", "pinfold", prints(1))

    assert session.run(request(workload("pinfold")), build(tmp_path))

    assert capsys.readouterr().err == ""
