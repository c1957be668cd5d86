"""The machine as nested groups of CPUs with the pools that run on them: what every picture draws.

Without a machine there is one group: the CPUs that the topology names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from codegen import reach
from codegen.machine.model import Cpu, Device, Machine
from codegen.model import Topology

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
    machine, known = topology.machine, _Known(topology)
    if machine is None:
        named = {*(topology.process.cpuset or ()), *known.used}
        return Group("machine", "CPUs that the topology names; no machine is described",
                     tuple(_unit(cpu, known) for cpu in sorted(named)))
    groups = _nested(machine.cpus, _levels(machine), known)
    root = Group("machine", _summary(machine), (*groups, *_loose(known, machine)))
    return _with_devices(root, machine.devices)


def near(group: Group) -> str:
    """The devices near it: `network eth0, eth1; storage nvme0n1`."""
    types: dict[str, list[str]] = {}
    for device in group.devices:
        types.setdefault(device.type, []).append(device.name or device.pci)
    return "; ".join(f"{type} {', '.join(names)}" for type, names in types.items())


class _Known:
    """What the topology says, so that each CPU finds what is said of it."""

    def __init__(self, topology: Topology) -> None:
        process, self.machine = topology.process, topology.machine
        self.cpuset = None if process.cpuset is None else frozenset(process.cpuset)
        self.other_threads = frozenset(process.cores or ())
        self.isolated = frozenset(self.machine.isolated if self.machine else ())
        self.seats: defaultdict[int, list[Seat]] = defaultdict(list)
        self.used = set(self.other_threads)
        for index, pool in enumerate(topology.pools):
            self.used.update(pool.cores)
            for place, cpu in enumerate(pool.cores):
                pinned = pool.pin == "thread" and place < pool.threads
                self.seats[cpu].append(Seat(index, place if pinned else None))
            for cpu in reach.inherited(pool, process):
                self.seats[cpu].append(Seat(index, None))

    def state(self, cpu: int) -> str:
        return {"usable": FREE, "not allowed": BARRED, "offline": OFFLINE, "absent": UNKNOWN}[
            self.machine.state(cpu) if self.machine else "usable"]


def _unit(cpu: int, known: _Known, place: tuple[str, ...] = ()) -> Unit:
    seats = tuple(known.seats.get(cpu, ()))
    state = known.state(cpu)
    outside = known.cpuset is not None and cpu not in known.cpuset
    return Unit(
        cpu=cpu,
        state=OUTSIDE if state == FREE and outside and not seats else state,
        isolated=cpu in known.isolated,
        other_threads=cpu in known.other_threads,
        seats=seats,
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
    cpus: Sequence[Cpu], levels: Sequence[_Level], known: _Known, place: tuple[str, ...] = (),
) -> tuple[Group | Unit, ...]:
    """Groups of the first level with those of the next inside; what belongs to none stands beside them."""
    if not levels:
        return tuple(_unit(cpu.index, known, place) for cpu in cpus)
    level, *inner = levels
    found: dict[int, list[Cpu]] = {}
    for cpu in cpus:
        found.setdefault(level.owner(cpu), []).append(cpu)
    parts: list[Group | Unit] = []
    for owner, members in found.items():
        if owner < 0:
            parts += _nested(members, inner, known, place)
        else:
            title = level.title(members)
            parts.append(Group(level.name, title, _nested(members, inner, known, (title, *place))))
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


def _loose(known: _Known, machine: Machine) -> Iterator[Group]:
    """CPUs of which the machine says no more than that they are there, or not even that."""
    cpus = {*machine.offline, *known.used} - machine.by_index.keys()
    units = [_unit(cpu, known) for cpu in sorted(cpus)]
    for state in (OFFLINE, UNKNOWN):
        if found := tuple(unit for unit in units if unit.state == state):
            yield Group("loose", state, found)


def _with_devices(group: Group, devices: Sequence[Device]) -> Group:
    """Each in the smallest package or node that has all CPUs near it."""
    inner: dict[int, list[Device]] = {at: [] for at, part in enumerate(group.parts)
                                      if isinstance(part, Group) and part.level in ("package", "node")}
    part_of = {cpu: at for at in inner for cpu in _cpus(group.parts[at])}
    own: list[Device] = []
    for device in devices:
        parts = {part_of.get(cpu) for cpu in device.cpus}
        at = parts.pop() if len(parts) == 1 else None
        (own if at is None else inner[at]).append(device)
    return replace(group, devices=tuple(own), parts=tuple(
        _with_devices(part, inner[at]) if isinstance(part, Group) and inner.get(at) else part
        for at, part in enumerate(group.parts)))


def _cpus(part: Group | Unit) -> Iterator[int]:
    return (unit.cpu for unit in part.units) if isinstance(part, Group) else iter((part.cpu,))
