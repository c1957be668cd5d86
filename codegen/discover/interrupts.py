"""Which CPUs take a device's interrupts, as /proc/interrupts and /proc/irq say it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.machine import host
from codegen.machine.describe import parse_list
from codegen.machine.model import Device


@dataclass(frozen=True)
class Interrupt:
    number: int
    cpus: tuple[int, ...]  # that take it now
    allowed: tuple[int, ...]  # to which the kernel or irqbalance may move it
    fired: bool


def of_device(root: Path, device: Device) -> tuple[Interrupt, ...] | None:
    """None where the system does not say. Those that never fired, of the device's management, only if no other did."""
    table = host.text(root / "proc/interrupts").splitlines()
    if not table:
        return None
    columns = [int(name[3:]) for name in table[0].split() if re.fullmatch(r"CPU\d{1,5}", name)]
    numbers = _message_signalled(root, device.pci)
    found = []
    for line in table[1:]:
        row = re.match(r"\s*(\d{1,9}):", line)
        if row is None:
            continue
        words = line[row.end():].split()
        if int(row[1]) in numbers or _mentions(" ".join(words[len(columns):]), device):
            counts = {cpu: int(word) for cpu, word in zip(columns, words) if word.isdecimal()}
            found.append(_interrupt(root, int(row[1]), counts))
    return tuple([one for one in found if one.fired] or found)


def _message_signalled(root: Path, pci: str) -> set[int]:
    """The numbers that the PCI device has, by whatever names its driver asked for them."""
    folder = root / "sys/bus/pci/devices" / pci / "msi_irqs"
    try:
        return {int(name) for name in os.listdir(folder) if name.isdecimal()} if pci else set()
    except OSError:
        return set()


def _mentions(description: str, device: Device) -> bool:
    """`eth0-TxRx-3` is about eth0 and not about eth; names such as PCI-MSIX-0000:3b:00.0 hold the address."""
    names = [name for name in (device.name, device.pci) if name]
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", description) for name in names)


def _interrupt(root: Path, number: int, counts: Mapping[int, int]) -> Interrupt:
    """Older kernels do not say which of the allowed CPUs is the one; there the counters do."""
    folder = root / "proc/irq" / str(number)
    allowed = parse_list(host.text(folder / "smp_affinity_list"))
    effective = parse_list(host.text(folder / "effective_affinity_list"))
    counted = tuple(cpu for cpu, count in counts.items() if count)
    return Interrupt(number, effective or counted or allowed, allowed, bool(counted))
