"""`pinfold manual`: the manual page of this command line, or its reference page."""

from __future__ import annotations

import argparse
import sys

from codegen.commands.exit_codes import OK


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "manual", help="print the manual page of pinfold",
        description="Prints the manual page, for `pinfold manual | man -l -`.")
    parser.add_argument("--markdown", action="store_true", help="print the reference page in Markdown instead")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from codegen import cli  # which imports this
    from codegen.manual import man_page, page, surface
    line = surface.of(cli.parser())
    sys.stdout.write(page.text(line) if options.markdown else man_page.text(line))
    return OK
