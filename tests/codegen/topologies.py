"""Loads topologies that tests write down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from codegen.diagnostics import Problems
from codegen.layers import Request
from codegen.load import load
from codegen.model import Pool, Topology

HEAD = '[topology]\nname = "md"\n'


def attempt(
    folder: Path, text: str, *, overlays: Sequence[str] = (), environment: str = "", settings: Sequence[str] = (),
) -> tuple[Topology | None, Problems]:
    file = folder / "md.toml"
    file.write_text(text, encoding="utf-8")
    paths = []
    for index, overlay in enumerate(overlays):
        path = folder / f"overlay{index}.toml"
        path.write_text(overlay, encoding="utf-8")
        paths.append(str(path))
    problems = Problems()
    request = Request(str(file), paths, environment, settings, relative_to=str(folder))
    return load(request, problems), problems


def topology(
    folder: Path, text: str, *, overlays: Sequence[str] = (), environment: str = "", settings: Sequence[str] = (),
) -> Topology:
    found, problems = attempt(folder, text, overlays=overlays, environment=environment, settings=settings)
    assert found, [(problem.id, problem.text) for problem in problems]
    return found


def faults(folder: Path, text: str, *, environment: str = "", settings: Sequence[str] = ()) -> list[str]:
    """The problems as "ID line:column"."""
    _, problems = attempt(folder, text, environment=environment, settings=settings)
    return [f"{problem.id} {problem.place.line}:{problem.place.column}" for problem in problems]


def pool(topology: Topology, title: str) -> Pool:
    kind, name = re.fullmatch(r"(\w+)\.(\w+)", title).groups()  # type: ignore[union-attr]
    return next(pool for pool in topology.pools if (pool.kind, pool.name) == (kind, name))
