"""One thing to look at on a host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codegen.cores import format_cpus
from codegen.deploying.piece import Reason


@dataclass(frozen=True)
class Question:
    subject: str
    wanted: str
    look: Callable[[], tuple[bool, str]]  # whether it is as wanted, and what is there; raises host.Unreadable
    remedy: str
    why: tuple[Reason, ...]


def listed(cpus: Iterable[int]) -> str:
    return format_cpus(sorted(cpus)) or "none"
