"""The order of the runs, and what they gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.runner.contender import ContenderFailed, Entry, Sample


@dataclass
class Results:
    samples: dict[Entry, list[Sample]] = field(default_factory=dict)  # in the order of the first round
    failures: dict[Entry, str] = field(default_factory=dict)


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
) -> Results:
    """Whoever fails once is not run again and has no samples; the others go on."""
    results = Results()
    for turn, entry in schedule(entries, rounds):
        if entry in results.failures:
            continue
        progress(turn, entry)
        try:
            results.samples.setdefault(entry, []).append(measure(entry))
        except ContenderFailed as failure:
            results.failures[entry] = str(failure)
            results.samples.pop(entry, None)
    return results
