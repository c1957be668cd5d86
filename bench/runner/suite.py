"""What suite.json says: the workloads, their contenders and sizes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

SUITE = Path(__file__).parent.parent / "suite.json"

Against = Mapping[str, Sequence[str]]  # contender -> those that its figures are divided by, beside tbb and serial
NOTHING_ELSE: Against = MappingProxyType({})


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    contenders: tuple[str, ...]
    size: int
    quick: int  # a size that takes less than a second
    workers: tuple[int, ...] = ()  # the only numbers of workers that it has; empty: any
    against: Against = field(default_factory=dict)
    rounds: int | None = None  # where runs do not differ, as many as are enough

    @property
    def compared(self) -> frozenset[str]:
        """pinfold's contenders, and those that its figures are divided by."""
        bases = {base for bases in self.against.values() for base in bases} or {"tbb"}
        return frozenset(each for each in self.contenders
                         if each.startswith("pinfold") or each in self.against or each in bases)

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
            table.get("against", NOTHING_ELSE),
            table.get("rounds"),
        )
        for name, table in json.loads(file.read_text(encoding="utf-8")).items()
    }
