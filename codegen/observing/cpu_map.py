"""The CPU map that a process runs with: the grammar of src/cpu_map.cpp, and who wins as in src/start_options.cpp."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

OPTION = "--pinfold-cpu-map"
VARIABLE = "PINFOLD_CPU_MAP"

_LARGEST_CPU = 65535
_RANGE = re.compile(r" *([0-9]{1,10}) *(?:- *([0-9]{1,10}) *)?")


class Malformed(Exception):
    """The text is no CPU map; the message says why."""


@dataclass(frozen=True)
class CpuMap:
    text: str = ""
    source: str = ""  # who said so; "" where nobody did
    targets: Mapping[int, int] = field(default_factory=dict)

    def apply(self, cpus: Iterable[int]) -> tuple[int, ...]:
        return tuple(self.targets.get(cpu, cpu) for cpu in cpus)


def parse(text: str, source: str) -> CpuMap:
    """Raises Malformed."""
    targets: dict[int, int] = {}
    for entry in text.split(";"):
        if not entry.strip(" "):
            continue
        sides = [_cpus(side) for side in entry.split(":")]
        if len(sides) != 2 or not all(sides):
            raise Malformed(f"CPU map entry '{entry.strip(' ')}' is malformed: write FROM:TO with lists like 0-3,8;"
                            " entries are separated by ';': 9-16:0-7;5:0")
        for at, cpu in enumerate(sides[0]):
            if cpu in targets:
                raise Malformed(f"CPU map maps core {cpu} twice: name each core once on the left sides")
            targets[cpu] = sides[1][at % len(sides[1])]
    return CpuMap(text.strip(" "), source if targets else "", targets)


def of_process(arguments: Sequence[str], environment: str | None) -> CpuMap:
    """What the program finds if it reads its arguments. Raises Malformed."""
    given = _argument(arguments)
    if given is not None:
        return parse(given, OPTION)
    return parse(environment or "", VARIABLE)


def _argument(arguments: Sequence[str]) -> str | None:
    found = None
    words = iter(arguments[1:])
    for word in words:
        if word == "--":
            break
        if word.startswith(f"{OPTION}="):
            found = word.removeprefix(f"{OPTION}=")
        elif word == OPTION:
            found = next(words, found)
    return found


def _cpus(text: str) -> list[int]:
    """Empty: malformed."""
    cpus: list[int] = []
    for part in text.split(","):
        bounds = _RANGE.fullmatch(part)
        first, last = (int(bounds[1]), int(bounds[2] or bounds[1])) if bounds else (1, 0)
        if last < first or last > _LARGEST_CPU:
            return []
        cpus += range(first, last + 1)
    return cpus
