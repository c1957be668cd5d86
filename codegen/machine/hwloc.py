"""Asks hwloc's own tools about a machine. They are careless with errors, so everything that they say is read: for an
object that does not exist they print a line and an empty answer and exit with 0, and for a file that they cannot load
hwloc-calc answers for the machine that it runs on, or crashes. The file is therefore loaded by lstopo first."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

INSTALL = "sudo apt-get install hwloc-nox"


class Unusable(Exception):
    """There is no answer; the text says why, `help` what to do, `said` is what the tool printed."""

    def __init__(self, text: str, help: str | None = None, *, said: str = "") -> None:
        super().__init__(text)
        self.help = help
        self.said = said


@dataclass(frozen=True)
class Input:
    """What describes the machine: a file, or with None the machine that this runs on."""

    file: Path | None

    @property
    def options(self) -> list[str]:
        return [] if self.file is None else ["--input", str(self.file), "--input-format", "xml"]


def export(machine: Input) -> str:
    """The machine as XML of hwloc's version 2, whatever version the file has. Raises Unusable."""
    return _ask("lstopo-no-graphics", machine, [*machine.options, "--disallowed", "--output-format", "xml", "-"])


def cpus_at(machine: Input, location: str) -> tuple[int, ...]:
    """The numbers of the usable CPUs at a location of hwloc-calc, in hwloc's order. Raises Unusable.

    The machine must be one that export() has read."""
    kind = location.removeprefix("cpukind:")
    restriction = [] if kind == location else ["--cpukind", kind]
    found = _ask("hwloc-calc", machine, [*restriction, *machine.options, "--physical-output", "--intersect", "pu",
                                         "all" if restriction else location])
    return tuple(int(number) for number in found.replace(",", " ").split())


def count(machine: Input, type: str) -> int | None:
    """How many objects of a type the machine has; None for what is no type."""
    try:
        found = _ask("hwloc-calc", machine, [*machine.options, "--number-of", type, "all"]).strip()
    except Unusable:
        return None
    return int(found) if found.isdecimal() else None


def _ask(tool: str, machine: Input, arguments: Sequence[str]) -> str:
    # HWLOC_XMLFILE and its like would answer for another machine.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HWLOC_")} | {"LC_ALL": "C"}
    try:
        answer = subprocess.run([tool, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, errors="replace", timeout=60, check=False)
    except FileNotFoundError:
        raise Unusable(f"{tool} is not installed, which reads machine descriptions",
                       f"install hwloc: {INSTALL}") from None
    except subprocess.TimeoutExpired:
        raise Unusable(f"{tool} did not answer within a minute") from None
    complaints = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
    if complaints or answer.returncode != 0:
        complaints.append(f"{tool} ended with {answer.returncode}")
        raise Unusable("hwloc does not understand it", said=complaints[0].removeprefix(f"{machine.file}: "))
    return answer.stdout
