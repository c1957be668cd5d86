"""Differences for people: one line a value, old before new, each with where it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from codegen import cxx
from codegen.cores import format_cpus
from codegen.diffing.differences import Change, Differences, Moved, PoolChange
from codegen.diffing.compared import Value

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def text(differences: Differences) -> str:
    sections = (
        ("topology", _table(map(_row, differences.topology))),
        ("process", _table(map(_row, differences.process))),
        ("core sets", _table(map(_row, differences.core_sets))),
        ("pools", [line for pool in differences.pools for line in _pool(pool)]),
        ("order of start", _table(map(_order, differences.order))),
        ("cpus", _table(map(_moved, differences.cpus))),
        ("names", _table(map(_row, differences.names))),
    )
    return "\n".join("".join(f"{line}\n" for line in [title, *(f"  {line}" for line in lines)])
                     for title, lines in sections if lines)


def _row(change: Change) -> tuple[str, str]:
    return change.key, f"{_sourced(change.old, change.old_from)} -> {_sourced(change.new, change.new_from)}"


def _sourced(value: Value, source: str) -> str:
    return f"{_value(value)} ({cxx.shown(source)})" if source else _value(value)


def _value(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return format_cpus(value) or "none"
    return cxx.shown(value) if isinstance(value, str) and value else json.dumps(value)


def _pool(change: PoolChange) -> Iterator[str]:
    sign = _SIGNS[change.change]
    why = f"  {cxx.shown(change.why)}" if change.why else ""
    yield f"{sign} {change.pool}{why}"
    rows = [_row(key) for key in change.keys]
    rows += [("cpus gained", format_cpus(change.gained))] if change.gained else []
    rows += [("cpus lost", format_cpus(change.lost))] if change.lost else []
    yield from (f"    {line}" for line in _table(rows))


def _order(change: Change) -> tuple[str, str]:
    return "pools", f"{', '.join(change.old)} -> {', '.join(change.new)}"


def _moved(moved: Moved) -> tuple[str, str]:
    return f"cpu {format_cpus(moved.cpus)}", f"{_users(moved.old)} -> {_users(moved.new)}"


def _users(pools: Sequence[str]) -> str:
    return ", ".join(pools) or "no pool"


def _table(rows: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> list[str]:
    found = list(rows)
    return cxx.columns(found, gap=2) if found else []
