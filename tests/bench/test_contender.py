"""How a program is run, and in how many ways it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.runner.contender import ContenderFailed, measure
from bench.runner.metrics import METRICS
from fakes import entry, prints, program


def fails(folder: Path, body: str, limit_seconds: float = 30) -> str:
    """What is said of a program that fails."""
    with pytest.raises(ContenderFailed) as raised:
        measure(entry("fake", 2, program(folder, "work", "fake", body)), limit_seconds)
    return str(raised.value)


def test_a_program_gets_workers_and_size_and_gives_its_figures(tmp_path: Path) -> None:
    file = program(tmp_path, "work", "fake", prints("arguments['--workers'] + arguments['--size']", peak_rss_kib=7))

    assert measure(entry("fake", 2, file)) == {METRICS["seconds"]: 102, METRICS["peak_rss_kib"]: 7}


def test_a_wrong_answer_is_told_in_the_programs_words(tmp_path: Path) -> None:
    body = "print(f'{sys.argv[0]}: wrong answer: 5; expected 6', file=sys.stderr); sys.exit(1)"

    assert fails(tmp_path, body) == "wrong answer: 5; expected 6"


def test_figures_before_a_failure_do_not_count(tmp_path: Path) -> None:
    assert fails(tmp_path, prints(1) + "; sys.exit(1)") == "exit status 1"


def test_a_complaint_of_many_lines_becomes_one(tmp_path: Path) -> None:
    assert fails(tmp_path, "sys.exit('cannot start:\\n  core 1')") == "cannot start: core 1"


def test_a_crash_is_told_by_its_signal(tmp_path: Path) -> None:
    assert fails(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)") == "was ended by SIGKILL"


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    assert fails(tmp_path, "time.sleep(60)", limit_seconds=0.5) == "took more than 0.5 s"


@pytest.mark.parametrize("body", ["", "print('ready')", "print('[1]')", "print('{\"seconds\": null}')"])
def test_a_program_that_prints_no_figures_has_failed(tmp_path: Path, body: str) -> None:
    assert fails(tmp_path, body).startswith("printed no figures")


def test_a_program_that_is_not_there_has_failed() -> None:
    with pytest.raises(ContenderFailed, match="cannot be started: No such file or directory"):
        measure(entry("fake"))
