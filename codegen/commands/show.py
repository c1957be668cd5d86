"""`pinfold show`: where the threads of a topology run, as text or as a picture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen import diagnostics, document, recorded, version
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK, unusable, without_jinja
from codegen.diagnostics import Problems
from codegen.files import is_one_of
from codegen.model import Topology
from codegen.picture import terminal
from codegen.read_document import Unreadable
from codegen.source import printable_path

STDOUT = "-"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "show", help="draw where the threads of a topology run",
        description="Shows the machine with the pools on its CPUs, the pools, and what every name leads to. FILE is a "
                    "topology, a topology.json, or a binary that links topologies; a binary is read, not run.")
    inputs.add(parser)
    output.add_color(parser)
    parser.add_argument("--topology", metavar="NAME", help="of a binary with several: this one alone")
    parser.add_argument("--svg", metavar="FILE", help="write the map as SVG; - is standard output")
    parser.add_argument("--html", metavar="FILE", help="write everything as one page of HTML; - is standard output")
    parser.add_argument("--json", action="store_true", help="print the resolved topology as JSON")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if sum((options.svg == STDOUT, options.html == STDOUT, options.json)) > 1:
        return unusable("only one of --json, --svg - and --html - can go to standard output")
    found = _recorded(options)
    read = [Path(options.file)]
    if found is None or isinstance(found, bytes):
        loaded = inputs.load_with_files_reported(options, Problems(), found)
        found = FAULTY if loaded.topology is None else [loaded.topology]
        read = list(loaded.files)
    if isinstance(found, int):
        return found
    if lost := next((name for name in _pictures(options) if is_one_of(name, read)), None):
        return unusable(f"{printable_path(lost)} is what the picture is drawn from; write that to another file")
    if options.svg and options.svg == options.html != STDOUT:
        return unusable(f"{printable_path(options.svg)} cannot be both SVG and HTML")
    if options.topology is not None:
        named = [topology for topology in found if topology.name == options.topology]
        if not named:
            wanted = diagnostics.quoted(options.topology)
            return unusable(f"{_shown(options)} has no topology {wanted}: {_names(found)}")
        found = named
    if len(found) > 1 and (options.svg or options.json):
        return unusable(f"{_shown(options)} has {len(found)} topologies, and --svg and --json are about one: choose it "
                        f"with --topology: {_names(found)}")
    return _write(found, options)


def _recorded(options: argparse.Namespace) -> list[Topology] | bytes | int | None:
    """What a document or binary holds, or an exit code; the bytes of what is to be read as TOML, None where there are
    none."""
    try:
        found = recorded.read(Path(options.file))
    except (OSError, ValueError):
        return None  # the reader of topologies says why
    except Unreadable as error:
        return unusable(f"{_shown(options)}: {error}")
    if isinstance(found, bytes):
        return found
    if options.overlay or options.settings:
        return unusable(f"{_shown(options)} is resolved: --overlay and --set change only a topology file")
    for writer in dict.fromkeys(each.pinfold for each in found if each.pinfold != version.text()):
        sys.stderr.write(diagnostics.remark(f"pinfold {writer} wrote {_shown(options)}; this is {version.text()}"))
    return [each.topology for each in found]


def _write(topologies: Sequence[Topology], options: argparse.Namespace) -> int:
    pictures: list[tuple[str, str]] = []
    if options.svg or options.html:
        try:
            from codegen.picture import page, svg
        except ModuleNotFoundError as error:
            return without_jinja("show --svg and --html need", error)
        pictures += [(options.svg, svg.text(topologies[0]))] if options.svg else []
        pictures += [(options.html, page.text(topologies))] if options.html else []
    for name, text in pictures:
        if name == STDOUT:
            sys.stdout.write(text)
            continue
        try:
            Path(name).write_text(text, encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its name holds a NUL"
            return unusable(f"cannot write {printable_path(name)}: {reason}")
    if options.json:
        sys.stdout.write(document.readable(topologies[0]))
    elif not pictures:
        sys.stdout.write("\n".join(_drawn(topology, options) for topology in topologies))
    return OK


def _pictures(options: argparse.Namespace) -> list[str]:
    """The files to write."""
    return [name for name in (options.svg, options.html) if name and name != STDOUT]


def _drawn(topology: Topology, options: argparse.Namespace) -> str:
    return terminal.text(topology, colour=output.colour(options, sys.stdout), ascii_only=not _takes_lines())


def _takes_lines() -> bool:
    try:
        "├".encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(options: argparse.Namespace) -> str:
    return inputs.shown_file(options)


def _names(topologies: Sequence[Topology]) -> str:
    return "it has " + ", ".join(topology.name for topology in topologies)
