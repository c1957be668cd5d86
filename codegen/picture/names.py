"""The names of every kind as trees: pools, and under each what leads to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen import cxx, provenance
from codegen.model import Name, Topology

_Leading = Mapping[tuple[str, str], Sequence[tuple[Name, str]]]  # by kind and target, names with why they lead there


@dataclass(frozen=True)
class Branch:
    label: str
    note: str  # what it is, and why
    pool: int | None  # that it is, not that it leads to
    inner: tuple[Branch, ...] = ()


def trees(topology: Topology) -> tuple[Branch, ...]:
    """One a kind that has a name."""
    kinds = dict.fromkeys(name.kind for name in topology.names)
    leading = _leading(topology)
    return (*(_kind(kind, topology, leading) for kind in kinds), *_lost(topology))


def _kind(kind: str, topology: Topology, leading: _Leading) -> Branch:
    inner = tuple(
        Branch(pool.name, _of_pool(topology, index), index, tuple(_leading_to(kind, pool.name, leading)))
        for index, pool in enumerate(topology.pools) if pool.kind == kind)
    return Branch(kind, "", None, inner)


def _leading(topology: Topology) -> _Leading:
    reasons = provenance.reasons(topology)
    found: defaultdict[tuple[str, str], list[tuple[Name, str]]] = defaultdict(list)
    for name in topology.names:
        if name.how != "declared":
            found[name.kind, name.target].append((name, cxx.shown(provenance.of_name(name, reasons))))
    return found


def _of_pool(topology: Topology, index: int) -> str:
    pool = topology.pools[index]
    if pool.name == "default" and topology.undeclared == "fallback":
        return f"and every name of {pool.kind} that nobody declared"
    return ""


def _leading_to(kind: str, target: str, leading: _Leading) -> Iterator[Branch]:
    """Ends: a name has one target, no pool's name leads elsewhere, and chains.MOST_STEPS lead to a pool."""
    for name, note in leading.get((kind, target), ()):
        yield Branch(name.name, note, None, tuple(_leading_to(kind, name.name, leading)))


def _lost(topology: Topology) -> tuple[Branch, ...]:
    """Pools that are absent and have none in their place."""
    bound = {(name.kind, name.name) for name in topology.names}
    found = tuple(
        Branch(provenance.label(entry), cxx.shown(entry.reason), None)
        for entry in topology.absent if (entry.kind, entry.name) not in bound)
    return (Branch("no pool", "lookups get the default of their kind, where it has one", None, found),) if found else ()
