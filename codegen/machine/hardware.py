"""Finds the machine that a topology names, and looks up the locations that its core expressions name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codegen.cores import Expression
from codegen.declarations import Declarations
from codegen.diagnostics import Note, Problems, quoted, shown
from codegen.layers import Request
from codegen.machine import choice, describe, host, hwloc
from codegen.machine.hwloc import Input, Unusable
from codegen.machine.model import Machine
from codegen.source import Place, printable_path
from codegen.validate import did_you_mean

HOST = "host"


@dataclass(frozen=True)
class Hardware:
    """What is known of the deployment host. Without a machine nothing is, or `faulty` says that it is reported why."""

    machine: Machine | None = None
    faulty: bool = False
    locations: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # those that exist, by name
    file: Path | None = None  # that was read


def find(declared: Declarations, request: Request, problems: Problems) -> Hardware:
    section = declared.topology
    if not section.sound("machine"):
        return Hardware(faulty=True)
    if not section.wrote("machine"):
        return Hardware()
    place = section.at("machine")
    name = section.text("machine")
    if name == HOST and request.cross_compiling:
        problems.add("PF076", place, "the host of a cross build is not the machine that the program runs on",
                     help="describe that one: run lstopo machine.xml there, and set machine = \"machine.xml\"")
        return Hardware(faulty=True)
    given = Input(None if name == HOST else _file(name, place, request))
    try:
        machine = _read(given, request)
    except Unusable as reason:
        problems.add("PF028", place, f"the machine {quoted(name)} cannot be read: {reason}",
                     notes=[Note(f"it says: {shown(reason.said)}")] if reason.said else [],
                     help=reason.help or "a machine description is what lstopo writes there: lstopo machine.xml")
        return Hardware(faulty=True, file=given.file)
    return Hardware(machine, False, _locations(declared, name, machine, given, problems), given.file)


def _file(name: str, place: Place, request: Request) -> Path:
    """Relative to the file that says it; --set and PINFOLD_SET speak for the topology file."""
    overlay = place.source.rank - 1
    said_in = request.overlays[overlay] if place.source.is_file and overlay >= 0 else request.file
    return Path(os.path.normpath(os.path.join(os.path.dirname(said_in), name)))


def _read(given: Input, request: Request) -> Machine:
    if given.file is None:
        return describe.machine(hwloc.export(given), HOST, isolated=host.isolated())
    try:
        with open(given.file, "rb"):
            pass
    except (OSError, ValueError) as error:
        raise Unusable(getattr(error, "strerror", None) or "its name holds a NUL") from None
    return describe.machine(hwloc.export(given), printable_path(request.label(str(given.file))))


def _locations(
    declared: Declarations, name: str, machine: Machine, given: Input, problems: Problems,
) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    refused: dict[str, str] = {}  # with what would help
    for expression in _expressions(declared):
        for term, where in zip(expression.terms, expression.term_places):
            if term.form != "hw":
                continue
            if term.name not in found and term.name not in refused:
                try:
                    found[term.name] = choice.spread(machine, hwloc.cpus_at(given, term.name))
                except Unusable as reason:
                    refused[term.name] = _advice(term.name, machine, given) or f"hwloc says: {shown(reason.said)}"
            if term.name in refused:
                problems.add("PF029", where, f"the machine {quoted(name)} has no {quoted(term.name)}",
                             help=refused[term.name])
    return found


def _expressions(declared: Declarations) -> Iterator[Expression]:
    for core_set in declared.core_sets.values():
        if core_set.expression is not None:
            yield core_set.expression
    for section in (declared.process, *(pool.section for pool in declared.pools)):
        for key in ("cpuset", "cores"):
            if key in section.settings and (expression := section.expression(key)):
                yield expression


def _advice(location: str, machine: Machine, given: Input) -> str | None:
    """What the machine has of the kind that the location begins with."""
    kind, separator, name = location.partition("=")
    if separator:
        names = [device.pci if kind == "pci" else device.name for device in machine.devices]
        known = sorted({name for name in names if name})
        return did_you_mean(name, known) or f"its devices: {', '.join(known) or 'none is described'}"
    kind = location.partition(":")[0]
    number = len(machine.kinds) if kind == "cpukind" else hwloc.count(given, kind) if kind.isalnum() else None
    if number is None:
        return None
    if number == 0:
        return f"it has no {kind} at all"
    return f"it has {kind}:0" if number == 1 else f"it has {kind}:0 to {kind}:{number - 1}"
