"""The whole front end in one call: layers in, a topology or problems out."""

from __future__ import annotations

from codegen.assemble import assemble
from codegen.check import check
from codegen.diagnostics import Problems
from codegen.layers import Request, merge
from codegen.model import Topology
from codegen.resolve import resolve
from codegen.validate import validate


def load(request: Request, problems: Problems) -> Topology | None:
    """None exactly if there is an error among the problems."""
    merged = merge(request, problems)
    if merged is None:
        return None
    resolution = resolve(validate(merged, problems), problems)
    check(resolution, problems)
    return None if problems.errors else assemble(resolution)
