"""What every command that reads a topology takes, and how it reports what is wrong with it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from codegen.commands import output
from codegen.diagnostics import Problems
from codegen.layers import Request
from codegen.load import Loaded, load_with_files
from codegen.model import Topology
from codegen.source import printable_path


def add(parser: argparse.ArgumentParser) -> None:
    output.add_defaults(parser)
    parser.add_argument("file", metavar="FILE", help="the topology")
    add_layers(parser)


def add_layers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--overlay", action="append", default=[], metavar="FILE",
                        help="merge a second file over the first (repeatable; later wins)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings",
                        help="set one value, over all files and PINFOLD_SET (repeatable)")
    parser.add_argument("--no-environment", action="store_true", help="ignore PINFOLD_SET")
    parser.add_argument("--relative-to", metavar="DIR", help="name files relative to DIR, in output and diagnostics")
    parser.add_argument("--absolute", action="store_true",
                        help="name files by absolute paths in diagnostics, as IDEs need it to find them")
    parser.add_argument("--cross-compiling", action="store_true", help="refuse machine = \"host\"")


def request(options: argparse.Namespace, content: bytes | None = None) -> Request:
    return request_for(options, options.file, options.overlay, options.settings, content)


def request_for(
    options: argparse.Namespace, file: str, overlays: Sequence[str], settings: Sequence[str],
    content: bytes | None = None,
) -> Request:
    """That file under those layers; all else as the options say. `content`: of the file, where it was read already."""
    environment = "" if options.no_environment else os.environ.get("PINFOLD_SET", "")
    return Request(file, overlays, environment, settings, options.relative_to, options.absolute,
                   options.cross_compiling, content)


def shown_file(options: argparse.Namespace) -> str:
    return printable_path(request(options).display_name(options.file))


def load_reported(
    options: argparse.Namespace, problems: Problems, content: bytes | None = None,
) -> Topology | None:
    """Prints every problem, and how many where there is an error; then there is no topology."""
    return load_with_files_reported(options, problems, content).topology


def load_with_files_reported(
    options: argparse.Namespace, problems: Problems, content: bytes | None = None,
) -> Loaded:
    loaded = load_with_files(request(options, content), problems)
    output.report(options, problems, shown_file(options))
    return loaded
