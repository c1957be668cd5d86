"""The resolved topology as JSON data: topology.json, and the ELF note of every binary that links it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from codegen import version
from codegen.machine.model import Cpu
from codegen.model import KINDS, Origin, Topology

FORMAT = 1

_encode = json.JSONEncoder().encode


def of(topology: Topology) -> dict[str, object]:
    return {"format": FORMAT, "pinfold": version.text(), "kinds": kinds(topology), **_members(topology)}


def compact(topology: Topology) -> str:
    return json.dumps(of(topology), separators=(",", ":"))


def readable(topology: Topology) -> str:
    return _laid_out(of(topology), "\n") + "\n"


def _laid_out(value: object, margin: str) -> str:
    """Indented, but for what holds plain values only: that is on one line."""
    inner = margin + "  "
    if isinstance(value, dict) and _nests(value.values()):
        items = [f"{_encode(key)}: {_laid_out(item, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{margin}}}"
    if isinstance(value, list) and _nests(value):
        return f"[{inner}{f',{inner}'.join(_laid_out(item, inner) for item in value)}{margin}]"
    return _encode(value)


def _nests(values: Iterable[object]) -> bool:
    return any(isinstance(value, (dict, list)) and value for value in values)


def kinds(topology: Topology) -> list[str]:
    """The kinds that have a pool: the back ends that the program needs."""
    return [kind for kind in KINDS if any(pool.kind == kind for pool in topology.pools)]


def _members(value: Any) -> dict[str, object]:
    return {name: _plain(getattr(value, name)) for name in type(value).__dataclass_fields__}


def _plain(value: object) -> object:
    if value is None or isinstance(value, (str, int)):  # most are
        return value
    if isinstance(value, Cpu):
        return [value.index, value.core, value.package, value.node, value.cache, value.kind, int(value.allowed)]
    if isinstance(value, Origin):
        return {key: item for key, item in _members(value).items() if item}
    if is_dataclass(value):
        return _members(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if not _says_nothing(item)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _says_nothing(value: object) -> bool:
    """A plain default needs no origin."""
    return isinstance(value, Origin) and value.layer == "default" and not value.note
