"""Figures to make a report of, as the runner writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.report import figures
from bench.report.figures import Figures

Row = Mapping[str, Any]

MACHINE = {"cpu": "AMD EPYC", "cores": 2, "virtual": "yes", "governor": "not known", "kernel": "Linux 6.1",
           "compiler": "GNU 12.2.0", "date": "2026-01-02"}


def row(workload: str, contender: str, median: float, *, workers: int = 1, metric: str = "seconds", unit: str = "s",
        spread: float = 0.0, runs: int = 5) -> Row:
    """`spread`: by how much of the median the least and the greatest run differ from it."""
    return {"workload": workload, "contender": contender, "workers": workers, "metric": metric, "unit": unit,
            "median": median, "min": median * (1 - spread), "max": median * (1 + spread), "runs": runs,
            "ratio_to_tbb": None}


def document(
    *rows: Row, against: Mapping[str, Mapping[str, Sequence[str]]] | None = None, **more: Any
) -> dict[str, Any]:
    """`against`: by workload."""
    names = dict.fromkeys(row["workload"] for row in rows)
    return {
        "machine": MACHINE,
        "quick": False,
        "budget_seconds": 40.0,
        "seconds": 1584.0,
        "workloads": {name: {"about": f"what {name} does", "size": 39, "rounds": 5,
                             "against": dict((against or {}).get(name, {})), "process_seconds": {}} for name in names},
        "rows": list(rows),
        "failed": {},
        "missing": {},
        **more,
    }


def file(folder: Path, content: Mapping[str, Any]) -> Path:
    written = folder / "rows.json"
    written.write_text(json.dumps(content), encoding="utf-8")
    return written


def found(folder: Path, content: Mapping[str, Any]) -> Figures:
    return figures.read(file(folder, content))
