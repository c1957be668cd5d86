"""The command line: `check` prints diagnostics, `generate` also writes the C++, `explain` tells about a diagnostic."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from codegen import catalogue, diagnostics, document
from codegen.diagnostics import Problems
from codegen.layers import Request
from codegen.load import load
from codegen.model import Topology
from codegen.source import printable_path

OK, FAULTY, UNUSABLE = 0, 1, 2  # exit codes: fine or only warnings; errors in the topology; wrong usage or environment


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pinfold", description="Turns a topology file into a process's thread layout.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check", help="report what is wrong with a topology",
        description="Reports every problem of a topology. Exit code 0: none, or only warnings; 1: errors; 2: usage.")
    _add_inputs(check)
    check.set_defaults(run=_check)

    generate = commands.add_parser(
        "generate", help="write the C++ of a topology",
        description="Checks a topology and writes its header, source and reports. What would not change is left alone.")
    _add_inputs(generate)
    generate.add_argument("--out", required=True, metavar="DIR", help="folder to write to")
    generate.add_argument("--depfile", metavar="FILE", help="write a dependency file for make or ninja")
    generate.set_defaults(run=_generate)

    kinds = commands.add_parser(
        "kinds", help="print the kinds of pools that a topology uses, and its name",
        description="For build systems: one line `asio;tbb` and one line with the topology's name.")
    _add_inputs(kinds)
    kinds.set_defaults(run=_kinds)

    explain = commands.add_parser("explain", help="tell what a diagnostic means")
    explain.add_argument("id", metavar="ID", help="for example PF014")
    explain.set_defaults(run=_explain)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the topology")
    parser.add_argument("--overlay", action="append", default=[], metavar="FILE",
                        help="merge a second file over the first (repeatable; later wins)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings",
                        help="set one value, over all files and PINFOLD_SET (repeatable)")
    parser.add_argument("--no-environment", action="store_true", help="ignore PINFOLD_SET")
    parser.add_argument("--relative-to", metavar="DIR", help="name files relative to DIR, in output and diagnostics")


def _check(options: argparse.Namespace) -> int:
    problems = Problems()
    topology = _load(options, problems)
    if topology is None:
        return FAULTY
    sys.stdout.write(diagnostics.approval(problems, _shown_file(options), len(topology.pools)))
    return OK


def _generate(options: argparse.Namespace) -> int:
    try:
        from codegen import emit
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "markupsafe"):
            raise
        return _fail(f"generate needs the Python module jinja2, and {sys.executable} has none; install it:"
                     " sudo apt-get install python3-jinja2")
    topology = _load(options, Problems())
    if topology is None:
        return FAULTY
    inputs = [Path(path) for path in (options.file, *options.overlay)]
    depfile = Path(options.depfile) if options.depfile else None
    try:
        emit.write(topology, Path(options.out), depfile=depfile, inputs=inputs)
    except OSError as error:
        return _fail(f"cannot write {printable_path(str(error.filename or options.out))}: {error.strerror}")
    return OK


def _kinds(options: argparse.Namespace) -> int:
    topology = _load(options, Problems())
    if topology is None:
        return FAULTY
    sys.stdout.write(f"{';'.join(document.kinds(topology))}\n{topology.name}\n")
    return OK


def _explain(options: argparse.Namespace) -> int:
    entry = catalogue.ENTRIES.get(options.id.upper())
    if entry is None:
        return _fail(f"there is no diagnostic {options.id}; the first is {min(catalogue.ENTRIES)}, the last"
                     f" {max(catalogue.ENTRIES)}")
    sys.stdout.write(f"{entry.severity}[{entry.id}]: {entry.title}\n\n{textwrap.fill(entry.explanation, 100)}\n")
    return OK


def _load(options: argparse.Namespace, problems: Problems) -> Topology | None:
    """Prints every problem, and how many where there is an error."""
    topology = load(_request(options), problems)
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for problem in problems:
        sys.stderr.write(diagnostics.render(problem, colour=colour))
    if topology is None:
        sys.stderr.write(diagnostics.summary(problems, _shown_file(options)))
    return topology


def _request(options: argparse.Namespace) -> Request:
    environment = "" if options.no_environment else os.environ.get("PINFOLD_SET", "")
    return Request(options.file, options.overlay, environment, options.settings, options.relative_to)


def _shown_file(options: argparse.Namespace) -> str:
    return printable_path(_request(options).display_name(options.file))


def _fail(text: str) -> int:
    sys.stderr.write(diagnostics.failure(text))
    return UNUSABLE
