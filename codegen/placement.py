"""Gives every core expression its CPUs.

Claimants are the pools that are enabled and [process] cores, each with its expression. What they claim:

1. Explicit cores, all at once. Several claimants may name the same; take and rest give out none of them.
2. Those of take, one claimant after the other: the required ones in declared order, then the optional ones.
3. Those of rest, in the same order.

A claim succeeds as a whole. A required claimant that fails is an error. An optional one that fails is absent, and
nobody could tell from the others' cores that it was declared: where it gives back explicit cores that no other holds,
all claims are made anew without it, up to MOST_CLAIMS in all. A set of [cores] is no claimant: one with take or
rest is claimed by whoever uses it first, and one that no claimant uses claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codegen.claims import Claimant, Held, Ledger, Nothing, Shortage, Supply
from codegen.core_faults import CoreFaults
from codegen.core_sets import CoreSets, Phase, analyse
from codegen.cores import Expression, counted_cores, format_cpus
from codegen.declarations import Declarations
from codegen.diagnostics import Note, Problems
from codegen.explicit_cores import ExplicitCores, Selection
from codegen.machine.hardware import Hardware
from codegen.source import Place

MOST_CLAIMS = 65_536  # all told: optional pools that fail have them made anew


@dataclass(frozen=True)
class Claim:
    """The cores of one pool. `missing` says why an optional pool cannot have them."""

    cpus: tuple[int, ...]
    missing: str | None = None
    reason: str = ""  # why these, where the machine had a say
    unsplit: Mapping[int, int] = field(default_factory=dict)  # by core that a take splits, which take would not


@dataclass(frozen=True)
class Placement:
    """None stands for an expression that is faulty, and that is reported."""

    cpuset: tuple[int, ...] | None  # as written
    process_cores: tuple[int, ...] | None
    pools: Mapping[tuple[str, str], Claim | None]  # by kind and name; enabled pools with cores
    core_sets: Mapping[str, tuple[int, ...]]  # in declared order, those with a value


def place(declared: Declarations, hardware: Hardware, problems: Problems) -> Placement:
    return _Placer(declared, hardware, problems).placement()


@dataclass(frozen=True)
class _Unmet:
    shortage: Shortage
    held: Held  # by others at that time


_Outcome = Claim | _Unmet | Nothing


class _Placer:
    def __init__(self, declared: Declarations, hardware: Hardware, problems: Problems) -> None:
        self.declared = declared
        self.hardware = hardware
        self.machine = hardware.machine
        self.problems = problems
        self.faults = CoreFaults(declared, hardware, problems)
        self.sets: CoreSets = analyse(declared, hardware, problems)
        self.explicit = ExplicitCores(self.sets, hardware.locations)
        self.empty_sets: set[str] = set()  # and those that use one
        self.lacking_sets: set[str] = set()
        self.cpuset: tuple[int, ...] | None = None  # or, where it is not written, what the machine has
        self.allowed: frozenset[int] = frozenset()  # the cpuset, to look up in

    def placement(self) -> Placement:
        self._examine_sets()
        written = self.cpuset = self._cpuset()
        if self.machine and not self.declared.process.wrote("cpuset"):
            self.cpuset = self.machine.usable
        self.allowed = frozenset(self.cpuset or ())
        self.faults.cpuset = self.cpuset or ()
        claimants = self._claimants()
        claims, set_values = self._claims(claimants)
        process = next((claims[claimant] for claimant in claimants if claimant.pool is None), None)
        return Placement(
            written,
            process.cpus if process else None,
            {(item.pool.kind, item.pool.name): claims[item] for item in claimants if item.pool},
            {name: tuple(set_values[name]) for name in self.declared.core_sets if name in set_values},
        )

    def _examine_sets(self) -> None:
        """Finds those with locations that the machine lacks, and reports those that select nothing."""
        for name in self.sets.phases:  # each after those that it uses
            expression = self.sets.expression(name)
            usable = self._usable(expression)
            if self._lacks(expression):
                self.lacking_sets.add(name)
            elif self.sets.is_explicit(name) and not self.explicit.of_sets[name]:
                if usable:
                    self.faults.empty(expression)
                usable = False
            else:
                self._check_removals(expression)
            if not usable:
                self.empty_sets.add(name)

    def _check_removals(self, expression: Expression) -> None:
        """With take or rest in it, a term has its use: they give out nothing that it removes."""
        if self.sets.phase(expression) == Phase.EXPLICIT:
            for where in self.explicit.in_vain(expression):
                self.faults.in_vain(where)

    def _usable(self, expression: Expression) -> bool:
        """False also where a set that it uses is empty: that is reported at the set."""
        return self.sets.usable(expression) and not any(
            term.form == "set" and term.name in self.empty_sets for term in expression.terms)

    def _lacks(self, expression: Expression) -> bool:
        """Whether a usable expression needs locations that the machine does not have."""
        return any(term.name in {"set": self.lacking_sets, "hw": self.hardware.missing}.get(term.form, ())
                   for term in expression.terms)

    def _lacking(self, expression: Expression) -> dict[Place, str]:
        """Those locations, by the terms that name them."""
        return {where: term.name for term, where in self.sets.terms(expression)
                if term.form == "hw" and term.name in self.hardware.missing} if self._lacks(expression) else {}

    def _cpuset(self) -> tuple[int, ...] | None:
        expression = self.declared.process.expression("cpuset")
        if expression is None or not self._usable(expression):
            return None
        if self.sets.phase(expression) > Phase.EXPLICIT:
            self.problems.add("PF025", expression.place, "the cpuset itself cannot take or rest on unclaimed cores",
                              help="list its CPUs: cpuset = \"0-15\"")
            return None
        if lacking := self._lacking(expression):
            self.faults.no_such(lacking, Note("[process] cpuset uses the set", expression.place), expression)
            return None
        selected = self.explicit.of(expression)
        if not selected:
            self.faults.empty(expression)
            return None
        self._check_removals(expression)
        self.faults.missing(selected)
        return tuple(selected)

    def _claimants(self) -> list[Claimant]:
        """In declared order, [process] cores among the pools by its place."""
        found = []
        for pool in self.declared.pools:
            expression = pool.section.expression("cores")
            if expression is not None and pool.section["enabled"]:
                found.append((pool.name_place, Claimant(expression, pool)))
        process = self.declared.process.expression("cores")
        if process is not None:
            found.append((self.declared.process.place, Claimant(process, None)))
        return [claimant for _, claimant in sorted(found, key=lambda item: item[0].order)]

    def _claims(self, claimants: Sequence[Claimant]) -> tuple[dict[Claimant, Claim | None], dict[str, Selection]]:
        """And the values of the sets."""
        found: dict[Claimant, Claim | None] = dict.fromkeys(claimants)
        explicit: dict[Claimant, Selection] = {}
        for claimant in claimants:
            if self._can_claim(claimant):
                if lacking := self._lacking(claimant.expression):
                    found[claimant] = self._without(claimant, lacking)
                    continue
                selected = self.explicit.of(claimant.expression)
                found[claimant] = self._fault_of_explicit(claimant, selected)
                if found[claimant] is None:
                    explicit[claimant] = selected
        outcomes, ledger = self._settle(explicit)
        for claimant, outcome in outcomes.items():
            if isinstance(outcome, Claim):
                found[claimant] = None if self._outside(outcome.cpus) else outcome
                self._check_removals(claimant.expression)
            elif isinstance(outcome, _Unmet):
                self.faults.short(outcome.shortage, outcome.held, claimant.expression)
            else:
                self.faults.empty(claimant.expression)
        return found, {name: value for name, value in self.explicit.of_sets.items()
                       if self.sets.is_explicit(name) and name not in self.lacking_sets} | ledger.set_values

    def _can_claim(self, claimant: Claimant) -> bool:
        return self._usable(claimant.expression) and (
            bool(self.cpuset) or self.sets.phase(claimant.expression) == Phase.EXPLICIT)

    def _without(self, claimant: Claimant, lacking: Mapping[Place, str]) -> Claim | None:
        """Reports locations that the machine does not have; an optional claimant is absent for them."""
        if claimant.optional:
            return Claim((), f"needs hw:{next(iter(lacking.values()))}; the machine has none")
        self.faults.no_such(lacking, claimant.note, claimant.expression)
        return None

    def _fault_of_explicit(self, claimant: Claimant, selected: Selection) -> Claim | None:
        """Reports cores outside of the cpuset; an optional claimant is absent for them."""
        outside = self._outside(selected)
        if outside and claimant.optional:
            return Claim((), f"needs {counted_cores(outside)}; {self.faults.owner} has {self.faults.has}")
        if outside:
            self.faults.outside({cpu: selected[cpu] for cpu in outside}, claimant.note, claimant.expression)
        return None

    def _settle(self, explicit: Mapping[Claimant, Selection]) -> tuple[dict[Claimant, _Outcome], Ledger]:
        """What each claimant gets, given its explicit cores."""
        absent: dict[Claimant, _Outcome] = {}
        # A cpuset with CPUs that the machine lacks is reported: no more than their numbers is known of these.
        described = self.machine and self.allowed <= self.machine.by_index.keys()
        known = self.machine.within(self.allowed) if self.machine and described else None
        supply = Supply(self.cpuset or (), known, self.sets, self.explicit)
        claims = 0
        while True:
            ledger = Ledger(supply)
            present = [claimant for claimant in explicit if claimant not in absent]
            claims += len(present)
            for claimant in present:
                ledger.hold(claimant, explicit[claimant])
            outcomes = {}
            for claimant in sorted(present, key=lambda one: (self.sets.phase(one.expression), one.optional)):
                outcome = self._outcome(claimant, ledger)
                outcomes[claimant] = outcome
                if isinstance(outcome, Claim) and outcome.missing and ledger.give_back(claimant, explicit[claimant]):
                    absent[claimant] = outcome
                    break
            else:
                return outcomes | absent, ledger
            if claims > MOST_CLAIMS:
                self.problems.add("PF039", claimant.expression.place,
                                  f"{len(absent)} optional pools have given back cores that they name by now, and after"
                                  f" each all others claim anew: {claims} claims; {MOST_CLAIMS} are the most",
                                  help="leave out those that this machine is too small for (enabled = false)")
                return outcomes | absent, ledger

    def _outcome(self, claimant: Claimant, ledger: Ledger) -> _Outcome:
        try:
            selected = ledger.claim(claimant)
        except (Shortage, Nothing) as failure:
            failure.with_traceback(None)  # it is kept, and would keep all that the attempt looked at
            if not claimant.optional or self.sets.phase(claimant.expression) == Phase.EXPLICIT:
                return failure if isinstance(failure, Nothing) else _Unmet(failure, ledger.held())
            return Claim((), self.faults.needs(failure) if isinstance(failure, Shortage)
                         else "its terms remove all that they select")
        chosen = [ledger.choices[where] for where in dict.fromkeys(selected.values()) if where in ledger.choices]
        reason = ", ".join(f"{_less(one.cpus, selected)}: {one.reason}" for one in chosen)
        return Claim(tuple(selected), None, reason, {core: one.unsplit for one in chosen for core in one.split})

    def _outside(self, cpus: Iterable[int]) -> list[int]:
        return [] if self.cpuset is None else [cpu for cpu in cpus if cpu not in self.allowed]


def _less(chosen: Sequence[int], selected: Selection) -> str:
    """What a set was given, less what its user removes."""
    removed = [cpu for cpu in chosen if cpu not in selected]
    return format_cpus(chosen) + (f" less {format_cpus(removed)}" if removed else "")
