"""In which form a command prints diagnostics, and its answer beside them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TextIO

from codegen import formats
from codegen.diagnostics import Problems

_DEFAULTS = {"message_format": "text", "color": "auto"}


def add_defaults(parser: argparse.ArgumentParser) -> None:
    """For a command whose own output leaves no choice: diagnostics are as people read them."""
    parser.set_defaults(**_DEFAULTS)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", dest="message_format", choices=formats.NAMES, default=_DEFAULTS["message_format"],
                        help="of diagnostics: text for people, gcc and msvc for IDEs, github for workflows, json (one"
                        " document on standard output) for programs; default: text")
    add_color(parser)


def add_color(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--color", choices=("auto", "always", "never"), default=_DEFAULTS["color"],
                        help="colours in text; auto: on a terminal, unless NO_COLOR is set; default: auto")


def report(options: argparse.Namespace, problems: Problems, file: str) -> None:
    """Prints the problems. JSON waits for answer() where there is no error."""
    match options.message_format:
        case "text":
            sys.stderr.write(formats.text(problems, file, colour=colour(options, sys.stderr)))
        case "json":
            if problems.errors:
                sys.stdout.write(formats.document(problems, file, {}))
        case name:
            sys.stderr.write(formats.lines(formats.LINES[name], problems))


def answer(options: argparse.Namespace, problems: Problems, file: str, text: str, **data: object) -> None:
    """What the command says where there is no error: `data` is `text` for programs."""
    sys.stdout.write(formats.document(problems, file, data) if options.message_format == "json" else text)


def colour(options: argparse.Namespace, stream: TextIO) -> bool:
    if options.color == "auto":
        return stream.isatty() and not os.environ.get("NO_COLOR")
    return bool(options.color == "always")
