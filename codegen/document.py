"""The resolved topology as JSON data: topology.json, and the ELF note of every binary that links it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from codegen import version
from codegen.machine.model import Cpu
from codegen.model import KINDS, Origin, Topology

FORMAT = 1


def of(topology: Topology) -> dict[str, object]:
    return {"format": FORMAT, "pinfold": version.text(), "kinds": kinds(topology), **_members(topology)}


def compact(topology: Topology) -> str:
    return json.dumps(of(topology), separators=(",", ":"))


def readable(topology: Topology) -> str:
    """Indented, but with lists of numbers on one line."""
    text = json.dumps(of(topology), indent=2)
    return re.sub(r"\[\n[\d,\s]+\]", lambda found: "[" + " ".join(found[0][1:-1].split()) + "]", text) + "\n"


def kinds(topology: Topology) -> list[str]:
    """The kinds that have a pool: the back ends that the program needs."""
    return [kind for kind in KINDS if any(pool.kind == kind for pool in topology.pools)]


def _members(value: Any) -> dict[str, object]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: object) -> object:
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
