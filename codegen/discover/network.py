"""Which network card the networking pool serves, and the rule that chose it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codegen.diagnostics import did_you_mean, quoted, shown
from codegen.machine import host
from codegen.machine.model import Device, Machine


class NoSuchCard(Exception):
    """The machine has no network device of the name that was asked for."""


@dataclass(frozen=True)
class Card:
    device: Device
    rule: str  # why this one
    others: tuple[str, ...]


def choose(machine: Machine, root: Path | None, wanted: str | None) -> Card | None:
    """`root` None: only the description speaks. None where the machine has no card. Raises NoSuchCard."""
    devices = natural([device for device in machine.devices if device.type in ("network", "fabric")])
    if wanted is not None:
        chosen = next((device for device in devices if device.name == wanted), None)
        if chosen is None:
            names = [shown(device.name) for device in devices]
            listed = f"its network devices: {', '.join(names) or 'none is described'}"
            raise NoSuchCard(f"the machine has no network device {quoted(wanted)};"
                             f" {did_you_mean(wanted, names) or listed}")
        return Card(chosen, "--nic says so", _names(devices, chosen))
    cards = [device for device in devices if device.type == "network"]
    cards = [card for card in cards if card.pci] or cards
    if not cards:
        return None
    chosen, rule = _preferred(cards, root)
    return Card(chosen, rule, _names(cards, chosen))


def natural(devices: Sequence[Device]) -> list[Device]:
    """By name, eth2 before eth10."""
    return sorted(devices, key=lambda device: [
        (int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", device.name)])


def _names(devices: Sequence[Device], but: Device) -> tuple[str, ...]:
    return tuple(device.name for device in devices if device is not but)


def _preferred(cards: Sequence[Device], root: Path | None) -> tuple[Device, str]:
    if len(cards) == 1:
        return cards[0], "the only network card"
    if root is not None:
        carriers = set(_below(root, _of_default_route(root)))
        for card in cards:
            if card.name in carriers:
                return card, "it carries the default route"
        for card in cards:
            if host.text(root / "sys/class/net" / card.name / "operstate") == "up":
                return card, "the first network card that is up"
    return cards[0], "the first network card by name"


def _of_default_route(root: Path) -> list[str]:
    rows = [line.split() for line in host.text(root / "proc/net/route").splitlines()[1:]]
    return [row[0] for row in rows if len(row) > 7 and row[1] == row[7] == "00000000"]


def _below(root: Path, names: Sequence[str]) -> Iterator[str]:
    """The interfaces, and those that a bond, bridge or VLAN among them stands on."""
    seen: list[str] = list(dict.fromkeys(names))
    for name in seen:  # grows while it is walked
        yield name
        try:
            links = sorted(os.listdir(root / "sys/class/net" / name))
        except OSError:
            continue
        lower = [link.removeprefix("lower_") for link in links if link.startswith("lower_")]
        seen += [name for name in lower if name not in seen]
