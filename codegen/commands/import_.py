"""`pinfold import`: another system's configuration becomes a topology."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from codegen import diagnostics, names
from codegen.commands import output
from codegen.commands.exit_codes import FAULTY, OK, unusable
from codegen.diagnostics import Problems
from codegen.files import is_one_of
from codegen.imports import agave, configuration, loom
from codegen.imports.request import Request
from codegen.schema import MAX_CPU
from codegen.source import printable_path

_FORMATS = {"agave": agave, "loom": loom}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "import", help="make a topology of another system's configuration",
        description="Writes a topology that does what a TOML or JSON file of Agave's thread-manager or of loom-rs did,"
        " and reports what was converted, left out or guessed. rayon is fork-join compute, and becomes tbb pools unless"
        " --rayon native asks for native ones.",
        epilog="Exit code 0: written; 1: errors in the file, and nothing is written; 2: wrong usage, or no place to"
        " write to.")
    output.add_defaults(parser)
    parser.add_argument("format", choices=sorted(_FORMATS), help="the system that the file was written for")
    parser.add_argument("file", metavar="FILE", help="its configuration, *.json or TOML")
    parser.add_argument("--out", metavar="FILE", help="write to a file that does not exist; default: standard output")
    parser.add_argument("--force", action="store_true", help="overwrite the file that --out names")
    parser.add_argument("--name", metavar="NAME",
                        help="name of the topology; default: the file's name, or loom's prefix")
    parser.add_argument("--rayon", choices=("tbb", "native"), default="tbb", help="kind of the pools that were rayon's")
    parser.add_argument("--cpus", type=_cpus, metavar="N", help="CPUs of the machine, for what the file leaves to it")
    parser.set_defaults(run=_run)


def _cpus(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MAX_CPU + 1:
        raise argparse.ArgumentTypeError(f"{diagnostics.quoted(text)} is no number from 1 to {MAX_CPU + 1}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    if options.out and is_one_of(options.out, [options.file]):
        return unusable(f"{printable_path(options.out)} is the file that is imported; name another --out")
    if options.out and os.path.lexists(options.out) and not options.force:
        return unusable(f"{printable_path(options.out)} is there already; overwrite it with --force, or name another"
                        " file")
    if options.name and (reason := names.why_no_namespace(options.name)):
        return unusable(f"--name cannot be {diagnostics.quoted(options.name)}: {reason}")
    problems = Problems()
    shown = printable_path(options.file)
    root = configuration.read(options.file, problems)
    draft = None
    if root is not None:
        request = Request(os.path.basename(shown), options.name, options.rayon, options.cpus)
        draft = _FORMATS[options.format].convert(root, request, problems)
    output.report(options, problems, shown)
    if draft is None:
        return FAULTY
    if not options.out:
        sys.stdout.write(draft.text())
        return OK
    try:
        Path(options.out).write_text(draft.text(), encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        return unusable(f"cannot write {printable_path(options.out)}: {reason}")
    sys.stdout.write(diagnostics.approval(problems, printable_path(options.out), draft.pools))
    return OK
