"""What can be wrong with the cores that an expression selects: none, outside the cpuset, not on the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from codegen.claims import Held, Shortage
from codegen.cores import Expression, counted_cores, format_cpus
from codegen.declarations import Declarations
from codegen.diagnostics import Note, Problems, counted, quoted
from codegen.explicit_cores import Selection
from codegen.machine.hardware import Hardware
from codegen.source import Place

_MOST_HOLDERS = 4  # that are named


class CoreFaults:
    """Reports them, once for each term, however many pools use it. What many pools are told is spelled once."""

    def __init__(self, declared: Declarations, hardware: Hardware, problems: Problems) -> None:
        self.cpuset: Sequence[int] = ()  # or all of the machine, as soon as that is known: what pools may use
        self._declared = declared
        self._hardware = hardware
        self._machine = hardware.machine
        self._problems = problems
        self._holders: dict[Held, list[Note]] = {}

    @property
    def owner(self) -> str:
        """Of the CPUs that pools may use."""
        return "the machine" if self._machine and not self._declared.process.wrote("cpuset") else "the cpuset"

    def empty(self, expression: Expression) -> None:
        self._problems.add("PF023", expression.place, "the expression selects no core",
                           help="terms apply from left to right: '0-7,!3' is all of 0-7 but 3")

    @cached_property
    def has(self) -> str:
        """What the owner has of CPUs that pools may use."""
        return format_cpus(sorted(self.cpuset))

    def short(self, shortage: Shortage, held: Held, expression: Expression) -> None:
        """Of the claimant with the expression, while others held these."""
        if shortage.term.form == "rest":
            place = expression.place if shortage.where in expression.term_places else shortage.where
            self._problems.add("PF023", place, f"no core of {self.owner} is unclaimed"
                               + (" but those that the expression removes" if shortage.removed else ""),
                               notes=self._holder_notes(held), help="claim fewer cores elsewhere")
        else:
            self._problems.add("PF026", shortage.where, self.needs(shortage),
                               notes=[self._cpuset_note, *self._holder_notes(held)],
                               help="take fewer, or claim fewer elsewhere" if held.by else "take fewer")

    def needs(self, shortage: Shortage) -> str:
        """What was asked for and what is left; a rest is content with one core."""
        but = " besides those that the expression removes" if shortage.removed else ""
        return f"needs {counted(shortage.term.count or 1, 'unclaimed core')}; {self.owner} has {shortage.left}{but}"

    def in_vain(self, where: Place) -> None:
        self._problems.add("PF057", where, "the term removes nothing: no term before it selects what it removes",
                           help="remove it, or write it behind what it removes from: '0-7,!3' is all of 0-7 but 3")

    def no_such(self, lacking: Mapping[Place, str], user: Note, expression: Expression) -> None:
        """Locations that the machine does not have, by their terms; `user` names who wants them, by `expression`."""
        machine = quoted(self._declared.topology.text("machine"))
        for where, location in lacking.items():
            self._problems.add("PF029", where, f"the machine {machine} has no {quoted(location)}",
                               notes=[] if where in expression.term_places else [user],
                               help=self._hardware.missing[location])

    def outside(self, selected: Selection, user: Note, expression: Expression) -> None:
        """`selected` are cores that are not among the usable ones; `user` names who wants them, by `expression`."""
        for where, cpus in _by_term(selected).items():
            notes = [] if where in expression.term_places else [user]
            if self.owner == "the machine":
                self.missing(dict.fromkeys(cpus, where), notes)
            else:
                verb = "is" if len(cpus) == 1 else "are"
                self._problems.add("PF024", where, f"{counted_cores(cpus)} {verb} outside the cpuset",
                                   notes=[*notes, self._cpuset_note],
                                   help="use other cores, or add them to [process] cpuset")

    def missing(self, selected: Selection, notes: Sequence[Note] = ()) -> None:
        """Those of the selected cores that no process can use on the machine."""
        if self._machine is None:
            return
        by_state: dict[tuple[Place, str], list[int]] = {}
        for cpu, where in selected.items():
            by_state.setdefault((where, self._machine.state(cpu)), []).append(cpu)
        for (where, state), cpus in by_state.items():
            if state == "usable":
                continue
            cores = counted_cores(cpus)
            verb = "is" if len(cpus) == 1 else "are"
            text = f"the machine has no {cores}" if state == "absent" else f"{cores} {verb} {state} on the machine"
            self._problems.add("PF018" if state == "absent" else "PF019", where, text,
                               notes=[*notes, self._machine_note],
                               help="name cores that it has, or mark the pool optional and give it a fallback")

    @cached_property
    def _cpuset_note(self) -> Note:
        if self.owner == "the machine":
            return self._machine_note
        return Note(f"the cpuset is {format_cpus(self.cpuset)}", self._declared.process.at("cpuset"))

    @cached_property
    def _machine_note(self) -> Note:
        usable = self._machine.usable if self._machine else ()
        return Note(f"the machine has {format_cpus(sorted(usable))}", self._declared.topology.at("machine"))

    def _holder_notes(self, held: Held) -> list[Note]:
        if held not in self._holders:
            self._holders[held] = _largest_holders(held)
        return self._holders[held]


def _largest_holders(held: Held) -> list[Note]:
    """Who has the other cores: those with the most of them, and how many more there are."""
    largest_first = sorted(held.by.items(), key=lambda item: -len(item[1]))
    notes = [Note(f"{claimant.user} claims {counted_cores(sorted(cpus))}", claimant.expression.place)
             for claimant, cpus in largest_first[:_MOST_HOLDERS]]
    if others := largest_first[_MOST_HOLDERS:]:
        cores = sum(len(cpus) for _, cpus in others)
        notes.append(Note(f"{counted(len(others), 'more pool')} {'claims' if len(others) == 1 else 'claim'} "
                          f"{counted(cores, 'core')}"))
    return notes


def _by_term(selected: Selection) -> dict[Place, list[int]]:
    found: dict[Place, list[int]] = {}
    for cpu, where in selected.items():
        found.setdefault(where, []).append(cpu)
    return found
