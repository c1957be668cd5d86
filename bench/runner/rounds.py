"""The order of the runs, and what they gave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.runner.contender import ContenderFailed, Entry, Sample


@dataclass
class Results:
    samples: dict[Entry, list[Sample]] = field(default_factory=dict)  # in the order of the first round
    failures: dict[Entry, str] = field(default_factory=dict)
    seconds: dict[Entry, list[float]] = field(default_factory=dict)  # that each run took, with start and warm-up


def schedule(entries: Sequence[Entry], rounds: int) -> Iterator[tuple[int, Entry]]:
    """Everybody once, then everybody again: a change of the machine's mood meets all. Rounds count from 1."""
    for turn in range(1, rounds + 1):
        for entry in entries:
            yield turn, entry


def run(
    entries: Sequence[Entry],
    rounds: int,
    measure: Callable[[Entry], Sample],
    progress: Callable[[int, Entry], None],
    allows: Callable[[Entry, Sequence[float]], bool] = lambda entry, taken: True,
    clock: Callable[[], float] = time.perf_counter,
) -> Results:
    """Whoever fails once is not run again and has no samples; the others go on. `allows` says whether an entry runs
    again, whose runs took so many seconds each."""
    results = Results()
    for turn, entry in schedule(entries, rounds):
        if entry in results.failures or not allows(entry, results.seconds.get(entry, ())):
            continue
        progress(turn, entry)
        start = clock()
        try:
            results.samples.setdefault(entry, []).append(measure(entry))
        except ContenderFailed as failure:
            results.failures[entry] = str(failure)
            results.samples.pop(entry, None)
            results.seconds.pop(entry, None)
        else:
            results.seconds.setdefault(entry, []).append(clock() - start)
    return results
