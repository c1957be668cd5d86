"""The line that says which run is on."""

from __future__ import annotations

import io

from bench.runner.budget import Budget
from bench.runner.plan import Plan, planned
from bench.runner.progress import Progress
from fakes import entry, workload


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def plan(seconds: float | None) -> Plan:
    """One program, five runs of so many seconds."""
    entries = [entry("tbb", 2)]
    return Plan([planned(workload("tbb"), entries, 100, 5, Budget(40), lambda entry: seconds)], Budget(40))


def test_a_terminal_sees_each_run_on_the_same_line_with_the_time_that_the_plan_has() -> None:
    terminal = Terminal()
    clock = iter((100.0, 112.4, 190.0))
    progress = Progress(plan(20.0), terminal, lambda: next(clock))

    progress(1, entry("tbb", 2))
    progress(2, entry("tbb", 2))
    progress.clear()

    assert terminal.getvalue() == ("\r\x1b[K[1/1, 12 s of about 1.7 min] round 1 of 5: work/tbb with 2 workers"
                                   "\r\x1b[K[1/1, 1.5 min of about 1.7 min] round 2 of 5: work/tbb with 2 workers"
                                   "\r\x1b[K")


def test_where_nobody_knows_how_long_it_takes_only_what_is_gone_is_said() -> None:
    clock = iter((0.0, 7.0))

    assert Progress(plan(None), Terminal(), lambda: next(clock)).spent() == "7 s"


def test_a_file_sees_nothing() -> None:
    file = io.StringIO()
    progress = Progress(plan(1.0), file)

    progress(1, entry("tbb"))
    progress.clear()

    assert file.getvalue() == ""
