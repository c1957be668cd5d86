"""How long runs took when the published figures were taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bench.runner.build import ROOT
from bench.runner.contender import Entry
from bench.runner.document import known_as

PUBLISHED = ROOT / "docs/benchmarks/figures.json"

KnownTimes = Callable[[Entry], float | None]  # seconds of one run with its warm-up; None: nobody knows


def read(file: Path = PUBLISHED) -> KnownTimes:
    """Without the file nothing is known."""
    workloads = json.loads(file.read_text(encoding="utf-8"))["workloads"] if file.exists() else {}

    def known(entry: Entry) -> float | None:
        its = workloads.get(entry.workload)
        if its is None or its["size"] != entry.size:
            return None
        seconds = its["process_seconds"].get(known_as(entry))
        return None if seconds is None else float(seconds)

    return known
