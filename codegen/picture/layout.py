"""The machine as nested groups of CPUs with the pools that run on them: what every picture draws.

Without a machine there is one group: the CPUs that the topology names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from codegen import reach
from codegen.machine.model import Cpu, Device, Machine
from codegen.model import Pool, Topology

FREE, OUTSIDE, BARRED, OFFLINE, UNKNOWN = "free", "outside the cpuset", "not allowed", "offline", "not on the machine"


@dataclass(frozen=True)
class Seat:
    """What a pool has on a CPU."""

    pool: int  # index into Topology.pools
    thread: int | None  # the thread that is pinned there; None where several may run there, or none


@dataclass(frozen=True)
class Unit:
    """A CPU."""

    cpu: int
    state: str  # one of the words above; that of a CPU with pools is FREE
    isolated: bool
    other_threads: bool  # those that no pool owns run here
    seats: tuple[Seat, ...]
    place: tuple[str, ...] = ()  # what it belongs to, the smallest first


@dataclass(frozen=True)
class Group:
    level: str  # "machine" | "package" | "node" | "cache" | "kind" | "core" | "loose"
    title: str
    parts: tuple[Group | Unit, ...]
    devices: tuple[Device, ...] = ()  # those that are as near to all its CPUs, and to no smaller group

    @property
    def units(self) -> Iterator[Unit]:
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.units
            else:
                yield part


def of(topology: Topology) -> Group:
    machine = topology.machine
    if machine is None:
        named = {*(topology.process.cpuset or ()), *_used(topology)}
        return Group("machine", "CPUs that the topology names; no machine is described",
                     tuple(_unit(cpu, topology) for cpu in sorted(named)))
    groups = _nested(machine.cpus, _levels(machine), topology)
    root = Group("machine", _summary(machine), (*groups, *_loose(topology, machine)))
    for device in machine.devices:
        root = _with_device(root, device)
    return root


def near(group: Group) -> str:
    """The devices near it: `network eth0, eth1; storage nvme0n1`."""
    types: dict[str, list[str]] = {}
    for device in group.devices:
        types.setdefault(device.type, []).append(device.name or device.pci)
    return "; ".join(f"{type} {', '.join(names)}" for type, names in types.items())


def _seats(topology: Topology, cpu: int) -> tuple[Seat, ...]:
    return tuple(Seat(index, _thread(pool, cpu)) for index, pool in enumerate(topology.pools)
                 if cpu in pool.cores or cpu in reach.inherited(pool, topology.process))


def _thread(pool: Pool, cpu: int) -> int | None:
    if pool.pin != "thread" or cpu not in pool.cores:
        return None
    place = pool.cores.index(cpu)
    return place if place < pool.threads else None


def _used(topology: Topology) -> set[int]:
    return {*(topology.process.cores or ()), *(cpu for pool in topology.pools for cpu in pool.cores)}


def _unit(cpu: int, topology: Topology, place: tuple[str, ...] = ()) -> Unit:
    process, machine = topology.process, topology.machine
    taken = _seats(topology, cpu)
    outside = process.cpuset is not None and cpu not in process.cpuset
    state = {"usable": FREE, "not allowed": BARRED, "offline": OFFLINE, "absent": UNKNOWN}[
        machine.state(cpu) if machine else "usable"]
    return Unit(
        cpu=cpu,
        state=OUTSIDE if state == FREE and outside and not taken else state,
        isolated=machine is not None and cpu in machine.isolated,
        other_threads=cpu in (process.cores or ()),
        seats=taken,
        place=place,
    )


@dataclass(frozen=True)
class _Level:
    name: str
    owner: Callable[[Cpu], int]
    title: Callable[[Sequence[Cpu]], str]  # of the group that these CPUs make up


def _levels(machine: Machine) -> Sequence[_Level]:
    kinds = (_Level("kind", lambda cpu: cpu.kind, lambda cpus: machine.kinds[cpus[0].kind]),)
    return (
        _Level("package", lambda cpu: cpu.package, lambda cpus: _package(machine, cpus)),
        _Level("node", lambda cpu: cpu.node, lambda cpus: _node(machine, cpus)),
        _Level("cache", lambda cpu: cpu.cache, lambda cpus: _cache(machine, cpus)),
        *(kinds if len(machine.kinds) > 1 else ()),
        _Level("core", lambda cpu: cpu.core, lambda cpus: f"core {cpus[0].core}"),
    )


def _nested(
    cpus: Sequence[Cpu], levels: Sequence[_Level], topology: Topology, place: tuple[str, ...] = (),
) -> tuple[Group | Unit, ...]:
    """Groups of the first level with those of the next inside; what belongs to none stands beside them."""
    if not levels:
        return tuple(_unit(cpu.index, topology, place) for cpu in cpus)
    level, *inner = levels
    found: dict[int, list[Cpu]] = {}
    for cpu in cpus:
        found.setdefault(level.owner(cpu), []).append(cpu)
    parts: list[Group | Unit] = []
    for owner, members in found.items():
        if owner < 0:
            parts += _nested(members, inner, topology, place)
        else:
            title = level.title(members)
            parts.append(Group(level.name, title, _nested(members, inner, topology, (title, *place))))
    return tuple(parts)


def _summary(machine: Machine) -> str:
    cores = len(machine.siblings)
    counts = [(len(machine.packages), "package"), (len(machine.nodes), "NUMA node"), (cores, "core"),
              (len(machine.cpus), "CPU")]
    return ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts if number)


def _package(machine: Machine, cpus: Sequence[Cpu]) -> str:
    model = machine.packages[cpus[0].package]
    return f"package {cpus[0].package}" + (f", {model}" if model else "")


def _node(machine: Machine, cpus: Sequence[Cpu]) -> str:
    node = machine.nodes[cpus[0].node]
    return f"NUMA node {node.index}" + (f", {_size(node.memory)}" if node.memory else "")


def _cache(machine: Machine, cpus: Sequence[Cpu]) -> str:
    cache = machine.caches[cpus[0].cache]
    return f"L{cache.level} {_size(cache.size)}" if cache.size else f"L{cache.level}"


def _size(size: int) -> str:
    """Bytes in the largest binary unit that takes them without a fraction, or with one digit of it."""
    for exponent, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << exponent:
            return f"{size / (1 << exponent):.1f} {unit}".replace(".0 ", " ")
    return f"{size} B"


def _loose(topology: Topology, machine: Machine) -> Iterator[Group]:
    """CPUs of which the machine says no more than that they are there, or not even that."""
    known = set(machine.by_index)
    units = [_unit(cpu, topology) for cpu in sorted((set(machine.offline) | _used(topology)) - known)]
    for state in (OFFLINE, UNKNOWN):
        if found := tuple(unit for unit in units if unit.state == state):
            yield Group("loose", state, found)


def _with_device(group: Group, device: Device) -> Group:
    near = set(device.cpus)
    for at, part in enumerate(group.parts):
        if isinstance(part, Group) and part.level in ("package", "node"):
            if near and near <= {unit.cpu for unit in part.units}:
                return replace(group, parts=(*group.parts[:at], _with_device(part, device), *group.parts[at + 1:]))
    return replace(group, devices=(*group.devices, device))
