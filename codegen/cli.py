"""The command line: which commands there are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from codegen import version
from codegen.commands.exit_codes import MEANING

_COMMANDS = {  # by name, the module
    "discover": "discover",
    "import": "import_",
    "check": "check",
    "show": "show",
    "diff": "diff",
    "generate": "generate",
    "kinds": "kinds",
    "deploy": "deploy",
    "verify": "verify",
    "top": "top",
    "explain": "explain",
    "schema": "schema",
    "manual": "manual",
    "completion": "completion",
}

_DESCRIPTION = ("Turns a topology, one TOML file, into a process's thread layout: C++ with pinned, named pools of"
                " Boost.Asio, oneTBB and native threads. Draws, compares, deploys and watches such layouts, too.")


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    options = parser(_named(given)).parse_args(given)
    status: int = options.run(options)
    return status


def _named(arguments: Sequence[str]) -> Sequence[str]:
    """The command that the arguments begin with, or where they do not, all: each costs an import."""
    return arguments[:1] if arguments and arguments[0] in _COMMANDS else tuple(_COMMANDS)


def parser(names: Sequence[str] = tuple(_COMMANDS)) -> argparse.ArgumentParser:
    """Of these commands alone."""
    found = argparse.ArgumentParser(prog="pinfold", description=_DESCRIPTION)
    found.add_argument("--version", action="version", version=f"pinfold {version.text()}",
                       help="print the version and exit")
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    for name in names:
        import_module(f"codegen.commands.{_COMMANDS[name]}").add(commands)
    for chosen in (found, *commands.choices.values()):
        chosen.epilog = chosen.epilog or MEANING
    return found
