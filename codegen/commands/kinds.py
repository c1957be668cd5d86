"""`pinfold kinds`: what a build system must know before it builds a topology."""

from __future__ import annotations

import argparse
import sys

from codegen import document
from codegen.commands import inputs
from codegen.commands.exit_codes import FAULTY, OK
from codegen.diagnostics import Problems


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "kinds", help="print the kinds of pools that a topology uses, and its name",
        description="For build systems: one line `asio;tbb` and one line with the topology's name.")
    inputs.add(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    topology = inputs.load_reported(options, Problems())
    if topology is None:
        return FAULTY
    sys.stdout.write(f"{';'.join(document.kinds(topology))}\n{topology.name}\n")
    return OK
