"""From samples to the rows of the tables and the JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.runner.contender import Entry, Sample
from bench.runner.metrics import METRICS, Metric


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
    ratio_to_tbb: float | None  # of the medians, with as many workers
    ratio_to_serial: float | None  # to the serial program's one


def rows_of(samples: Mapping[Entry, Sequence[Sample]]) -> list[Row]:
    """By metric, then in the order of `samples`. All entries are of one workload."""
    return [row for metric in METRICS.values() for row in _rows(metric, samples)]


def _rows(metric: Metric, samples: Mapping[Entry, Sequence[Sample]]) -> Iterator[Row]:
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
            ratio(median, medians.get(("tbb", entry.workers))),
            ratio(median, medians.get(("serial", 1))),
        )
