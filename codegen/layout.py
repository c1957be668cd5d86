"""A resolved topology as what diff compares: read from its JSON document, whether just resolved or from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codegen import document, provenance
from codegen.model import Origin, Topology

Value = Any  # a JSON value

_TOPOLOGY = ("name", "undeclared", "on_failure")
_NOT_COMPARED = ("kind", "name", "identifier", "origin", "origins", "cores_text")


class NotADocument(Exception):
    """The text is no topology.json of this version's format."""


@dataclass(frozen=True)
class Table:
    """Keys with their values, and in words where each came from."""

    values: Mapping[str, Value]
    sources: Mapping[str, str]

    def source(self, key: str) -> str:
        return self.sources.get(key, "default")


@dataclass(frozen=True)
class Layout:
    topology: Table
    process: Table
    core_sets: Mapping[str, Value]
    pools: Mapping[str, Table]  # by "kind.name", in the order of start
    places: Mapping[str, str]  # of the pools' tables
    names: Mapping[str, str]  # of every name, the pool that it leads to
    absent: Mapping[str, str]  # why a declared pool does not exist


def of(topology: Topology) -> Layout:
    return _layout(json.loads(document.compact(topology)))


def parse(text: str) -> Layout:
    """Raises NotADocument."""
    try:
        found = json.loads(text)
        if found["format"] != document.FORMAT:
            raise NotADocument(f"format {found['format']!r:.20}; this version reads {document.FORMAT}")
        return _layout(found)
    except (ValueError, RecursionError):
        raise NotADocument("not JSON") from None
    except (AttributeError, IndexError, KeyError, TypeError):
        raise NotADocument("not a topology.json that pinfold generate wrote") from None


def _layout(found: Mapping[str, Any]) -> Layout:
    pools = {_label(pool): pool for pool in found["pools"]}
    labels = list(pools)
    lists = [*found["core_sets"].values(), *(pool["cores"] for pool in pools.values()),
             *(found["process"][key] or () for key in ("cpuset", "cores"))]
    if not all(isinstance(cpu, int) for cpus in lists for cpu in cpus):
        raise TypeError("a list of CPUs holds something else")
    return Layout(
        topology=_table(found, {key: found[key] for key in _TOPOLOGY}),
        process=_table(found["process"], {key: value for key, value in found["process"].items() if key != "origins"}),
        core_sets=dict(found["core_sets"]),
        pools={label: _table(pool, {key: value for key, value in pool.items() if key not in _NOT_COMPARED})
               for label, pool in pools.items()},
        places={label: _words(pool["origin"]) for label, pool in pools.items()},
        names={_label(name): labels[name["pool"]] for name in found["names"]},
        absent={_label(pool): str(pool["reason"]) for pool in found["absent"]},
    )


def _table(holder: Mapping[str, Any], values: Mapping[str, Value]) -> Table:
    return Table(values, {key: _words(origin) for key, origin in holder["origins"].items()})


def _label(entry: Mapping[str, Any]) -> str:
    return f"{entry['kind']}.{entry['name']}"


def _words(origin: Mapping[str, Any]) -> str:
    found = Origin(**origin)
    return str(provenance.place(found) or found.note or "default")
