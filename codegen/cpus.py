"""CPUs by their numbers."""

from __future__ import annotations

from collections.abc import Iterable

Cpus = tuple[int, ...]  # ascending


def ascending(cpus: Iterable[int]) -> Cpus:
    return tuple(sorted(set(cpus)))
