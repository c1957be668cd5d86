"""What the command line asks of an import."""

from __future__ import annotations

from dataclasses import dataclass

GUESSED_CPUS = 4  # of a machine that nobody tells of


@dataclass(frozen=True)
class Request:
    file: str  # for the comment in the topology: no folder
    name: str | None = None  # of the topology
    rayon: str = "tbb"  # the kind that rayon's pools become
    cpus: int | None = None  # of the machine

    @property
    def other_kind(self) -> str:
        return "native" if self.rayon == "tbb" else "tbb"
