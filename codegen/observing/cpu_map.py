"""The CPU map that a process runs with: the grammar of src/cpu_map.cpp, and who wins as in src/start_options.cpp."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle

from codegen.diagnostics import quoted

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
        sides = [_ranges(side) for side in entry.split(":")]
        if len(sides) != 2 or not all(sides):
            raise Malformed(f"CPU map entry {quoted(entry.strip(' '))} is malformed: write FROM:TO with lists like"
                            " 0-3,8; entries are separated by ';': 9-16:0-7;5:0")
        # A side may name all CPUs thousands of times over, and who looks at the process has not chosen it: no more of
        # the right one is gone through than is needed, and the first CPU that comes again on the left ends it.
        for cpu, target in zip(chain(*sides[0]), cycle(chain(*sides[1]))):
            if cpu in targets:
                raise Malformed(f"CPU map maps core {cpu} twice: name each core once on the left sides")
            targets[cpu] = target
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


def _ranges(text: str) -> list[range]:
    """Empty: malformed."""
    found: list[range] = []
    for part in text.split(","):
        bounds = _RANGE.fullmatch(part)
        first, last = (int(bounds[1]), int(bounds[2] or bounds[1])) if bounds else (1, 0)
        if last < first or last > _LARGEST_CPU:
            return []
        found.append(range(first, last + 1))
    return found
