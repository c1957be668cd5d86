"""`pinfold kinds`: what a build system must know before it builds a topology."""

from __future__ import annotations

import argparse

from codegen import document
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK
from codegen.diagnostics import Problems


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "kinds", help="print the kinds of pools that a topology uses, and its name",
        description="For build systems: one line `asio;tbb` and one line with the topology's name.")
    inputs.add(parser)
    output.add(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    problems = Problems()
    topology = inputs.load_reported(options, problems)
    if topology is None:
        return FAULTY
    kinds = document.kinds(topology)
    output.answer(options, problems, inputs.shown_file(options), f"{';'.join(kinds)}\n{topology.name}\n",
                  kinds=kinds, name=topology.name)
    return OK
