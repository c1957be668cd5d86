"""`pinfold kinds`: what a build system must know before it builds a topology."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from codegen import document
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK
from codegen.diagnostics import Problems
from codegen.source import printable_path


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "kinds", help="print the kinds of pools that a topology uses, and its name",
        description="For build systems: one line `asio;tbb`, one line with the topology's name, and a line for each"
        " file that the answer depends on. Of a topology with errors only the files are known.")
    inputs.add(parser)
    output.add(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    problems = Problems()
    loaded = inputs.load_with_files_reported(options, problems)
    files = [os.path.abspath(file) for file in loaded.files]
    if loaded.topology is None:
        if options.message_format != "json":
            sys.stdout.write(_text([], "", files))
        return FAULTY
    kinds, name = document.kinds(loaded.topology), loaded.topology.name
    output.answer(options, problems, inputs.shown_file(options), _text(kinds, name, files),
                  kinds=kinds, name=name, files=files)
    return OK


def _text(kinds: Sequence[str], name: str, files: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in (";".join(kinds), name, *map(printable_path, files)))
