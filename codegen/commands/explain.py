"""`pinfold explain`: what a diagnostic means."""

from __future__ import annotations

import argparse
import sys
import textwrap

from codegen import catalogue
from codegen.commands.exit_codes import OK, unusable


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("explain", help="tell what a diagnostic means")
    parser.add_argument("id", metavar="ID", help="for example PF014")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    entry = catalogue.ENTRIES.get(options.id.upper())
    if entry is None:
        return unusable(f"there is no diagnostic {options.id}; the first is {min(catalogue.ENTRIES)}, the last"
                        f" {max(catalogue.ENTRIES)}")
    sys.stdout.write(f"{entry.severity}[{entry.id}]: {entry.title}\n\n{textwrap.fill(entry.explanation, 100)}\n")
    return OK
