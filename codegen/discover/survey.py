"""What is known of the machine before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codegen.discover import interrupts, network
from codegen.discover.network import Card
from codegen.machine import host
from codegen.machine.interrupts import Interrupt
from codegen.machine.model import Device, Machine


@dataclass(frozen=True)
class Survey:
    machine: Machine
    card: Card | None
    interrupts: tuple[Interrupt, ...] | None  # of the card; None: nobody says
    storage: Device | None  # the first NVMe
    quota: str  # CPUs' worth of time that the control group gets, "1.5"; "" where it is not limited

    @property
    def interrupt_cpus(self) -> tuple[int, ...]:
        taking = {cpu for one in self.interrupts or () for cpu in one.cpus}
        return tuple(sorted(taking & self.machine.by_index.keys()))


def survey(machine: Machine, root: Path | None, nic: str | None) -> Survey:
    """`root` is where /proc and /sys of the machine are; None: nowhere. Raises network.NoSuchCard."""
    card = network.choose(machine, root, nic)
    found = interrupts.of_device(root, card.device) if card and root else None
    disks = [device for device in machine.devices if device.type == "storage" and device.name.startswith("nvme")]
    return Survey(machine, card, found, next(iter(network.natural(disks)), None), _quota(root) if root else "")


def _quota(root: Path) -> str:
    limit = host.text(root / "sys/fs/cgroup/cpu.max").split()
    if len(limit) != 2 or not all(word.isdecimal() and int(word) for word in limit):
        return ""
    return f"{int(limit[0]) / int(limit[1]):g}"
