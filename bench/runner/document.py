"""The JSON file: machine, rules of the runs, workloads, rows, what failed and what is missing."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.runner.contender import Entry
from bench.runner.rows import Row
from bench.runner.suite import Workload


@dataclass(frozen=True)
class Measured:
    """What was found of a workload."""

    workload: Workload
    size: int
    rounds: int
    rows: Sequence[Row]
    process_seconds: Mapping[Entry, Sequence[float]]  # of each run, with start and warm-up
    failures: Mapping[Entry, str]


def document(
    machine: Mapping[str, str | int],
    measured: Sequence[Measured],
    missing: Mapping[str, str],
    *,
    quick: bool,
    budget_seconds: float,
    seconds: float,
) -> str:
    content = {
        "machine": dict(machine),
        "quick": quick,
        "budget_seconds": budget_seconds,
        "seconds": round(seconds, 1),
        "workloads": {each.workload.name: _workload(each) for each in measured},
        "rows": [_row(row) for each in measured for row in each.rows],
        "failed": {str(entry): reason for each in measured for entry, reason in each.failures.items()},
        "missing": dict(missing),
    }
    return json.dumps(content, indent=2) + "\n"


def _workload(measured: Measured) -> dict[str, Any]:
    return {
        "about": measured.workload.about,
        "size": measured.size,
        "rounds": measured.rounds,
        "against": {name: list(others) for name, others in measured.workload.against.items()},
        "process_seconds": {
            known_as(entry): round(statistics.mean(seconds), 3) for entry, seconds in measured.process_seconds.items()
        },
    }


def known_as(entry: Entry) -> str:
    """What an entry is called inside of its workload."""
    return f"{entry.contender} {entry.workers}"


# A serial program's ratio follows from the rows. Few workloads name contenders to compare with.
def _row(row: Row) -> dict[str, Any]:
    fields = dataclasses.asdict(row)
    del fields["ratio_to_serial"]
    if not row.ratio_to:
        del fields["ratio_to"]
    return fields
