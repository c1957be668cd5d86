"""`pinfold schema`: the keys of a topology, for editors or for readers."""

from __future__ import annotations

import argparse
import sys

from codegen import json_schema, reference
from codegen.commands.exit_codes import OK


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "schema", help="print the JSON Schema of topologies, or their reference page",
        description="Prints the JSON Schema (draft 7) of topologies. Editors complete and check by it what begins with"
        " `#:schema PATH`.")
    parser.add_argument("--markdown", action="store_true", help="print the reference page of all keys instead")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    sys.stdout.write(reference.page() if options.markdown else json_schema.text())
    return OK
