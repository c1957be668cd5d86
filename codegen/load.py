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
    topology: Topology | None  # None exactly if there is an error among the problems
    files: tuple[Path, ...]  # that were to be read, the topology first


def load(request: Request, problems: Problems) -> Topology | None:
    """None exactly if there is an error among the problems."""
    return load_with_files(request, problems).topology


def load_with_files(request: Request, problems: Problems) -> Loaded:
    files = tuple(Path(path) for path in (request.file, *request.overlays))
    merged = merge(request, problems)
    if merged is None:
        return Loaded(None, files)
    declared = validate(merged, problems)
    found = hardware.find(declared, request, problems)
    resolution = resolve(declared, found, problems)
    check(resolution, problems)
    if found.file is not None:
        files = (*files, found.file)
    return Loaded(None if problems.errors else assemble(resolution), files)
