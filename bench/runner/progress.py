"""One line on a terminal that says which run is on; nothing where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from bench.runner.contender import Entry
from bench.runner.plan import Plan, minutes

CLEAR_LINE = "\r\x1b[K"


class Progress:
    def __init__(self, plan: Plan, out: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self._plan = plan
        self._out = out
        self._clock = clock
        self._start = clock()
        self._shown = out.isatty()
        self._order = [each.workload.name for each in plan.workloads]

    def __call__(self, turn: int, entry: Entry) -> None:
        at = self._order.index(entry.workload)
        rounds = self._plan.workloads[at].rounds
        self._write(f"{CLEAR_LINE}[{at + 1}/{len(self._order)}, {self.spent()}] round {turn} of {rounds}: {entry}")

    def seconds(self) -> float:
        """Since the first run began."""
        return self._clock() - self._start

    def spent(self) -> str:
        """"8.1 min of about 27.0 min"."""
        passed = minutes(self.seconds())
        known = not self._plan.unknown
        return f"{passed} of about {minutes(self._plan.seconds)}" if known else passed

    def clear(self) -> None:
        self._write(CLEAR_LINE)

    def _write(self, text: str) -> None:
        if self._shown:
            self._out.write(text)
            self._out.flush()
