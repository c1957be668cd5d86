"""Which CPUs take a device's interrupts."""

from __future__ import annotations

import os
import re
from pathlib import Path

from codegen.machine import interrupts
from codegen.machine.interrupts import Interrupt
from codegen.machine.model import Device


def of_device(root: Path, device: Device) -> tuple[Interrupt, ...] | None:
    """None where the system does not say. Those that never fired, of the device's management, only if no other did."""
    table = interrupts.rows(root)
    if table is None:
        return None
    numbers = _message_signalled(root, device.pci)
    found = [interrupts.routed(root, row) for row in table
             if row.number is not None and (row.number in numbers or _mentions(row.description, device))]
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
