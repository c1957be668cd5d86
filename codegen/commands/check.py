"""`pinfold check`: diagnostics, and nothing else."""

from __future__ import annotations

import argparse
import sys

from codegen import diagnostics
from codegen.commands import inputs
from codegen.commands.exit_codes import FAULTY, MEANING, OK
from codegen.diagnostics import Problems


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "check", help="report what is wrong with a topology",
        description=f"Reports every problem of a topology. {MEANING}")
    inputs.add(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    problems = Problems()
    topology = inputs.load_reported(options, problems)
    if topology is None:
        return FAULTY
    sys.stdout.write(diagnostics.approval(problems, inputs.shown_file(options), len(topology.pools)))
    return OK
