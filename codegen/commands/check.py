"""`pinfold check`: diagnostics, and nothing else."""

from __future__ import annotations

import argparse

from codegen import diagnostics
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK
from codegen.diagnostics import Problems


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "check", help="report what is wrong with a topology",
        description="Reports every problem of a topology.")
    inputs.add(parser)
    output.add(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    problems = Problems()
    topology = inputs.load_reported(options, problems)
    if topology is None:
        return FAULTY
    file, pools = inputs.shown_file(options), len(topology.pools)
    output.answer(options, problems, file, diagnostics.approval(problems, file, pools), pools=pools)
    return OK
