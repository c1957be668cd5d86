"""Sets of CPUs as the kernel writes them: lists such as 4-7,12, and masks."""

from __future__ import annotations

import re
from itertools import chain

from codegen.schema import MAX_CPU

_MOST_LISTED = 4 * (MAX_CPU + 1)  # CPUs of a list, each as often as it is named


def cpus_listed(text: str) -> tuple[int, ...]:
    """The kernel's form of a CPU list, `4-7,12`; what is none, or names CPUs again and again, counts as empty."""
    found: list[range] = []
    for part in text.replace(" ", "").split(","):
        bounds = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part)
        if bounds is not None and int(bounds[2] or bounds[1]) <= MAX_CPU:
            found.append(range(int(bounds[1]), int(bounds[2] or bounds[1]) + 1))
    return tuple(dict.fromkeys(chain(*found))) if sum(map(len, found)) <= _MOST_LISTED else ()


def cpu_list(text: str) -> frozenset[int]:
    """As the kernel writes and takes them: 0-3,8, also 0-15:2/4, the first two of every four. Raises ValueError."""
    cpus: set[int] = set()
    for part in text.split(",") if text not in ("", "(null)") else ():
        found = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6})(?::(\d{1,6})/([1-9]\d{0,5}))?)?", part)
        if not found:
            raise ValueError(part)
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise ValueError(part)
        used, group = int(found[3] or 1), int(found[4] or 1)
        cpus |= {cpu for cpu in range(first, last + 1) if (cpu - first) % group < used}
    return frozenset(cpus)


def cpu_mask(text: str) -> frozenset[int]:
    """Groups of 32 bits in hexadecimal, the highest first. Raises ValueError."""
    groups = text.split(",")
    bits = int("".join([groups[0], *(group.rjust(8, "0") for group in groups[1:])]), 16)
    return frozenset(cpu for cpu in range(bits.bit_length()) if bits >> cpu & 1)
