"""`pinfold generate`: the C++ and the reports of a topology."""

from __future__ import annotations

import argparse
from pathlib import Path

from codegen import stamp
from codegen.commands import inputs, output
from codegen.commands.exit_codes import FAULTY, OK, unusable, without_jinja
from codegen.diagnostics import Problems
from codegen.files import replace_if_changed
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
    try:
        written = emit.write(topology, Path(options.out), depfile=depfile, inputs=loaded.files)
        made_from = dict(zip(topology.inputs, loaded.files, strict=True))
        replace_if_changed(written[0].with_name(stamp.NAME), stamp.text(inputs.request(options), made_from, written))
        if options.sole:
            stamp.remove_others(Path(options.out), topology.name)
    except OSError as error:
        return unusable(f"cannot write {printable_path(str(error.filename or options.out))}: {error.strerror}")
    output.answer(options, problems, inputs.shown_file(options), "")
    return OK
