"""How often a program runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.runner.suite import Workload

DEFAULT_SECONDS = 40.0


@dataclass(frozen=True)
class Budget:
    """In every round, if it is one of those that are compared; the others while their time lasts, but once at least."""

    seconds: float  # of a program with a number of workers, in all of its runs

    def allows(self, workload: Workload, contender: str, taken: Sequence[float]) -> bool:
        """Whether it runs again, whose runs took so many seconds each."""
        return not taken or contender in workload.compared or sum(taken) + taken[-1] <= self.seconds
