"""Writes a checked topology as C++, JSON and text. Equal topologies give equal bytes; equal files are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import jinja2

from codegen import depfile as depfiles
from codegen import document, report
from codegen.files import replace_if_changed
from codegen.header_view import header
from codegen.model import Topology
from codegen.source_view import source

FILES = ("topology.hpp", "topology.cpp", "topology.json", "topology.txt")

_TEMPLATES = Path(__file__).resolve().parent / "templates"


def write(topology: Topology, out_dir: Path, *, depfile: Path | None, inputs: Sequence[Path]) -> list[Path]:
    """Writes `out_dir/NAME/topology.{hpp,cpp,json,txt}` and returns their paths.

    The depfile `X.d` states what `X` depends on: `inputs` and the generator itself. Raises depfile.Unspeakable, and
    then has written nothing.
    """
    rule = None if depfile is None else depfiles.text(depfiles.target_of(depfile), inputs)
    folder = out_dir / topology.name
    written = []
    for name, text in texts(topology).items():
        replace_if_changed(folder / name, text)
        written.append(folder / name)
    if depfile is not None and rule is not None:
        replace_if_changed(depfile, rule)
    return written


def files(topology: Topology, out_dir: Path) -> list[Path]:
    """What write() writes, but for the depfile."""
    return [out_dir / topology.name / name for name in FILES]


def texts(topology: Topology) -> dict[str, str]:
    """The generated files by name."""
    declared = header(topology)
    return {
        "topology.hpp": _render("topology.hpp.j2", declared, declared.layout),
        "topology.cpp": _render("topology.cpp.j2", source(topology), declared.layout),
        "topology.json": document.readable(topology),
        "topology.txt": report.text(topology),
    }


def _render(template: str, view: Any, layout: str) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {field.name: getattr(view, field.name) for field in fields(view)}
    return environment.get_template(template).render(values, layout=layout)
