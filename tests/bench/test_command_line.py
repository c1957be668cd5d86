"""What may be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.runner.command_line import Request, parse
from bench.runner.suite import Workload

FIB = Workload("fib", "recursion", ("pinfold", "tbb", "rayon"), size=39, quick=30)
SORT = Workload("sort", "merge sort", ("pinfold", "tbb"), size=1000, quick=10)
SUITE = {"fib": FIB, "sort": SORT}


def parsed(*arguments: str) -> Request:
    return parse(arguments, SUITE)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The complaint."""
    with pytest.raises(SystemExit) as raised:
        parsed(*arguments)
    assert raised.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()[-1].removeprefix("./dev bench: error: ")


def test_by_default_five_runs_with_one_and_with_two_workers() -> None:
    request = parsed("sort")

    assert request == Request((SORT,), (), (1, 2), 5, None, False, None)
    assert request.size_of(SORT) == 1000


def test_names_are_run_in_the_order_given_and_once() -> None:
    assert parsed("sort", "fib", "sort").workloads == (SORT, FIB)


def test_all_is_the_order_of_the_suite() -> None:
    assert parsed("--all").workloads == (FIB, SORT)


def test_options(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"

    request = parsed("fib", "--quick", "--repeat", "9", "--workers", "2,1,2", "--contenders", "rayon,tbb",
                     "--json", str(file))

    assert (request.rounds, request.workers, request.json) == (9, (2, 1), file)
    assert request.contenders_of(FIB) == ("tbb", "rayon")
    assert request.size_of(FIB) == 30
    assert parsed("fib", "--quick", "--size", "38").size_of(FIB) == 38
    assert parsed("fib", "--budget", "2.5").budget_seconds == 2.5


def test_a_report_needs_no_workload(tmp_path: Path) -> None:
    request = parsed("--report", str(tmp_path / "rows.json"))

    assert (request.report, request.workloads) == (tmp_path / "rows.json", ())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fbi"], "there is no workload 'fbi'; there are: fib, sort"),
        ([], "give either --all or names of workloads: fib, sort"),
        (["--all", "fib"], "give either --all or names of workloads: fib, sort"),
        (["fib", "--contenders", "go"], "there is no contender 'go'; there are: pinfold, tbb, rayon"),
        (["fib", "--repeat", "4"], "--repeat takes 5 or more: the median of fewer runs says little"),
        (["fib", "--workers", "0"],
         "argument --workers: takes whole numbers from 1 on, like 1,2; got '0'"),
        (["fib", "--workers", "two"],
         "argument --workers: takes whole numbers from 1 on, like 1,2; got 'two'"),
        (["fib", "--budget", "0"], "argument --budget: takes a number of seconds above 0; got '0'"),
        (["fib", "--budget", "inf"], "argument --budget: takes a number of seconds above 0; got 'inf'"),
        (["fib", "--report", "rows.json"], "--report FILE goes alone"),
        (["--all", "--size", "38"], "--size goes with one workload: sizes mean something else in each"),
        (["fib", "--json", "/nowhere/rows.json"], "--json: cannot write '/nowhere/rows.json'"),
    ],
)
def test_what_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert refused(capsys, *arguments) == complaint
