"""What a call will run, and about how long that takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.runner.budget import Budget
from bench.runner.contender import Entry
from bench.runner.known_times import KnownTimes
from bench.runner.suite import Workload


@dataclass(frozen=True)
class PlannedEntry:
    entry: Entry
    runs: int
    seconds: float | None  # of all its runs; None: nobody knows


@dataclass(frozen=True)
class PlannedWorkload:
    workload: Workload
    size: int
    rounds: int
    entries: Sequence[PlannedEntry]


@dataclass(frozen=True)
class Plan:
    workloads: Sequence[PlannedWorkload]
    budget: Budget

    @property
    def entries(self) -> Sequence[PlannedEntry]:
        return [entry for workload in self.workloads for entry in workload.entries]

    @property
    def seconds(self) -> float:
        """Of what is known."""
        return _seconds(self.entries)

    @property
    def unknown(self) -> int:
        """Programs of which nobody knows how long they take."""
        return sum(entry.seconds is None for entry in self.entries)


def planned(workload: Workload, entries: Sequence[Entry], size: int, rounds: int, budget: Budget,
            known: KnownTimes) -> PlannedWorkload:
    its = workload.rounds or rounds
    return PlannedWorkload(workload, size, its, [_entry(workload, each, its, budget, known(each)) for each in entries])


def _entry(workload: Workload, entry: Entry, rounds: int, budget: Budget, seconds: float | None) -> PlannedEntry:
    if seconds is None:
        return PlannedEntry(entry, rounds, None)
    runs = next((runs for runs in range(1, rounds)
                 if not budget.allows(workload, entry.contender, [seconds] * runs)), rounds)
    return PlannedEntry(entry, runs, runs * seconds)


def text(plan: Plan) -> str:
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield (f"plan; programs that pinfold is not compared with end where another run would take them past "
           f"{plan.budget.seconds:g} s:")
    width = max((len(each.workload.name) for each in plan.workloads), default=0)
    for each in plan.workloads:
        runs = sum(entry.runs for entry in each.entries)
        yield (f"  {each.workload.name:{width}}  {len(each.entries):3} programs, {runs:3} runs, "
               f"{_duration(each.entries)}{_fewer(each)}")
    if len(plan.workloads) > 1:
        runs = sum(entry.runs for entry in plan.entries)
        yield f"  {'all':{width}}  {len(plan.entries):3} programs, {runs:3} runs, {_duration(plan.entries)}"


def _fewer(planned: PlannedWorkload) -> str:
    few = [f"{each.entry.contender} with {each.entry.workers}: {each.runs}"
           for each in planned.entries if each.runs < planned.rounds]
    return f"; fewer runs: {', '.join(few)}" if few else ""


def _duration(entries: Sequence[PlannedEntry]) -> str:
    unknown = sum(entry.seconds is None for entry in entries)
    if unknown == len(entries):
        return "time not known"
    also = f", and {unknown} programs whose time is not known" if unknown else ""
    return f"about {minutes(_seconds(entries))}{also}"


def _seconds(entries: Sequence[PlannedEntry]) -> float:
    return sum(entry.seconds or 0.0 for entry in entries)


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"
