"""Follows aliases and fallbacks: from every name of a kind to the pool that it leads to."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass

from codegen import chains
from codegen.declarations import Declarations
from codegen.diagnostics import Note, Problems, listed, quoted
from codegen.model import KINDS
from codegen.near_names import NearNames
from codegen.source import Place

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
    """Links between names that exist, without those in cycles and those with more than chains.MOST_STEPS to go."""

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
    for report in (_report_cycles, _report_long_chains):
        for key in report(known, problems):
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
    """Reports names that lead to what nobody declares."""

    def __init__(self, names: Collection[Key], declared: Declarations, problems: Problems) -> None:
        self._problems = problems
        self._names = names
        self._near = {kind: NearNames([name for its, name in names if its == kind]) for kind in KINDS}
        self._pools = {kind: [pool.name for pool in declared.pools if pool.kind == kind] for kind in KINDS}

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
        if near := self._near[link.kind].to(link.target, but=link.name):
            return f"did you mean {quoted(near)}?"
        elsewhere = [kind for kind in KINDS if (kind, link.target) in self._names]
        if elsewhere:
            return f"[{elsewhere[0]}.{link.target}] is of another kind; names lead to pools of their own kind only"
        return "declare the pool, or name one that is declared"


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


def _report_long_chains(known: Mapping[Key, Link], problems: Problems) -> list[Key]:
    """The names that have too many steps to go, of which those with one too many are reported."""
    steps = chains.steps({key: link.leads_to for key, link in known.items()})
    long = [key for key, count in steps.items() if count > chains.MOST_STEPS]
    for key in long:
        if steps[key] == chains.MOST_STEPS + 1:
            problems.add("PF037", known[key].place, f"{quoted(known[key].name)} leads on over {steps[key]} names;"
                         f" {chains.MOST_STEPS} are the most",
                         help="let it lead to the last of them, or to one that is nearer to it")
    return long
