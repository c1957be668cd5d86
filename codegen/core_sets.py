"""Reads the web of core sets: which sets and expressions have a value, in which order, and which must claim cores.

Names of sets are checked wherever they stand. Whether there is something to take from or to look up in is asked only
for what is in use: [process], the enabled pools, and the sets that these need.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from codegen import core_extent
from codegen.cores import Expression, Term
from codegen.declarations import CoreSet, Declarations
from codegen.diagnostics import Note, Problems, listed, quoted
from codegen.machine.hardware import Hardware
from codegen.near_names import NearNames
from codegen.source import Place


class Phase(IntEnum):
    """When an expression claims its cores: those with the weaker wishes later."""

    EXPLICIT = 0
    TAKE = 1
    REST = 2


@dataclass(frozen=True)
class CoreSets:
    """The sets that have a value, each after those that it uses. All others are reported."""

    sets: Mapping[str, CoreSet]
    phases: Mapping[str, Phase]
    locations: Collection[str]  # known, whether the machine has them or not
    excessive: bool = False  # no expression is to be gone through: all together they name too many CPUs

    def usable(self, expression: Expression) -> bool:
        return not self.excessive and all(
            term.name in {"set": self.phases, "hw": self.locations}.get(term.form, (term.name,))
            for term in expression.terms)

    def expression(self, name: str) -> Expression:
        """Of a set that has a value."""
        found = self.sets[name].expression
        assert found is not None
        return found

    def is_explicit(self, name: str) -> bool:
        return self.phases[name] == Phase.EXPLICIT

    def phase(self, expression: Expression) -> Phase:
        """Of a usable expression."""
        return max((self._phase(term) for term in expression.terms), default=Phase.EXPLICIT)

    def _phase(self, term: Term) -> Phase:
        if term.form == "set":
            return self.phases[term.name]
        return {"take": Phase.TAKE, "rest": Phase.REST}.get(term.form, Phase.EXPLICIT)

    def used_by(self, expression: Expression) -> set[str]:
        """Every set that the expression needs, directly or not."""
        return _needed_by([expression], self.sets)

    def terms(self, expression: Expression) -> Iterator[tuple[Term, Place]]:
        """Those of the expression and of every set that it needs."""
        for each in (expression, *map(self.expression, self.used_by(expression))):
            yield from zip(each.terms, each.term_places)


def _needed_by(expressions: Iterable[Expression], sets: Mapping[str, CoreSet]) -> set[str]:
    found: set[str] = set()
    waiting = list(expressions)
    while waiting:
        for term in waiting.pop().terms:
            if term.form == "set" and term.name in sets and term.name not in found:
                found.add(term.name)
                inner = sets[term.name].expression
                if inner is not None:
                    waiting.append(inner)
    return found


def analyse(declared: Declarations, hardware: Hardware, problems: Problems) -> CoreSets:
    return _Analysis(declared, hardware, problems).result()


class _Analysis:
    def __init__(self, declared: Declarations, hardware: Hardware, problems: Problems) -> None:
        self.declared = declared
        self.hardware = hardware
        self.problems = problems
        self.sets = declared.core_sets
        self.near = NearNames(self.sets)
        self.has_machine = hardware.machine is not None or hardware.faulty
        self.has_cpuset = (declared.process.wrote("cpuset") or not declared.process.sound("cpuset")
                           or self.has_machine)

    def result(self) -> CoreSets:
        in_use = list(self._in_use())
        needed = _needed_by(in_use, self.sets)
        sound = set()
        for name, core_set in self.sets.items():
            if core_set.expression is not None and self._terms_sound(core_set.expression, name in needed):
                sound.add(name)
        for used in in_use:
            self._terms_sound(used, True)
        for pool in self.declared.pools:
            if not pool.section["enabled"] and (expression := pool.section.expression("cores")):
                self._terms_sound(expression, False)
        phases: dict[str, Phase] = {}
        known = CoreSets(self.sets, phases, {*self.hardware.locations, *self.hardware.missing})
        for name in self._ordered(sound):
            phases[name] = known.phase(known.expression(name))
        ordered = {name: known.expression(name) for name in phases}
        if not core_extent.check(ordered, self._run_on(), self.declared, self.hardware, self.problems):
            return CoreSets(self.sets, {}, (), excessive=True)
        return known

    def _in_use(self) -> Iterator[Expression]:
        process = self.declared.process
        found = [process.expression("cpuset"), process.expression("cores")]
        found += [pool.section.expression("cores") for pool in self.declared.pools if pool.section["enabled"]]
        return (expression for expression in found if expression)

    def _run_on(self) -> Iterator[Expression]:
        """Where pools without cores run, for each of them, too."""
        process = self.declared.process.expression("cores")
        found = [self.declared.process.expression("cpuset"), process]
        found += [pool.section.expression("cores") or process for pool in self.declared.pools
                  if pool.section["enabled"]]
        return (expression for expression in found if expression)

    def _terms_sound(self, expression: Expression, in_use: bool) -> bool:
        return all([self._term_sound(term, where, in_use)
                    for term, where in zip(expression.terms, expression.term_places)])

    def _term_sound(self, term: Term, where: Place, in_use: bool) -> bool:
        if term.form == "set" and term.name not in self.sets:
            if not self.declared.incomplete:
                known = f"core sets: {listed(self.sets)}" if self.sets else "[cores] defines no set"
                self.problems.add("PF021", where, f"unknown core set {quoted(term.name)}",
                                  help=self.near.did_you_mean(term.name) or known)
            return False
        if term.form == "hw" and not self.has_machine:
            if in_use:
                self.problems.add("PF027", where, f"'hw:{term.name}' needs a machine to be looked up in",
                                  help="name one: [topology] machine = \"prod.xml\", a file that lstopo writes")
            return False
        if term.form == "hw":
            return not self.hardware.faulty
        if term.form in ("take", "rest") and not self.has_cpuset:
            if in_use:
                self.problems.add("PF025", where, f"'{term.form}' needs [process] cpuset or a machine to choose from",
                                  help="set it to the CPUs that pools may use: cpuset = \"0-15\"")
            return False
        return True

    def _ordered(self, sound: set[str]) -> list[str]:
        """Sets whose whole chain is sound, each after those that it uses."""
        uses = {name: self._uses(self.sets[name]) for name in self.sets}
        users: dict[str, list[str]] = {name: [] for name in self.sets}
        for name, used in uses.items():
            for other in used:
                users[other].append(name)
        missing = {name: len(used) for name, used in uses.items()}
        ready = [name for name in self.sets if not missing[name]]
        ordered = []
        for name in ready:  # grows while it is walked
            ordered.append(name)
            for user in users[name]:
                missing[user] -= 1
                if not missing[user]:
                    ready.append(user)
        self._report_cycles({name: uses[name] for name in self.sets if missing[name]})
        usable: set[str] = set()
        for name in ordered:
            if name in sound and all(other in usable for other in uses[name]):
                usable.add(name)
        return [name for name in ordered if name in usable]

    def _uses(self, core_set: CoreSet) -> dict[str, Place]:
        """The sets that it names and that exist, each with the first term that does."""
        used: dict[str, Place] = {}
        if core_set.expression:
            for term, where in zip(core_set.expression.terms, core_set.expression.term_places):
                if term.form == "set" and term.name in self.sets:
                    used.setdefault(term.name, where)
        return used

    def _report_cycles(self, tangled: Mapping[str, Mapping[str, Place]]) -> None:
        """Every set in `tangled` uses another one in it, so following them always ends in a cycle."""
        visited: set[str] = set()
        for start in tangled:
            path: list[str] = []
            name = start
            while name not in visited:
                visited.add(name)
                path.append(name)
                name = next(other for other in tangled[name] if other in tangled)
            if name in path:
                cycle = [*path[path.index(name):], name]
                self.problems.add("PF022", tangled[name][cycle[1]], f"core set {quoted(name)} uses itself",
                                  notes=[Note(f"the cycle: {' -> '.join(cycle[:12])}")],
                                  help="write CPU numbers in one of these sets")
