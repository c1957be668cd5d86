"""`pinfold explain`: what a diagnostic means."""

from __future__ import annotations

import argparse
import sys
import textwrap

from codegen import errors_page, examples
from codegen.catalogue import ENTRIES, Entry
from codegen.commands.exit_codes import OK, unusable
from codegen.start_problems import START_PROBLEMS, StartProblem


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "explain", help="tell what a diagnostic means",
        description="Prints the explanation of a diagnostic and an example, or of a problem that start() of a program"
        " reports; without an ID, a list of them all.")
    parser.add_argument("id", metavar="ID", nargs="?", help="for example PF014 or PF201")
    parser.add_argument("--markdown", action="store_true", help="print the page of all diagnostics instead")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if options.markdown:
        sys.stdout.write(errors_page.page())
        return OK
    if options.id is None:
        for entry in sorted(ENTRIES.values(), key=lambda entry: entry.id):
            sys.stdout.write(f"{entry.id} {entry.severity:7} {entry.title}\n")
        for problem in START_PROBLEMS.values():
            sys.stdout.write(f"{problem.id} start   {problem.title}\n")
        return OK
    id = options.id.upper()
    if id in ENTRIES:
        sys.stdout.write(_of_diagnostic(ENTRIES[id]))
    elif id in START_PROBLEMS:
        sys.stdout.write(_of_start_problem(START_PROBLEMS[id]))
    else:
        return unusable(f"there is no diagnostic {options.id}; pinfold explain lists them all")
    return OK


def _of_diagnostic(entry: Entry) -> str:
    example = textwrap.indent(examples.by_id()[entry.id], "    ")
    return (f"{entry.severity}[{entry.id}]: {entry.title}\n\n{textwrap.fill(entry.explanation, 100)}\n\n"
            f"For example:\n\n{example}")


def _of_start_problem(problem: StartProblem) -> str:
    return (f"start problem[{problem.id}]: {problem.title}\n\n{textwrap.fill(problem.meaning, 100)}\n\n"
            f"{textwrap.fill(f'Remedy: {problem.remedy}', 100)}\n")
