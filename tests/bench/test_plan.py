"""What is said before the runs: how many there will be, and how long they take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.runner import known_times, plan
from bench.runner.budget import Budget
from bench.runner.contender import Entry
from fakes import entry, workload

WORK = workload("pinfold", "tbb", "openmp", "serial")
BUDGET = Budget(40)


@pytest.mark.parametrize(
    ("contender", "taken", "allowed"),
    [
        ("pinfold", [1000.0], True),
        ("tbb", [1000.0], True),
        ("openmp", [], True),
        ("openmp", [20.0], True),
        ("openmp", [20.1], False),
        ("openmp", [10.0, 10.0, 10.0], True),
        ("openmp", [10.0, 10.0, 10.1], False),
        ("serial", [41.0], False),
    ],
)
def test_who_is_compared_runs_in_every_round_and_the_others_while_their_time_lasts(
    contender: str, taken: list[float], allowed: bool
) -> None:
    assert BUDGET.allows(WORK, contender, taken) == allowed


def test_where_a_workload_names_who_is_compared_the_others_are_not() -> None:
    bridge = workload("pinfold_park", "raw", "tbb", "tokio", against={"pinfold_park": ["raw"]})
    build = workload("compile_asio", "compile_lookups", "generate", against={"compile_lookups": ["compile_asio"]})

    assert bridge.compared == {"pinfold_park", "raw"}
    assert build.compared == {"compile_asio", "compile_lookups"}


def test_the_plan_has_the_runs_that_the_budget_allows() -> None:
    seconds = {"pinfold": 1.0, "tbb": 60.0, "openmp": 15.0}
    entries = [entry(name) for name in ("pinfold", "tbb", "openmp")]

    planned = plan.planned(WORK, entries, 100, 5, BUDGET, lambda entry: seconds[entry.contender])

    assert [(each.runs, each.seconds) for each in planned.entries] == [(5, 5.0), (5, 300.0), (2, 30.0)]
    assert plan.text(plan.Plan([planned], BUDGET)) == """\
plan; programs that pinfold is not compared with end where another run would take them past 40 s:
  work    3 programs,  12 runs, about 5.6 min; fewer runs: openmp with 1: 2"""


def test_the_plan_sums_up_and_says_what_is_not_known() -> None:
    first = plan.planned(WORK, [entry("pinfold"), entry("tbb")], 100, 5, BUDGET,
                         lambda entry: 2.0 if entry.contender == "tbb" else None)
    second = plan.planned(workload("pinfold", name="play", rounds=1), [entry("pinfold")], 100, 5, BUDGET,
                          lambda entry: 3.0)

    assert plan.text(plan.Plan([first, second], BUDGET)).splitlines()[1:] == [
        "  work    2 programs,  10 runs, about 10 s, and 1 programs whose time is not known",
        "  play    1 programs,   1 runs, about 3 s",
        "  all     3 programs,  11 runs, about 13 s, and 1 programs whose time is not known",
    ]


def published(folder: Path) -> Path:
    file = folder / "figures.json"
    file.write_text(json.dumps({"workloads": {"work": {"size": 100, "process_seconds": {"tbb 2": 1.5}}}}))
    return file


def test_times_are_known_of_the_same_program_with_the_same_size(tmp_path: Path) -> None:
    known = known_times.read(published(tmp_path))

    assert known(entry("tbb", 2)) == 1.5
    assert known(entry("tbb", 1)) is None
    assert known(Entry("work", "tbb", 2, Path("/nowhere"), 99)) is None
    assert known(Entry("play", "tbb", 2, Path("/nowhere"), 100)) is None


def test_without_published_figures_nothing_is_known(tmp_path: Path) -> None:
    assert known_times.read(tmp_path / "none.json")(entry("tbb", 2)) is None
