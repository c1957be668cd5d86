"""The JSON file: {"machine": {...}, "quick": false, "rows": [...], "failed": {...}, "missing": {...}}."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bench.runner.contender import Entry
from bench.runner.rows import Row


def report(
    machine: Mapping[str, str | int],
    rows: Sequence[Row],
    failures: Mapping[Entry, str],
    missing: Mapping[str, str],
    *,
    quick: bool,
) -> str:
    document = {
        "machine": dict(machine),
        "quick": quick,
        "rows": [_row(row) for row in rows],
        "failed": {str(entry): reason for entry, reason in failures.items()},
        "missing": dict(missing),
    }
    return json.dumps(document, indent=2) + "\n"


# A serial program's ratio follows from the rows. Few workloads name contenders to compare with.
def _row(row: Row) -> dict[str, Any]:
    fields = dataclasses.asdict(row)
    del fields["ratio_to_serial"]
    if not row.ratio_to:
        del fields["ratio_to"]
    return fields
