"""`pinfold generate`: the C++ and the reports of a topology."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from codegen import stamp
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK, unusable, without_jinja
from codegen.depfile import Unspeakable
from codegen.diagnostics import Problems, quoted
from codegen.files import is_one_of, replace_if_changed
from codegen.source import printable_path


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "generate", help="write the C++ of a topology",
        description="Checks a topology and writes its header, source and reports. What would not change is left alone.")
    inputs.add(parser)
    output.add(parser)
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write to")
    parser.add_argument("--sole", action="store_true",
                        help="DIR is for this topology alone: remove what was generated there under a former name")
    parser.add_argument("--depfile", metavar="FILE", help="write a dependency file for make or ninja")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    try:
        from codegen import emit
    except ModuleNotFoundError as error:
        return without_jinja("generate needs", error)
    problems = Problems()
    loaded = inputs.load_with_files_reported(options, problems)
    topology = loaded.topology
    if topology is None:
        return FAULTY
    depfile = Path(options.depfile) if options.depfile else None
    out = Path(options.out)
    generated = [*emit.files(topology, out), out / topology.name / stamp.NAME]
    if complaint := _what_would_be_lost(generated, depfile, loaded.files):
        return unusable(complaint)
    try:
        written = emit.write(topology, out, depfile=depfile, inputs=loaded.files)
        made_from = dict(zip(topology.inputs, loaded.files, strict=True))
        replace_if_changed(written[0].with_name(stamp.NAME), stamp.text(inputs.request(options), made_from, written))
        if options.sole:
            stamp.remove_others(out, topology.name)
    except Unspeakable as error:
        return unusable(f"--depfile cannot name {quoted(printable_path(error.path))}: make reads {error.character!r} in"
                        " a name as something else; rename it")
    except OSError as error:
        return unusable(f"cannot write {printable_path(str(error.filename or options.out))}: {error.strerror}")
    output.answer(options, problems, inputs.shown_file(options), "")
    return OK


def _what_would_be_lost(generated: Sequence[Path], depfile: Path | None, read: Sequence[Path]) -> str | None:
    source = "is what this topology is read from"
    if lost := next((file for file in generated if is_one_of(file, read)), None):
        return f"{printable_path(str(lost))} {source}; name another --out"
    if depfile is None:
        return None
    if is_one_of(depfile, read):
        return f"{printable_path(str(depfile))} {source}; name another --depfile"
    if os.path.abspath(depfile) in [os.path.abspath(file) for file in generated]:
        return f"{printable_path(str(depfile))} is what is generated; name another --depfile"
    return None
