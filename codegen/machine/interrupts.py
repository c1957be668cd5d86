"""The interrupts of a host, as /proc/interrupts counts them and /proc/irq says where they go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.machine import host
from codegen.machine.kernel_lists import cpus_listed

_TOTALS = ("ERR", "MIS")  # of the whole host, though they stand in the first CPU's column
_TRIGGER = re.compile(r"(?:^|\s)(?:\S+-(?:edge|level|fasteoi)|Edge|Level)\s+(?=\S)")


@dataclass(frozen=True)
class Row:
    """A line of /proc/interrupts."""

    label: str  # a number, or a word such as LOC for what every CPU has of its own
    counts: Mapping[int, int]  # by CPU, since boot
    description: str

    @property
    def number(self) -> int | None:
        return int(self.label) if re.fullmatch(r"\d{1,9}", self.label) else None

    @property
    def source(self) -> str:
        """Who asked for it, `eth0-TxRx-1`, without the controller and the line before that."""
        found = _TRIGGER.search(self.description)
        return self.description[found.end():] if found else self.description


@dataclass(frozen=True)
class Interrupt:
    number: int
    cpus: tuple[int, ...]  # that take it now
    allowed: tuple[int, ...]  # to which the kernel or irqbalance may move it
    fired: bool
    source: str = ""


def rows(root: Path) -> tuple[Row, ...] | None:
    """None where the system does not say."""
    table = host.text(root / "proc/interrupts").splitlines()
    if not table:
        return None
    columns = [int(name[3:]) for name in table[0].split() if re.fullmatch(r"CPU\d{1,5}", name)]
    found = []
    for line in table[1:]:
        label, colon, rest = line.strip().partition(":")
        words = rest.split()
        if not colon or label in _TOTALS:
            continue
        counts = {cpu: int(word) for cpu, word in zip(columns, words) if word.isdecimal()}
        found.append(Row(label, counts, " ".join(words[len(columns):])))
    return tuple(found)


def routed(root: Path, row: Row) -> Interrupt:
    """A row with a number. Older kernels do not say which of the allowed CPUs is the one; there the counters do."""
    assert row.number is not None
    folder = root / "proc/irq" / row.label
    allowed = cpus_listed(host.text(folder / "smp_affinity_list"))
    effective = cpus_listed(host.text(folder / "effective_affinity_list"))
    counted = tuple(cpu for cpu, count in row.counts.items() if count)
    return Interrupt(row.number, effective or counted or allowed, allowed, bool(counted), row.source)
