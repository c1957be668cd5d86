"""What `./dev bench --json` wrote, read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A row of the file."""

    workload: str
    contender: str
    workers: int
    metric: str
    unit: str
    median: float
    min: float
    max: float
    runs: int


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    size: int
    rounds: int
    against: Mapping[str, Sequence[str]]
    figures: Sequence[Figure]

    @property
    def contenders(self) -> Sequence[str]:
        return list(dict.fromkeys(figure.contender for figure in self.figures))

    @property
    def workers(self) -> Sequence[int]:
        return sorted({figure.workers for figure in self.figures})

    def find(self, contender: str, workers: int, metric: str) -> Figure | None:
        return next((each for each in self.figures
                     if (each.contender, each.workers, each.metric) == (contender, workers, metric)), None)


@dataclass(frozen=True)
class Figures:
    machine: Mapping[str, str | int]
    quick: bool
    budget_seconds: float
    seconds: float  # that the whole took, without compiling
    workloads: Sequence[Workload]
    failed: Mapping[str, str]
    missing: Mapping[str, str]


class NotFigures(Exception):
    """Why a file is not what the runner writes; one line."""


def read(file: Path) -> Figures:
    """Raises NotFigures."""
    try:
        return _figures(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise NotFigures(f"cannot read '{file}': {error.strerror}") from error
    except ValueError:
        raise NotFigures(f"'{file}' is no JSON") from None
    except (AttributeError, KeyError, TypeError) as error:
        raise NotFigures(f"'{file}' is not what ./dev bench --json writes: {type(error).__name__} {error}") from error


def _figures(document: Mapping[str, Any]) -> Figures:
    rows = [_figure(row) for row in document["rows"]]
    workloads = [
        Workload(name, its["about"], its["size"], its["rounds"], its["against"],
                 [row for row in rows if row.workload == name])
        for name, its in document["workloads"].items()
    ]
    return Figures(document["machine"], document["quick"], document["budget_seconds"], document["seconds"], workloads,
                   document["failed"], document["missing"])


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(row["workload"], row["contender"], row["workers"], row["metric"], row["unit"], row["median"],
                  row["min"], row["max"], row["runs"])
