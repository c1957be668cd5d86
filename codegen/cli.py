"""The command line: which commands there are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from codegen.commands import check, deploy, diff, discover, explain, generate, import_, kinds, schema, show
from codegen.commands.exit_codes import MEANING

_COMMANDS = (discover, import_, check, show, diff, generate, kinds, deploy, explain, schema)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="pinfold", description="Turns a topology file into a process's thread layout.")
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    for chosen in (found, *commands.choices.values()):
        chosen.epilog = chosen.epilog or MEANING
    return found
