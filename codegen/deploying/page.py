"""The pieces as one page for people, as files, and as JSON data."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

from codegen import cxx, version
from codegen.cores import format_cpus
from codegen.deploying import cgroup, docker, kernel, kubernetes, systemd
from codegen.deploying.facts import Facts
from codegen.deploying.isolation import Isolation, others
from codegen.deploying.piece import Piece, because

NAMES = ("kernel", "systemd", "cgroup", "kubernetes", "docker")
README = "README"
FORMAT = 1
_FIRST_WORDS = "deployment of"


def pieces(facts: Facts, isolation: Isolation) -> tuple[Piece, ...]:
    return (kernel.piece(facts, isolation), systemd.piece(facts, isolation), cgroup.piece(facts, isolation),
            kubernetes.piece(facts), docker.piece(facts, isolation))


def text(facts: Facts, isolation: Isolation, parts: Sequence[Piece]) -> str:
    topology = facts.topology
    title = f"{_FIRST_WORDS} '{topology.name}' from {cxx.shown(', '.join(topology.inputs))}; pinfold {version.text()}\n"
    return "\n".join([title, _summary(facts, isolation), *map(_section, parts)])


def files(facts: Facts, isolation: Isolation, parts: Sequence[Piece]) -> dict[str, str]:
    return {**{part.file: part.text for part in parts if part.text}, README: text(facts, isolation, parts)}


def has_written(folder: Path) -> bool:
    """Whether the folder is one that files() were written to before."""
    try:
        with open(folder / README, encoding="utf-8") as readme:
            return readme.readline().startswith(_FIRST_WORDS)
    except (OSError, ValueError):
        return False


def data(facts: Facts, isolation: Isolation, parts: Sequence[Piece]) -> str:
    topology = facts.topology
    cpus = {"process": facts.process, "isolated": facts.isolated, "balanced": facts.balanced,
            "tickless": facts.tickless, "housekeeping": facts.housekeeping,
            "other_processes": others(facts, isolation.method)}
    found = {
        "format": FORMAT, "pinfold": version.text(), "topology": topology.name, "inputs": topology.inputs,
        "isolation": dataclasses.asdict(isolation), "cpus": {name: format_cpus(value) for name, value in cpus.items()},
        "pieces": [dataclasses.asdict(part) for part in parts],
    }
    return json.dumps(found, indent=2) + "\n"


def _summary(facts: Facts, isolation: Isolation) -> str:
    rows = [("cpus of the process", _cpus(facts.process), because(facts.process_why))]
    rows += [("isolated", format_cpus(owner.cpus), because([owner.why])) for owner in facts.dedicated]
    rows += [
        ("left to interrupts", _cpus(facts.housekeeping), f"of {_cpus(facts.host)}"),
        ("left to other processes", _cpus(others(facts, isolation.method)), f"of {_cpus(facts.host)}"),
        ("isolated by", isolation.method or "nothing", ""),
    ]
    return "".join(f"{line}\n" for line in ["cpus", *(f"  {line}" for line in cxx.columns(rows, gap=2))])


def _section(part: Piece) -> str:
    lines = [f"{part.title} ({part.file})"]
    lines += [f"  {line}".rstrip() for line in part.text.splitlines()] or ["  nothing is needed"]
    if part.name in ("kernel", "docker"):  # these have no comments of their own
        rows = [(f"{setting.name}={setting.value}", because(setting.why)) for setting in part.settings]
        lines += ["", *(f"  {line}" for line in cxx.columns(rows, gap=2))] if rows else []
        for note in part.notes:
            lines += ["", *textwrap.wrap(note, cxx.COLUMNS, initial_indent="  ", subsequent_indent="  ",
                                         break_on_hyphens=False, break_long_words=False)]
    return "\n".join(lines) + "\n"


def _cpus(cpus: Sequence[int]) -> str:
    return format_cpus(cpus) or "none"
