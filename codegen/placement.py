"""Gives every core expression its CPUs: explicit cores first, then take, then rest, each in declared order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.core_faults import CoreFaults, Selection
from codegen.core_sets import CoreSets, Phase, analyse
from codegen.cores import Expression, Term, counted_cores, format_cpus
from codegen.declarations import Declarations, PoolTable
from codegen.diagnostics import Note, Problems, counted
from codegen.machine import choice
from codegen.machine.choice import Choice
from codegen.machine.hardware import Hardware
from codegen.source import Place


@dataclass(frozen=True)
class Claim:
    """The cores of one pool. `missing` says why an optional pool cannot have them."""

    cpus: tuple[int, ...]
    missing: str | None = None
    reason: str = ""  # why these, where the machine had a say


@dataclass(frozen=True)
class Placement:
    """None stands for an expression that is faulty, and that is reported."""

    cpuset: tuple[int, ...] | None  # as written
    process_cores: tuple[int, ...] | None
    pools: Mapping[tuple[str, str], Claim | None]  # by kind and name; enabled pools with cores
    core_sets: Mapping[str, tuple[int, ...]]


def place(declared: Declarations, hardware: Hardware, problems: Problems) -> Placement:
    return _Placer(declared, hardware, problems).placement()


@dataclass(frozen=True, eq=False)
class _Claimant:
    expression: Expression
    pool: PoolTable | None  # None: [process] cores

    @property
    def optional(self) -> bool:
        return self.pool is not None and bool(self.pool.section["optional"])

    @property
    def user(self) -> str:
        return self.pool.title if self.pool else "[process] cores"


class _Shortage(Exception):
    """There are fewer unclaimed cores than `term` takes."""

    def __init__(self, term: Term, where: Place, left: int, owner: str) -> None:
        super().__init__(f"needs {counted(term.count, 'unclaimed core')}; {owner} has {left}")
        self.where = where


class _Placer:
    def __init__(self, declared: Declarations, hardware: Hardware, problems: Problems) -> None:
        self.declared = declared
        self.hardware = hardware
        self.machine = hardware.machine
        self.problems = problems
        self.faults = CoreFaults(declared, hardware.machine, problems)
        self.sets: CoreSets = analyse(declared, hardware, problems)
        self.choices: dict[Place, Choice] = {}  # of take and rest, by their place
        self.explicit_parts: dict[str, Selection] = {}  # of each set, take and rest left out
        self.set_values: dict[str, Selection] = {}  # explicit sets at once, the others when first used
        self.empty_sets: set[str] = set()
        self.claimed: set[int] = set()
        self.cpuset: tuple[int, ...] | None = None  # or, where it is not written, what the machine has
        self.allowed: frozenset[int] = frozenset()  # the cpuset, to look up in

    def placement(self) -> Placement:
        self._evaluate_explicit_sets()
        written = self.cpuset = self._cpuset()
        if self.machine and not self.declared.process.wrote("cpuset"):
            self.cpuset = self.machine.usable
        self.allowed = frozenset(self.cpuset or ())
        claims = self._claims()
        process = next((claim for claimant, claim in claims if claimant.pool is None), None)
        return Placement(
            written,
            process.cpus if process else None,
            {(item.pool.kind, item.pool.name): claim for item, claim in claims if item.pool},
            self._named_values(),
        )

    def _evaluate_explicit_sets(self) -> None:
        for name, phase in self.sets.phases.items():
            expression = self._set_expression(name)
            value = self.explicit_parts[name] = self._select(expression, explicit_only=True)
            if phase == Phase.EXPLICIT:
                self.set_values[name] = value
                if not value:
                    if self.empty_sets.isdisjoint(self.sets.used_by(expression)):
                        self.faults.empty(expression)
                    self.empty_sets.add(name)

    def _set_expression(self, name: str) -> Expression:
        expression = self.declared.core_sets[name].expression
        assert expression is not None
        return expression

    def _usable(self, expression: Expression) -> bool:
        """False also where a set that it uses is empty: that is reported at the set."""
        return self.sets.usable(expression) and self.empty_sets.isdisjoint(self.sets.used_by(expression))

    def _cpuset(self) -> tuple[int, ...] | None:
        expression = self.declared.process.expression("cpuset")
        if expression is None or not self._usable(expression):
            return None
        if self.sets.phase(expression) > Phase.EXPLICIT:
            self.problems.add("PF025", expression.place, "the cpuset itself cannot take or rest on unclaimed cores",
                              help="list its CPUs: cpuset = \"0-15\"")
            return None
        selected = self._select(expression)
        if not selected:
            self.faults.empty(expression)
        self.faults.missing(selected)
        return tuple(selected) or None

    def _claims(self) -> list[tuple[_Claimant, Claim | None]]:
        claimants = self._claimants()
        usable = [claimant for claimant in claimants if self._usable(claimant.expression)
                  and (self.cpuset or self.sets.phase(claimant.expression) == Phase.EXPLICIT)]
        for claimant in usable:
            explicit = self._select(claimant.expression, explicit_only=True)
            if not (claimant.optional and self._outside(explicit)):
                self.claimed |= explicit.keys()
        done: list[tuple[_Claimant, Claim | None]] = [(item, None) for item in claimants if item not in usable]
        for claimant in sorted(usable, key=lambda item: self.sets.phase(item.expression)):
            done.append((claimant, self._claim(claimant)))
        return done

    def _claimants(self) -> list[_Claimant]:
        """In declared order, [process] cores among the pools by its place."""
        found = []
        for pool in self.declared.pools:
            expression = pool.section.expression("cores")
            if expression is not None and pool.section["enabled"]:
                found.append((pool.name_place, _Claimant(expression, pool)))
        process = self.declared.process.expression("cores")
        if process is not None:
            found.append((self.declared.process.place, _Claimant(process, None)))
        return [claimant for _, claimant in sorted(found, key=lambda item: item[0].order)]

    def _claim(self, claimant: _Claimant) -> Claim | None:
        expression = claimant.expression
        try:
            selected = self._select(expression)
        except _Shortage as shortage:
            if claimant.optional:
                return Claim((), str(shortage))
            self._report(shortage)
            return None
        if not selected:
            if claimant.optional and self.sets.phase(expression) > Phase.EXPLICIT:
                return Claim((), "needs an unclaimed core; none is left")
            self.faults.empty(expression)
            return None
        outside = self._outside(selected)
        if not outside:
            self.claimed |= selected.keys()
            return Claim(tuple(selected), reason=self._reason(selected))
        if claimant.optional:
            has = format_cpus(sorted(self.cpuset or ()))
            return Claim((), f"needs {counted_cores(outside)}; {self.faults.owner} has {has}")
        user = Note(f"{claimant.user} uses the set", expression.place)
        self.faults.outside({cpu: selected[cpu] for cpu in outside}, self.cpuset or (), user, expression)
        return None

    def _select(self, expression: Expression, *, explicit_only: bool = False) -> Selection:
        """The CPUs of a usable expression; with `explicit_only` take and rest select nothing. Raises _Shortage."""
        selected: Selection = {}
        for term, where in zip(expression.terms, expression.term_places):
            for cpu, origin in self._term(term, where, selected, explicit_only).items():
                if term.removes:
                    selected.pop(cpu, None)
                else:
                    selected.setdefault(cpu, origin)
        return selected

    def _term(self, term: Term, where: Place, selected: Selection, explicit_only: bool) -> Selection:
        if term.form == "range":
            return dict.fromkeys(term.cpus, where)
        if term.form == "hw":
            return dict.fromkeys(self.hardware.locations[term.name], where)
        if term.form == "set":
            return self.explicit_parts[term.name] if explicit_only else self._set_value(term.name)
        if explicit_only:
            return {}
        left = [cpu for cpu in self.cpuset or () if cpu not in self.claimed and cpu not in selected]
        if term.form == "take" and len(left) < term.count:
            raise _Shortage(term, where, len(left), self.faults.owner)
        if self.machine and left:
            chosen = (choice.take(self.machine, left, term.count) if term.form == "take"
                      else choice.rest(self.machine, left))
            self.choices[where] = chosen
            return dict.fromkeys(chosen.cpus, where)
        return dict.fromkeys(left if term.form == "rest" else left[:term.count], where)

    def _reason(self, selected: Selection) -> str:
        chosen = (self.choices[where] for where in dict.fromkeys(selected.values()) if where in self.choices)
        return ", ".join(dict.fromkeys(f"{format_cpus(one.cpus)}: {one.reason}" for one in chosen))

    def _set_value(self, name: str) -> Selection:
        """A set that takes or rests claims its cores when it is first used. Raises _Shortage."""
        if name not in self.set_values:
            needed = self.sets.used_by(self._set_expression(name)) | {name}
            for inner in self.sets.phases:
                if inner in needed and inner not in self.set_values:
                    self.set_values[inner] = self._select(self._set_expression(inner))
                    self.claimed |= self.set_values[inner].keys()
        return self.set_values[name]

    def _named_values(self) -> dict[str, tuple[int, ...]]:
        values = {}
        for name in self.declared.core_sets:
            if name in self.set_values or (name in self.sets.phases and self.cpuset):
                try:
                    values[name] = tuple(self._set_value(name))
                except _Shortage as shortage:
                    self._report(shortage)
        return values

    def _report(self, shortage: _Shortage) -> None:
        self.problems.add("PF026", shortage.where, str(shortage), notes=[self.faults.usable_note(self.cpuset or ())],
                          help="take fewer, or claim fewer elsewhere")

    def _outside(self, cpus: Iterable[int]) -> list[int]:
        return [] if self.cpuset is None else [cpu for cpu in cpus if cpu not in self.allowed]
