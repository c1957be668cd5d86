"""`pinfold explain`: what a diagnostic means."""

from __future__ import annotations

import argparse
import sys
import textwrap

from codegen import catalogue, errors_page, examples
from codegen.commands.exit_codes import OK, unusable


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "explain", help="tell what a diagnostic means",
        description="Prints the explanation of a diagnostic and an example; without an ID, a list of them all.")
    parser.add_argument("id", metavar="ID", nargs="?", help="for example PF014")
    parser.add_argument("--markdown", action="store_true", help="print the page of all diagnostics instead")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if options.markdown:
        sys.stdout.write(errors_page.page())
        return OK
    if options.id is None:
        for id, listed in sorted(catalogue.ENTRIES.items()):
            sys.stdout.write(f"{id} {listed.severity:7} {listed.title}\n")
        return OK
    entry = catalogue.ENTRIES.get(options.id.upper())
    if entry is None:
        return unusable(f"there is no diagnostic {options.id}; the first is {min(catalogue.ENTRIES)}, the last"
                        f" {max(catalogue.ENTRIES)}")
    example = textwrap.indent(examples.by_id()[entry.id], "    ")
    sys.stdout.write(f"{entry.severity}[{entry.id}]: {entry.title}\n\n{textwrap.fill(entry.explanation, 100)}\n\n"
                     f"For example:\n\n{example}")
    return OK
