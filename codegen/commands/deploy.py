"""`pinfold deploy`: what the host needs for a topology, and whether this one has it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen import diagnostics
from codegen.commands import inputs
from codegen.commands.exit_codes import FAULTY, OK, unusable
from codegen.deploying import facts, findings, page
from codegen.deploying.compare import compare
from codegen.deploying.host import Host, Unreadable
from codegen.deploying.isolation import METHODS, Isolation, decide
from codegen.deploying.piece import Piece
from codegen.diagnostics import Problems
from codegen.files import is_one_of, replace_if_changed
from codegen.machine.kernel_lists import cpu_list
from codegen.source import printable_path


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "deploy", help="print what the host needs for a topology, or compare it with this host",
        description="Prints the kernel command line, systemd drop-in, cpuset script, Kubernetes pod and docker options"
                    " that a topology asks for, each with the line that asks.",
        epilog="Exit code 0: done, or the host has all; 1: errors in the topology, or the host differs; 2: wrong usage"
               " or environment.")
    inputs.add(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--only", choices=page.NAMES, help="print one piece alone, to be used as it is")
    form.add_argument("--out", metavar="DIR", help="write the pieces as files to a folder")
    parser.add_argument("--force", action="store_true", help="with --out: overwrite files that deploy has not written")
    form.add_argument("--check", action="store_true", help="compare the running host with all of it")
    parser.add_argument("--json", action="store_true", help="print JSON data")
    parser.add_argument("--isolate", choices=METHODS,
                        help="how to keep dedicated CPUs free (default: a partition, where that leaves a CPU)")
    parser.add_argument("--cpus", metavar="LIST",
                        help="the CPUs of the host, as in 0-63 (default: those of the topology's machine, else up to"
                        " the highest that it names; with --check those online)")
    parser.add_argument("--pid", type=_pid, metavar="PID",
                        help="with --check: limits, affinity and cgroup of this process, not of the caller")
    parser.add_argument("--root", default="/", metavar="DIR", help="with --check: where proc and sys are")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if not options.check and (options.pid or options.root != "/"):
        return unusable("--pid and --root say what --check looks at, and it is not given")
    if options.json and (options.only or options.out):
        return unusable("--json prints everything, so it goes with neither --only nor --out")
    problems = Problems()
    loaded = inputs.load_with_files_reported(options, problems)
    topology = loaded.topology
    if topology is None:
        return FAULTY
    host = Host(Path(options.root), options.pid or "self")
    try:
        cpus = _host_cpus(options, host)
    except ValueError:
        return unusable(f"--cpus takes a list like 0-15,32-47, not {diagnostics.quoted(options.cpus)}")
    needs = facts.gather(topology, cpus)
    isolation = decide(needs, options.isolate)
    if options.check:
        found = compare(needs, isolation, host)
        sys.stdout.write(findings.data(topology.name, found) if options.json
                         else findings.text(inputs.shown_file(options), found))
        return OK if all(finding.state == "ok" for finding in found) else FAULTY
    return _print(needs, isolation, loaded.files, options)


def _host_cpus(options: argparse.Namespace, host: Host) -> tuple[int, ...] | None:
    """None: not known. Raises ValueError where the option is no list."""
    if options.cpus is not None:
        cpus = tuple(sorted(cpu_list(options.cpus)))
        if not cpus:
            raise ValueError
        return cpus
    if options.check:
        try:
            return tuple(sorted(host.cpus("/sys/devices/system/cpu/online"))) or None
        except Unreadable:
            return None  # the comparison names the file
    return None


def _print(needs: facts.Facts, isolation: Isolation, read: Sequence[Path], options: argparse.Namespace) -> int:
    pieces = page.pieces(needs, isolation)
    if options.json:
        sys.stdout.write(page.data(needs, isolation, pieces))
    elif options.only:
        _print_one(next(piece for piece in pieces if piece.name == options.only))
    elif options.out:
        return _write(page.files(needs, isolation, pieces), Path(options.out), read, options.force)
    else:
        sys.stdout.write(page.text(needs, isolation, pieces))
    return OK


def _print_one(piece: Piece) -> None:
    """The remarks go to standard error where the piece has no comments to hold them."""
    sys.stdout.write(piece.text)
    if not piece.text.count("#"):
        for note in piece.notes:
            sys.stderr.write(diagnostics.remark(note))


def _write(files: dict[str, str], folder: Path, read: Sequence[Path], force: bool) -> int:
    if lost := next((name for name in files if is_one_of(folder / name, read)), None):
        return unusable(f"{printable_path(str(folder / lost))} is what this topology is read from; name another --out")
    if not force and not page.has_written(folder):
        if others := next((name for name in files if os.path.lexists(folder / name)), None):
            return unusable(f"{printable_path(str(folder / others))} is there already, and not of deploy; overwrite it"
                            " with --force, or name another --out")
    try:
        for name, text in files.items():
            replace_if_changed(folder / name, text, mode=0o777 if text.startswith("#!") else 0o666)
    except OSError as error:
        return unusable(f"cannot write {printable_path(str(error.filename or folder))}: {error.strerror}")
    return OK


def _pid(text: str) -> str:
    if not text.isascii() or not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{diagnostics.quoted(text)} is no process number; of a name: $(pidof NAME)")
    return text
