"""`pinfold discover`: a starter topology for this host, or for a described one."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from codegen import names
from codegen.commands.exit_codes import OK, UNUSABLE, unusable
from codegen.diagnostics import quoted, shown
from codegen.discover import spelling, text
from codegen.discover.network import NoSuchCard
from codegen.discover.plan import plan
from codegen.discover.survey import survey
from codegen.files import is_one_of
from codegen.machine import describe, host, hwloc
from codegen.machine.hardware import HOST
from codegen.machine.hwloc import Unusable
from codegen.machine.model import Machine
from codegen.model import KINDS
from codegen.source import printable_path

_DESCRIPTION = """
Writes a starter topology for this host, or for the machine that a file of lstopo describes: networking near the network
card and away from its interrupts, housekeeping on one core, disk threads near an NVMe, dedicated threads on isolated
CPUs, and compute on the rest. With --out it also keeps a description of this host, so that builds elsewhere give the
same result.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("discover", help="write a starter topology for this host or another machine",
                                 description=_DESCRIPTION)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--machine", metavar="FILE", help="a description that lstopo wrote (default: this host)")
    source.add_argument("--save-machine", metavar="FILE",
                        help="where to keep the description of this host (default: beside --out)")
    parser.add_argument("--out", metavar="FILE", help="the topology to write (default: standard output)")
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    parser.add_argument("--name", metavar="NAME",
                        help="of the topology, a C++ namespace (default: that of the --out file, else app)")
    parser.add_argument("--kinds", type=_kinds, default=KINDS, metavar="KIND,...",
                        help="kinds of pools to use (default: asio,tbb,native)")
    parser.add_argument("--smt", choices=("use", "avoid"), default="use",
                        help="give threads to all siblings of a core, or to one (default: use)")
    parser.add_argument("--nic", metavar="DEVICE", help="the network card to be near, for example eth1")
    parser.add_argument("--root", metavar="DIR",
                        help="read /proc and /sys below DIR, also beside --machine (default: / for this host)")
    parser.set_defaults(run=_run)


def _kinds(given: str) -> tuple[str, ...]:
    wanted = given.replace(" ", "").split(",")
    unknown = [kind for kind in wanted if kind not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{quoted(unknown[0])} is no kind of pools: {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in wanted)


@dataclass(frozen=True)
class _Job:
    """The command line, with what it leaves open filled in."""

    name: str
    machine: Path | None  # None: this host
    root: Path | None  # of /proc and /sys; None: of that machine there is none
    out: Path | None
    saved: Path | None  # where to keep the host's description


def _run(options: argparse.Namespace) -> int:
    job = _job(options)
    complaints = _complaints(job, options)
    if complaints:
        for complaint in complaints:
            unusable(complaint)
        return UNUSABLE
    try:
        machine, xml = _read(job)
        surveyed = survey(machine, job.root, options.nic)
        planned = plan(surveyed, options.kinds, options.smt)
        with hwloc.exported(xml) as exported:
            expressions = spelling.expressions(planned, machine, exported)
    except Unusable as reason:
        said = f" (it says: {shown(reason.said)})" if reason.said else ""
        which = "this host" if job.machine is None else f"the machine {quoted(printable_path(str(job.machine)))}"
        help = f"; {reason.help}" if reason.help else ""
        return unusable(f"{which} cannot be read: {reason}{said}{help}")
    except NoSuchCard as reason:
        return unusable(str(reason))
    content = text.topology(_header(job, machine), surveyed, planned, expressions)
    return _write(job, content, xml)


def _job(options: argparse.Namespace) -> _Job:
    out = Path(options.out) if options.out else None
    saved = Path(options.save_machine) if options.save_machine else None
    if out and not saved and not options.machine:
        saved = out.with_suffix(".xml")
    name = options.name if options.name is not None else out.stem if out else "app"
    root = Path(options.root) if options.root else None if options.machine else host.ROOT
    return _Job(name, Path(options.machine) if options.machine else None, root, out, saved)


def _complaints(job: _Job, options: argparse.Namespace) -> list[str]:
    found = []
    if reason := names.why_no_namespace(job.name):
        remedy = "" if options.name is not None else "; say another with --name"
        found.append(f"{quoted(job.name)} cannot name a topology: {reason}{remedy}")
    if job.root is not None and not job.root.is_dir():
        found.append(f"{printable_path(str(job.root))} is no folder with a copy of /proc and /sys")
    if job.out is not None and job.out == job.saved:
        found.append(f"{printable_path(str(job.out))} cannot be both the topology and the description of this host; end"
                     " the topology's name in .toml")
    elif job.machine is not None and job.out is not None and is_one_of(job.out, [job.machine]):
        found.append(f"{printable_path(str(job.out))} is the description that is read; name another --out")
    elif not options.force:
        found += [f"{printable_path(str(file))} exists; say --force to overwrite it, or another name"
                  for file in (job.out, job.saved) if file is not None and os.path.lexists(file)]
    return found


def _read(job: _Job) -> tuple[Machine, str]:
    """The machine, and the XML that describes it."""
    if job.machine is None:
        assert job.root is not None
        xml = host.capture(job.root)
    else:
        xml = hwloc.export(job.machine)
    return describe.machine(xml, ""), xml


def _header(job: _Job, machine: Machine) -> text.Header:
    described = job.machine or job.saved
    reference = HOST
    if described is not None:
        reference = printable_path(os.path.relpath(described, job.out.parent if job.out else "."))
    subject = "this host" if job.machine is None else shown(reference)
    file = shown(printable_path(job.out.name)) if job.out else f"{job.name}.toml"
    return text.Header(job.name, reference, subject, file, job.saved is not None)


def _write(job: _Job, content: str, xml: str) -> int:
    files = [(job.saved, xml), (job.out, content)]
    for file, text_ in files:
        if file is not None:
            try:
                file.write_text(text_, encoding="utf-8")
            except OSError as error:
                return unusable(f"cannot write {printable_path(str(file))}: {error.strerror}")
    if job.out is None:
        sys.stdout.write(content)
    for file, what in ((job.out, "a starter topology"), (job.saved, "the description of this host")):
        if file is not None:
            sys.stderr.write(f"wrote {printable_path(str(file))}: {what}\n")
    return OK
