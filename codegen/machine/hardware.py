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
from codegen.machine import choice, describe, host, hwloc, locations
from codegen.machine.advice import Advisor
from codegen.machine.hwloc import Unusable
from codegen.machine.locations import Refused
from codegen.machine.model import Machine
from codegen.source import Place, printable_path

HOST = "host"


@dataclass(frozen=True)
class Hardware:
    """What is known of the deployment host. Without a machine nothing is, or `faulty` says that it is reported why."""

    machine: Machine | None = None
    faulty: bool = False
    locations: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # those that exist, by name
    missing: Mapping[str, str] = field(default_factory=dict)  # those that do not, by name: what helps
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
    file = None if name == HOST else _file(name, place, request)
    try:
        xml = hwloc.export(file)
        machine = (describe.machine(xml, HOST, isolated=host.isolated()) if file is None
                   else describe.machine(xml, printable_path(request.label(str(file)))))
        return Hardware(machine, False, *_locations(declared, machine, xml), file)
    except Unusable as reason:
        notes = [Note(f"it says: {shown(reason.said)}")] if reason.said else []
        if file is not None and str(file) != name and not reason.said:
            notes = [Note(f"it was looked for at {printable_path(request.display_name(str(file)))}")]
        problems.add("PF028", place, f"the machine {quoted(name)} cannot be read: {reason}", notes=notes,
                     help=reason.help or "a machine description is what lstopo writes there: lstopo machine.xml")
        return Hardware(faulty=True, file=file)


def _file(name: str, place: Place, request: Request) -> Path:
    """Relative to the file that says it; --set and PINFOLD_SET speak for the topology file. Where `..` follows a link
    it leads out of the folder that is linked, so only the system can shorten the path."""
    overlay = place.source.rank - 1
    said_in = request.overlays[overlay] if place.source.is_file and overlay >= 0 else request.file
    path = os.path.join(os.path.dirname(said_in), name)
    short, real = os.path.normpath(path), os.path.realpath(path)
    return Path(short if os.path.realpath(short) == real else real)


def _locations(
    declared: Declarations, machine: Machine, xml: str,
) -> tuple[Mapping[str, tuple[int, ...]], Mapping[str, str]]:
    """Those that exist, and those that do not."""
    named = dict.fromkeys(term.name for expression in _expressions(declared) for term in expression.terms
                          if term.form == "hw")
    if not named:
        return {}, {}
    objects = xml.count("<object ")
    refused: dict[str, str] = {}  # with what would help
    for location in named:
        try:
            locations.check(location, machine, objects)
        except Refused as reason:
            refused[location] = str(reason)
    with hwloc.exported(xml) as exported:
        known = exported.cpus_at([location for location in named if location not in refused])
        advisor = Advisor(machine, exported, objects)
        missing = {location: refused.get(location) or advisor.advice(location)
                   for location in named if location not in known}
    return {location: choice.spread(machine, cpus) for location, cpus in known.items()}, missing


def _expressions(declared: Declarations) -> Iterator[Expression]:
    for core_set in declared.core_sets.values():
        if core_set.expression is not None:
            yield core_set.expression
    for section in (declared.process, *(pool.section for pool in declared.pools)):
        for key in ("cpuset", "cores"):
            if key in section.settings and (expression := section.expression(key)):
                yield expression
