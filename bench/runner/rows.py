"""From samples to the rows of the tables and the JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench.runner.contender import Entry, Sample
from bench.runner.metrics import METRICS, Metric
from bench.runner.suite import NOTHING_ELSE, Against


@dataclass(frozen=True)
class Row:
    workload: str
    contender: str
    workers: int
    metric: str
    unit: str
    median: float
    min: float
    max: float
    runs: int
    ratio_to_tbb: float | None  # of the medians, with as many workers
    ratio_to_serial: float | None  # to the serial program's one
    ratio_to: Mapping[str, float] = field(default_factory=dict)  # to those that the workload compares it with


def rows_of(samples: Mapping[Entry, Sequence[Sample]], against: Against = NOTHING_ELSE) -> list[Row]:
    """By metric, then in the order of `samples`. All entries are of one workload."""
    return [row for metric in METRICS.values() for row in _rows(metric, samples, against)]


def _rows(metric: Metric, samples: Mapping[Entry, Sequence[Sample]], against: Against) -> Iterator[Row]:
    values = {entry: [sample[metric] for sample in its] for entry, its in samples.items() if metric in its[0]}
    medians = {(entry.contender, entry.workers): statistics.median(its) for entry, its in values.items()}

    def ratio(median: float, base: float | None) -> float | None:
        return median / base if base else None

    for entry, its in values.items():
        median = medians[entry.contender, entry.workers]
        yield Row(
            entry.workload,
            entry.contender,
            entry.workers,
            metric.name,
            metric.unit,
            median,
            min(its),
            max(its),
            len(its),
            ratio(median, medians.get(("tbb", entry.workers))),
            ratio(median, medians.get(("serial", 1))),
            {
                base: found
                for base in against.get(entry.contender, ())
                if (found := ratio(median, medians.get((base, entry.workers)))) is not None
            },
        )
