"""Gives every core expression its CPUs: explicit cores first, then take, then rest, each in declared order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.core_sets import CoreSets, Phase, analyse
from codegen.cores import Expression, Term, format_cpus
from codegen.declarations import Declarations, PoolTable
from codegen.diagnostics import Note, Problems, counted
from codegen.source import Place

Selection = dict[int, Place]  # CPUs in order, each with the innermost term that selects it


@dataclass(frozen=True)
class Claim:
    """The cores of one pool. `missing` says why an optional pool cannot have them."""

    cpus: tuple[int, ...]
    missing: str | None = None


@dataclass(frozen=True)
class Placement:
    """None stands for an expression that is faulty, and that is reported."""

    cpuset: tuple[int, ...] | None
    process_cores: tuple[int, ...] | None
    pools: Mapping[tuple[str, str], Claim | None]  # by kind and name; enabled pools with cores
    core_sets: Mapping[str, tuple[int, ...]]


def place(declared: Declarations, problems: Problems) -> Placement:
    return _Placer(declared, problems).placement()


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

    def __init__(self, term: Term, where: Place, left: int) -> None:
        super().__init__(f"needs {counted(term.count, 'unclaimed core')}; the cpuset has {left}")
        self.where = where


class _Placer:
    def __init__(self, declared: Declarations, problems: Problems) -> None:
        self.declared = declared
        self.problems = problems
        self.sets: CoreSets = analyse(declared, problems)
        self.explicit_parts: dict[str, Selection] = {}  # of each set, take and rest left out
        self.set_values: dict[str, Selection] = {}  # explicit sets at once, the others when first used
        self.empty_sets: set[str] = set()
        self.claimed: set[int] = set()
        self.cpuset: tuple[int, ...] | None = None
        self.allowed: frozenset[int] = frozenset()  # the cpuset, to look up in

    def placement(self) -> Placement:
        self._evaluate_explicit_sets()
        self.cpuset = self._cpuset()
        self.allowed = frozenset(self.cpuset or ())
        claims = self._claims()
        process = next((claim for claimant, claim in claims if claimant.pool is None), None)
        return Placement(
            self.cpuset,
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
                        self._report_empty(expression)
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
            self.problems.add("PF025", expression.place, "the cpuset itself cannot take or rest on unclaimed cores")
            return None
        cpus = tuple(self._select(expression))
        if not cpus:
            self._report_empty(expression)
        return cpus or None

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
            self.problems.add("PF026", shortage.where, str(shortage), notes=[self._cpuset_note()])
            return None
        if not selected:
            if claimant.optional and self.sets.phase(expression) > Phase.EXPLICIT:
                return Claim((), "needs an unclaimed core; none is left")
            self._report_empty(expression)
            return None
        outside = self._outside(selected)
        if not outside:
            self.claimed |= selected.keys()
            return Claim(tuple(selected))
        if claimant.optional:
            noun = "core" if len(outside) == 1 else "cores"
            return Claim((), f"needs {noun} {format_cpus(outside)}; the cpuset has {format_cpus(self.cpuset or ())}")
        self._report_outside(claimant, {cpu: selected[cpu] for cpu in outside})
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
        if term.form == "set":
            return self.explicit_parts[term.name] if explicit_only else self._set_value(term.name)
        if explicit_only:
            return {}
        left = [cpu for cpu in self.cpuset or () if cpu not in self.claimed and cpu not in selected]
        if term.form == "rest":
            return dict.fromkeys(left, where)
        if len(left) < term.count:
            raise _Shortage(term, where, len(left))
        return dict.fromkeys(left[:term.count], where)

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
                    self.problems.add("PF026", shortage.where, str(shortage), notes=[self._cpuset_note()])
        return values

    def _outside(self, cpus: Iterable[int]) -> list[int]:
        return [] if self.cpuset is None else [cpu for cpu in cpus if cpu not in self.allowed]

    def _cpuset_note(self) -> Note:
        return Note(f"the cpuset is {format_cpus(self.cpuset or ())}", self.declared.process.at("cpuset"))

    def _report_empty(self, expression: Expression) -> None:
        dynamic = any(term.form in ("take", "rest") for term in expression.terms)
        self.problems.add("PF023", expression.place,
                          "no core of the cpuset is unclaimed" if dynamic else "the expression selects no core",
                          help=None if dynamic else "terms apply from left to right: '0-7,!3' is all of 0-7 but 3")

    def _report_outside(self, claimant: _Claimant, origins: Selection) -> None:
        """One problem for each term that selects cores outside, however many pools use it."""
        by_term: dict[Place, list[int]] = {}
        for cpu, where in origins.items():
            by_term.setdefault(where, []).append(cpu)
        for where, cpus in by_term.items():
            noun = "core" if len(cpus) == 1 else "cores"
            verb = "is" if len(cpus) == 1 else "are"
            notes = [self._cpuset_note()]
            if where not in claimant.expression.term_places:
                notes.insert(0, Note(f"{claimant.user} uses the set", claimant.expression.place))
            self.problems.add("PF024", where, f"{noun} {format_cpus(cpus)} {verb} outside the cpuset", notes=notes)
