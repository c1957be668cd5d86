"""A resolved topology as what diff compares: its values as JSON has them, and in words where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codegen import document, provenance
from codegen.model import Origin, Pool, Topology

Value = Any  # a JSON value

_TOPOLOGY = ("name", "undeclared", "on_failure", "machine")
_NOT_COMPARED = ("kind", "name", "identifier", "origin", "origins", "cores_text")


@dataclass(frozen=True)
class Table:
    """Keys with their values, and in words where each came from."""

    values: Mapping[str, Value]
    sources: Mapping[str, str]

    def source(self, key: str) -> str:
        """Nothing where there is no such key."""
        return self.sources.get(key, "default") if key in self.values else ""


@dataclass(frozen=True)
class Compared:
    name: str
    topology: Table
    process: Table
    core_sets: Table
    pools: Mapping[str, Table]  # by "kind.name", in the order of start
    places: Mapping[str, str]  # of the pools' tables
    names: Mapping[str, str]  # of every name, the pool that it leads to
    absent: Mapping[str, str]  # why a declared pool does not exist


def of(topology: Topology) -> Compared:
    plain: Any = document.of(topology)
    plain["machine"] = topology.machine and topology.machine.label
    labels = [provenance.label(pool) for pool in topology.pools]
    pools = zip(labels, topology.pools, plain["pools"])
    return Compared(
        name=topology.name,
        topology=_table(topology.origins, {key: plain[key] for key in _TOPOLOGY}),
        process=_table(topology.process.origins,
                       {key: value for key, value in plain["process"].items() if key != "origins"}),
        core_sets=Table(plain["core_sets"], {name: _words(written.origin)
                                             for name, written in topology.written_sets.items()}),
        pools={label: _pool(pool, values, topology) for label, pool, values in pools},
        places={label: _words(pool.origin) for label, pool in zip(labels, topology.pools)},
        names={provenance.label(name): labels[name.pool] for name in topology.names},
        absent={provenance.label(absent): absent.reason for absent in topology.absent},
    )


def _table(origins: Mapping[str, Origin], values: Mapping[str, Value]) -> Table:
    return Table(values, {key: _words(origin) for key, origin in origins.items()})


def _pool(pool: Pool, values: Mapping[str, Value], topology: Topology) -> Table:
    found = _table(pool.origins, {key: value for key, value in values.items() if key not in _NOT_COMPARED})
    sets = [f"{name}: {_words(used.origin)}" for name, used in provenance.sets_of(pool, topology).items()]
    return Table(found.values, {**found.sources, "cores": "; ".join((found.source("cores"), *sets))})


def _words(origin: Origin) -> str:
    return provenance.place(origin) or origin.note or "default"
