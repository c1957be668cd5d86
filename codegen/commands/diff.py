"""`pinfold diff`: what differs between two topologies, or between one without and with its layers."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from codegen import recorded
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK, UNUSABLE, unusable
from codegen.diagnostics import Problems
from codegen.diffing import compared, differences, text
from codegen.diffing.compared import Compared
from codegen.load import load
from codegen.model import Topology
from codegen.read_document import Unreadable
from codegen.source import printable_path

# What a document or binary holds; the bytes of what is to be read as TOML, None where there are none.
_Single: TypeAlias = Topology | bytes | None


class _Unusable(Exception):
    """One side is no topology; why is said already, or is the text."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "diff", help="compare two topologies",
        description="Resolves two topologies and says what differs: pools, cores, names and every key, with where each"
        " value was written. A and B are topologies, topology.json files that generate wrote, or binaries that link a"
        " topology; of several the one that is called as the other side is. --overlay and --set are layers of B alone;"
        " without B they are layered over A, and A is compared with that. PINFOLD_SET counts for both.",
        epilog="Exit code 0: the same; 1: different; 2: errors in a topology, wrong usage or environment.")
    output.add_defaults(parser)
    parser.add_argument("a", metavar="A", help="the old topology")
    parser.add_argument("b", metavar="B", nargs="?", help="the new topology; default: A with the layers")
    inputs.add_layers(parser)
    parser.add_argument("--base-overlay", action="append", default=[], metavar="FILE",
                        help="merge a file over A, and over B where B is A (repeatable)")
    parser.add_argument("--json", action="store_true", help="print the differences as JSON")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    layers = bool(options.overlay or options.settings)
    if options.b is None and not layers:
        return unusable("diff needs a second topology, or layers over the first one: --overlay FILE or --set KEY=VALUE")
    try:
        old, new = _sides(options)
    except _Unusable as error:
        return unusable(str(error)) if str(error) else UNUSABLE
    found = differences.between(old, new)
    if options.json:
        sys.stdout.write(json.dumps(differences.data(found), indent=2) + "\n")
    elif found:
        sys.stdout.write(text.text(found))
    return FAULTY if found else OK


def _sides(options: argparse.Namespace) -> tuple[Compared, Compared]:
    """Of a binary with several topologies the other side says which."""
    a, b = options.a, options.b or options.a
    below = options.base_overlay if options.b is None else []
    held_by_a = _read(a)
    held_by_b = held_by_a if options.b is None else _read(b)

    def old(found: _Single) -> Compared:
        return _side(options, a, found, options.base_overlay, [])

    def new(found: _Single) -> Compared:
        return _side(options, b, found, [*below, *options.overlay], options.settings)

    if isinstance(held_by_a, list):
        second = new(_only(b, held_by_b))
        return old(_named(a, held_by_a, second.name)), second
    first = old(held_by_a)
    return first, new(_named(b, held_by_b, first.name))


def _side(
    options: argparse.Namespace, file: str, found: _Single, overlays: Sequence[str],
    settings: Sequence[str],
) -> Compared:
    if isinstance(found, Topology):
        if overlays or settings:
            raise _Unusable(f"{printable_path(file)} is resolved already; layers need the topology that it was made of")
        return compared.of(found)
    problems = Problems()
    request = inputs.request_for(options, file, overlays, settings, found)
    topology = load(request, problems)
    if topology is None:
        output.report(options, problems, printable_path(request.display_name(file)))
        raise _Unusable
    return compared.of(topology)


def _read(file: str) -> _Single | list[Topology]:
    """A list: the binary has several."""
    try:
        found = recorded.read(Path(file))
    except (OSError, ValueError):
        return None  # the reader of topologies says why
    except Unreadable as error:
        raise _Unusable(f"{printable_path(file)}: {error}") from None
    if isinstance(found, bytes):
        return found
    return found[0].topology if len(found) == 1 else [each.topology for each in found]


def _named(file: str, found: _Single | list[Topology], name: str) -> _Single:
    """Of several the one that is called as the other side is."""
    of_name = [each for each in found if each.name == name] if isinstance(found, list) else []
    return of_name[0] if len(of_name) == 1 else _only(file, found)


def _only(file: str, found: _Single | list[Topology]) -> _Single:
    if not isinstance(found, list):
        return found
    names = ", ".join(each.name for each in found)
    binary, first = printable_path(file), found[0].name
    raise _Unusable(f"{binary} has {len(found)} topologies, {names}: write the one that is meant to a file, which diff"
                    f" takes, too: pinfold show --json --topology {first} {shlex.quote(binary)} >{first}.json")
