"""Follows aliases and fallbacks: from every name of a kind to the pool that it leads to."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass

from codegen.declarations import Declarations
from codegen.diagnostics import Note, Problems, closest, listed, quoted
from codegen.model import KINDS
from codegen.source import Place

_MOST_SEARCHES = 100

Key = tuple[str, str]  # kind, name


@dataclass(frozen=True)
class Link:
    """From an alias to its target, or from a pool to its fallback."""

    kind: str
    name: str
    target: str
    place: Place
    is_alias: bool

    @property
    def leads_to(self) -> Key:
        return (self.kind, self.target)


@dataclass(frozen=True)
class Links:
    """Links between names that exist, without those in cycles."""

    links: Mapping[Key, Link]

    def end(self, key: Key, present: Container[Key]) -> Key:
        """The pool that a name leads to, or the name where its chain breaks off."""
        while key not in present and key in self.links:
            key = self.links[key].leads_to
        return key


def follow(declared: Declarations, problems: Problems) -> Links:
    written = _written(declared)
    names = {(pool.kind, pool.name) for pool in declared.pools}
    names |= {(alias.kind, alias.name) for alias in declared.aliases}
    known: dict[Key, Link] = {}
    undeclared = _Undeclared(names, declared, problems)
    for key, link in written.items():
        if link.leads_to in names:
            known[key] = link
        elif not declared.incomplete:
            undeclared.report(link)
    for key in _report_cycles(known, problems):
        del known[key]
    return Links(known)


def _written(declared: Declarations) -> dict[Key, Link]:
    found: dict[Key, Link] = {}
    for pool in declared.pools:
        if pool.section.wrote("fallback"):
            target = pool.section.text("fallback")
            found[(pool.kind, pool.name)] = Link(pool.kind, pool.name, target, pool.section.at("fallback"), False)
    pools = {(pool.kind, pool.name) for pool in declared.pools}
    for alias in declared.aliases:
        key = (alias.kind, alias.name)
        if alias.target is not None and key not in pools:  # else it is reported as declared twice, and the pool stands
            found[key] = Link(alias.kind, alias.name, alias.target, alias.place, True)
    return found


class _Undeclared:
    """Reports names that lead to what nobody declares. The search for a name that is near to one is slow: it is made
    once for each, and not for very many.
    """

    def __init__(self, names: Collection[Key], declared: Declarations, problems: Problems) -> None:
        self._problems = problems
        self._names = names
        self._of_kind = {kind: [name for its, name in names if its == kind] for kind in KINDS}
        self._pools = {kind: [pool.name for pool in declared.pools if pool.kind == kind] for kind in KINDS}
        self._near: dict[Key, str | None] = {}

    def report(self, link: Link) -> None:
        pools = self._pools[link.kind]
        verb = "is an alias of" if link.is_alias else "falls back to"
        noun = "name" if link.is_alias else "pool"
        self._problems.add(
            "PF015" if link.is_alias else "PF014", link.place,
            f"{noun} {quoted(link.name)} {verb} undeclared pool {quoted(link.target)}",
            notes=[Note(f"declared {link.kind} pools: {listed(pools)}" if pools
                        else f"no {link.kind} pool is declared")],
            help=self._advice(link))

    def _advice(self, link: Link) -> str:
        if near := self._near_to(link):
            return f"did you mean {quoted(near)}?"
        elsewhere = [kind for kind in KINDS if (kind, link.target) in self._names]
        if elsewhere:
            return f"[{elsewhere[0]}.{link.target}] is of another kind; names lead to pools of their own kind only"
        return "declare the pool, or name one that is declared"

    def _near_to(self, link: Link) -> str | None:
        if link.leads_to not in self._near and len(self._near) < _MOST_SEARCHES:
            self._near[link.leads_to] = closest(link.target, self._of_kind[link.kind])
        near = self._near.get(link.leads_to)
        if near == link.name:
            return closest(link.target, [name for name in self._of_kind[link.kind] if name != link.name])
        return near


def _report_cycles(known: Mapping[Key, Link], problems: Problems) -> list[Key]:
    """The names in cycles."""
    cyclic: list[Key] = []
    visited: set[Key] = set()
    for start in known:
        path: list[Key] = []
        key = start
        while key in known and key not in visited:
            visited.add(key)
            path.append(key)
            key = known[key].leads_to
        if key not in path:
            continue
        cycle = path[path.index(key):]
        first = min((known[member] for member in cycle), key=lambda link: link.place.order)
        cyclic += cycle
        verb = "is an alias of" if first.is_alias else "falls back to"
        if len(cycle) == 1:
            problems.add("PF016", first.place, f"{quoted(first.name)} {verb} itself",
                         help="name another pool, or remove the key")
        else:
            begin = cycle.index((first.kind, first.name))
            turned = [*cycle[begin:], *cycle[:begin], cycle[begin]]
            chain = " -> ".join(name for _, name in turned[:12])
            problems.add("PF016", first.place,
                         f"{quoted(first.name)} {verb} {quoted(first.target)}, which leads back to it",
                         notes=[*(Note(f"then {quoted(known[member].name)} leads to {quoted(known[member].target)}",
                                       known[member].place) for member in turned[1:-1][:8]),
                                Note(f"the cycle: {chain}")],
                         help="let one of these names lead to a pool outside the cycle")
    return cyclic
