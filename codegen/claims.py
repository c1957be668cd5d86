"""Who holds which CPUs. A claim is attempted, and entered as a whole or not at all: one that fails leaves no trace."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from codegen.core_sets import CoreSets
from codegen.cores import Expression, Term
from codegen.declarations import PoolTable
from codegen.diagnostics import Note
from codegen.explicit_cores import ExplicitCores, Selection, apply
from codegen.machine import choice
from codegen.machine.choice import Choice
from codegen.machine.model import Machine
from codegen.source import Place

_MOST_LOOKS = 100  # of a ledger at who holds what: each goes over the whole cpuset


@dataclass(frozen=True, eq=False)
class Claimant:
    expression: Expression
    pool: PoolTable | None  # None: [process] cores

    @property
    def optional(self) -> bool:
        return self.pool is not None and bool(self.pool.section["optional"])

    @property
    def user(self) -> str:
        return self.pool.title if self.pool else "[process] cores"

    @property
    def note(self) -> Note:
        """For a fault in a set that it uses."""
        return Note(f"{self.user} uses the set", self.expression.place)


@dataclass(frozen=True, eq=False)
class Held:
    """Cores of the cpuset by who named or got them first. Nothing where that was looked up too often."""

    by: Mapping[Claimant, Sequence[int]]


@dataclass(frozen=True)
class Supply:
    """What every claim is made from."""

    cpuset: Sequence[int]  # in the order in which CPUs are given out
    machine: Machine | None
    sets: CoreSets
    explicit: ExplicitCores


class Shortage(Exception):
    """Fewer cores are unclaimed than `take` asks for, or none is for a `rest` that would be all of the expression."""

    def __init__(self, term: Term, where: Place, left: int, removed: bool) -> None:
        super().__init__()
        self.term, self.where, self.left = term, where, left
        self.removed = removed  # others are unclaimed, but the expression removes them


class Nothing(Exception):
    """The expression removes all that it selects."""


class Ledger:
    """What is claimed. Cores that several name have several holders; those that take and rest gave out have one."""

    def __init__(self, supply: Supply) -> None:
        self.supply = supply
        self.unclaimed: OrderedDict[int, None] = OrderedDict.fromkeys(supply.cpuset)  # CPUs as they are given out
        self.holders: dict[int, dict[Claimant, None]] = {}  # by CPU, in order
        self._held: Held | None = None  # as long as nothing changes: many may ask
        self._looks = 0
        self.set_values: dict[str, Selection] = {}  # of the sets with take or rest that were used
        self.choices: dict[Place, Choice] = {}  # of take and rest, by their place

    def hold(self, claimant: Claimant, cpus: Iterable[int]) -> None:
        for cpu in cpus:
            self.holders.setdefault(cpu, {})[claimant] = None
            self.unclaimed.pop(cpu, None)
            self._held = None

    def give_back(self, claimant: Claimant, cpus: Iterable[int]) -> bool:
        """Whether any of them is now held by nobody: then the ledger is of no use any more."""
        for cpu in cpus:
            del self.holders[cpu][claimant]
            self._held = None
        return not all(self.holders[cpu] for cpu in cpus)

    def held(self) -> Held:
        """Now: for a claimant that cannot be served, all other cores."""
        if self._held is None:
            self._looks += 1
            found: dict[Claimant, list[int]] = {}
            for cpu in self.supply.cpuset if self._looks <= _MOST_LOOKS else ():
                if holders := self.holders.get(cpu):
                    found.setdefault(next(iter(holders)), []).append(cpu)
            self._held = Held(found)
        return self._held

    def claim(self, claimant: Claimant) -> Selection:
        """Raises Shortage or Nothing, and then nothing has changed."""
        attempt = _Attempt(self)
        selected = attempt.select(claimant.expression)
        if not selected:
            raise attempt.in_vain or Nothing
        for value in attempt.set_values.values():
            self.hold(claimant, value)
        self.hold(claimant, selected)
        self.set_values.update(attempt.set_values)
        self.choices.update(attempt.choices)
        return selected


class _Attempt:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._supply = ledger.supply
        self.taken: set[int] = set()  # given out, whatever was removed of it later
        self.in_vain: Shortage | None = None  # of a rest
        self.set_values: dict[str, Selection] = {}
        self.choices: dict[Place, Choice] = {}

    def select(self, expression: Expression) -> Selection:
        gives_out = any(term.form in ("take", "rest") for term in expression.terms)
        removed = self._supply.explicit.removed_by(expression) if gives_out else frozenset()
        selected: Selection = {}
        for term, where in zip(expression.terms, expression.term_places):
            if term.form in ("take", "rest"):
                found = self._give_out(term, where, selected, removed)
            elif term.form == "set":
                found = self._set_value(term.name)
            else:
                found = self._supply.explicit.of_term(term, where)
            apply(term, found, selected)
        return selected

    def _give_out(self, term: Term, where: Place, selected: Selection, removed: Container[int]) -> Selection:
        """None that a term of the same expression removes: what is asked for is what is had."""
        machine = self._supply.machine
        enough = term.count if term.form == "take" and machine is None else None  # to choose among
        left = list(islice((cpu for cpu in self._unclaimed(selected) if cpu not in removed), enough))
        if len(left) < max(term.count, 1):
            others = any(cpu in removed for cpu in self._unclaimed(selected))
            shortage = Shortage(term, where, len(left), others)
            if term.form == "take":
                raise shortage
            self.in_vain = shortage
            return {}
        given = tuple(left)
        if machine:
            own = [cpu for cpu in selected if cpu in machine.by_index]
            chosen = (choice.take(machine, left, term.count, own) if term.form == "take"
                      else choice.rest(machine, left, own))
            self.choices[where] = chosen
            given = chosen.cpus
        self.taken.update(given)
        return dict.fromkeys(given, where)

    def _unclaimed(self, selected: Selection) -> Iterator[int]:
        return (cpu for cpu in self._ledger.unclaimed if cpu not in self.taken and cpu not in selected)

    def _set_value(self, name: str) -> Selection:
        """A set that takes or rests is one claim: of whoever uses it first, and shared by those who do later."""
        sets = self._supply.sets
        if self._known(name) is None:
            needed = sets.used_by(sets.expression(name)) | {name}
            for inner in sets.phases:  # each after those that it uses
                if inner in needed and self._known(inner) is None:
                    self.set_values[inner] = self.select(sets.expression(inner))
        found = self._known(name)
        assert found is not None
        return found

    def _known(self, name: str) -> Selection | None:
        if self._supply.sets.is_explicit(name):
            return self._supply.explicit.of_sets[name]
        return self.set_values.get(name, self._ledger.set_values.get(name))
