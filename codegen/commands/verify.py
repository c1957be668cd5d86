"""`pinfold verify`: the threads of a running process against its topology."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from codegen import diagnostics, version
from codegen.commands import output
from codegen.commands.exit_codes import FAULTY, OK, unusable
from codegen.machine import host
from codegen.observing import cpu_map, verification, verification_data, verification_text
from codegen.observing.choice import Undecided
from codegen.observing.cpu_map import CpuMap, Malformed
from codegen.observing.proc import Denied, Gone, Process, open_process
from codegen.observing.verification import Verification
from codegen.read_document import Unreadable

REFUSALS = (Gone, Denied, Unreadable, Undecided, Malformed)
_EVERY = 2.0  # seconds, of --watch


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "verify", help="compare the threads of a running process with its topology",
        description="Reads the topology out of the binary that a process runs, and what /proc says of its threads:"
                    " names, affinity, policy, priority, nice and CPU, declared and actual beside each other. The"
                    " process notices nothing.",
        epilog="Exit code 0: all is as declared; 1: something is not; 2: wrong usage or environment. With --watch 1 if"
               " anything was not as declared at any time.")
    parser.add_argument("pid", type=pid, metavar="PID", help="the process")
    add_choice(parser)
    parser.add_argument("--json", action="store_true", help="print JSON data; with --watch a line each time")
    parser.add_argument("--watch", nargs="?", type=seconds, const=_EVERY, metavar="SECONDS",
                        help=f"look again every SECONDS (default: {_EVERY:g}), print what changed, and end with the"
                        " process")
    output.add_color(parser)
    parser.set_defaults(run=_run)


def add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--topology", metavar="NAME",
                        help="of a binary with several: this one (default: those whose threads are there)")
    parser.add_argument("--cpu-map", type=_map, metavar="MAP",
                        help="the CPU map that the program gave in its code, as in 9-16:0-7 (default: what its"
                        " arguments and environment say)")


def pid(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{diagnostics.quoted(text)} is no process number; of a name: $(pidof NAME)")
    return int(text)


def _map(text: str) -> CpuMap:
    try:
        return cpu_map.parse(text, "--cpu-map")
    except Malformed as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.01 <= found <= 86400:
        raise argparse.ArgumentTypeError(f"{diagnostics.quoted(text)} is no number of seconds from 0.01 to 86400")
    return found


def _run(options: argparse.Namespace) -> int:
    return run(options, host.ROOT)


def run(options: argparse.Namespace, root: Path) -> int:
    """Of a process whose /proc and /sys are below `root`."""
    try:
        process = open_process(root, options.pid)
        if options.watch is not None:
            return _watch(process, options)
        found = _look(process, options)
    except REFUSALS as error:
        return refused(error, options.pid)
    _note_version(found)
    sys.stdout.write(_printed(found, options))
    return FAULTY if found.drift else OK


def refused(error: Exception, pid: int) -> int:
    """Why a process cannot be looked at, and what helps."""
    match error:
        case Gone():
            return unusable(str(error))
        case Denied():
            return unusable(f"{error} cannot be read: look as the user of process {pid}, or with sudo. The kernel also"
                            " hides binaries with capabilities (setcap) from the user who started them")
        case Unreadable():
            return unusable(f"process {pid}: {error}")
        case Undecided():
            return unusable(f"the binary of process {pid} {error}")
        case Malformed():
            return unusable(f"process {pid} was started with a map that pinfold refuses: {error}. Say with --cpu-map"
                            " which one it runs with; '' is none")
    raise error


def _look(process: Process, options: argparse.Namespace) -> Verification:
    return verification.settled(lambda: verification.look(process, options.topology, options.cpu_map))


def _watch(process: Process, options: argparse.Namespace) -> int:
    """Ends with the process, or when it is interrupted: both are how watching ends."""
    drifted = False
    try:
        for found in _changes(process, options):
            drifted = drifted or bool(found.drift)
            if not options.json:
                sys.stdout.write(f"-- {time.strftime('%H:%M:%S')}\n")
            sys.stdout.write(_printed(found, options))
            sys.stdout.flush()
        sys.stderr.write(diagnostics.remark(f"process {process.pid} has ended"))
    except KeyboardInterrupt:
        pass
    return FAULTY if drifted else OK


def _changes(process: Process, options: argparse.Namespace) -> Iterator[Verification]:
    before: dict[str, object] | None = None
    while True:
        try:
            found = _look(process, options)
        except Gone:
            if before is None:
                raise
            return
        if before is None:
            _note_version(found)
        now = _lasting(found)
        if now != before:
            yield found
        before = now
        time.sleep(options.watch)


def _lasting(found: Verification) -> dict[str, object]:
    """Without what changes all the time while nothing happens: where threads ran last, and which of many alike."""
    data = verification_data.data(found)
    data["other_threads"] = sorted({(thread.name, thread.cpus, thread.stat.policy)
                                    for thread in found.matched.others})
    return dict(json.loads(json.dumps(data), object_hook=lambda member: {
        key: value for key, value in member.items() if key not in ("last_cpu", "state")}))


def _printed(found: Verification, options: argparse.Namespace) -> str:
    if options.json:
        return json.dumps(verification_data.data(found), indent=None if options.watch else 2) + "\n"
    return verification_text.text(found, colour=output.colour(options, sys.stdout))


def _note_version(found: Verification) -> None:
    if found.subject.pinfold != version.text():
        sys.stderr.write(diagnostics.remark(f"pinfold {found.subject.pinfold} built the binary of process"
                                            f" {found.process.pid}; this is {version.text()}"))
