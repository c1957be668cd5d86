"""A machine: its CPUs and what they share. Nothing here changes after it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True)
class Cpu:
    """A processing unit. What it belongs to is named by logical index; -1 where the machine says nothing."""

    index: int  # the kernel's number
    core: int
    package: int
    node: int
    cache: int  # of the last level
    kind: int
    allowed: bool  # False: the administrator keeps it from this system's processes


@dataclass(frozen=True)
class Node:
    """A NUMA node with CPUs."""

    index: int  # the kernel's number
    memory: int  # bytes


@dataclass(frozen=True)
class Cache:
    level: int
    size: int  # bytes


@dataclass(frozen=True)
class Device:
    name: str  # of the operating system: eth0, nvme0n1, cuda0
    type: str  # "network" | "fabric" | "storage" | "gpu" | "other"
    pci: str  # its bus ID; "" where it is on none
    description: str  # vendor and model
    cpus: tuple[int, ...]  # those that are near


@dataclass(frozen=True)
class Machine:
    label: str  # the file, as generated text shows it, or "host"
    cpus: tuple[Cpu, ...]  # in hwloc's order: neighbours share most
    offline: tuple[int, ...]  # numbers of CPUs of which no more is known
    isolated: tuple[int, ...]  # kept free by the kernel: it does not move threads among them
    packages: tuple[str, ...]  # models
    nodes: tuple[Node, ...]
    caches: tuple[Cache, ...]
    kinds: tuple[str, ...]  # of CPUs, the least powerful first; empty where nothing is said of them
    devices: tuple[Device, ...]

    @cached_property
    def by_index(self) -> Mapping[int, Cpu]:
        return {cpu.index: cpu for cpu in self.cpus}

    @cached_property
    def usable(self) -> tuple[int, ...]:
        """The CPUs that a process may run on, in hwloc's order."""
        return tuple(cpu.index for cpu in self.cpus if cpu.allowed)

    @cached_property
    def siblings(self) -> Mapping[int, tuple[int, ...]]:
        """By core, its CPUs: more than one where it has SMT."""
        found: dict[int, list[int]] = {}
        for cpu in self.cpus:
            found.setdefault(cpu.core, []).append(cpu.index)
        return {core: tuple(cpus) for core, cpus in found.items()}

    def state(self, cpu: int) -> str:
        """ "usable", "offline", "not allowed" or "absent"."""
        known = self.by_index.get(cpu)
        if known is not None:
            return "usable" if known.allowed else "not allowed"
        return "offline" if cpu in self._offline else "absent"

    @cached_property
    def _offline(self) -> frozenset[int]:
        return frozenset(self.offline)

    def within(self, cpus: Iterable[int]) -> Machine:
        """The machine of processes that are kept to these CPUs."""
        kept = frozenset(cpus)
        return replace(self, cpus=tuple(replace(cpu, allowed=cpu.allowed and cpu.index in kept) for cpu in self.cpus))

    def in_order(self, cpus: Iterable[int]) -> list[int]:
        """CPUs of the machine, in hwloc's order."""
        wanted = set(cpus)
        return [cpu.index for cpu in self.cpus if cpu.index in wanted]
