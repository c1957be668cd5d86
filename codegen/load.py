"""The whole front end in one call: layers in, a topology or problems out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codegen.assemble import assemble
from codegen.check import check
from codegen.diagnostics import Problems
from codegen.layers import Request, merge
from codegen.machine import hardware
from codegen.model import Topology
from codegen.resolve import resolve
from codegen.validate import validate


@dataclass(frozen=True)
class Loaded:
    topology: Topology
    files: tuple[Path, ...]  # that were read


def load(request: Request, problems: Problems) -> Topology | None:
    """None exactly if there is an error among the problems."""
    loaded = load_with_files(request, problems)
    return loaded.topology if loaded else None


def load_with_files(request: Request, problems: Problems) -> Loaded | None:
    """None exactly if there is an error among the problems."""
    merged = merge(request, problems)
    if merged is None:
        return None
    declared = validate(merged, problems)
    found = hardware.find(declared, request, problems)
    resolution = resolve(declared, found, problems)
    check(resolution, problems)
    if problems.errors:
        return None
    files = [Path(path) for path in (request.file, *request.overlays)]
    return Loaded(assemble(resolution), tuple(files if found.file is None else [*files, found.file]))
