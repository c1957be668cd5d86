"""What suite.json says: the workloads, their contenders and sizes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SUITE = Path(__file__).parent.parent / "suite.json"


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    contenders: tuple[str, ...]
    size: int
    quick: int  # a size that takes less than a second
    workers: tuple[int, ...] = ()  # the only numbers of workers that it has; empty: any

    def contender_workers(self, contender: str, asked: tuple[int, ...]) -> tuple[int, ...]:
        """With how many workers a contender runs: a serial program has one, whatever was asked for."""
        if contender == "serial":
            return (1,)
        return self.workers or asked


def load(file: Path = SUITE) -> Mapping[str, Workload]:
    """In the order of the file."""
    return {
        name: Workload(
            name,
            table["about"],
            tuple(table["contenders"]),
            table["size"],
            table["quick"],
            tuple(table.get("workers", ())),
        )
        for name, table in json.loads(file.read_text(encoding="utf-8")).items()
    }
