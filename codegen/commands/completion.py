"""`pinfold completion`: what a shell completes after `pinfold`."""

from __future__ import annotations

import argparse
import sys

from codegen.commands.exit_codes import OK


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "completion", help="print what makes a shell complete pinfold's commands and options",
        description="Prints a script for a shell to read: `source <(pinfold completion bash)`, or in fish"
                    " `pinfold completion fish | source`.")
    parser.add_argument("shell", choices=("bash", "fish"), help="the shell that reads it")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from codegen import cli  # which imports this
    from codegen.manual import bash, fish, surface
    script = {"bash": bash, "fish": fish}[options.shell].script
    sys.stdout.write(script(surface.of(cli.parser())))
    return OK
