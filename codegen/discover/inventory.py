"""Sorts a machine's cores by what they are good for. A core is never divided between two uses."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.machine.model import Machine


@dataclass(frozen=True)
class Core:
    cpus: tuple[int, ...]  # those of its CPUs that may be used together
    node: int  # logical index, as Cpu.node


@dataclass(frozen=True)
class LeftOut:
    cpus: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Inventory:
    fast: tuple[Core, ...]  # for networking and compute
    background: tuple[Core, ...]  # small cores, or the few that are not isolated; empty where all cores are alike
    dedicated: tuple[Core, ...]  # isolated, where most cores are not
    left_out: tuple[LeftOut, ...]
    division: str  # what tells fast and background cores apart: "hybrid" | "isolation" | ""

    @property
    def general(self) -> tuple[Core, ...]:
        return (*self.fast, *self.background)


def take_stock(machine: Machine) -> Inventory:
    cores = [tuple(cpu for cpu in cpus if machine.by_index[cpu].allowed) for cpus in machine.siblings.values()]
    cores = [cpus for cpus in cores if cpus]
    isolated = set(machine.isolated)
    wholly_general = any(isolated.isdisjoint(cpus) for cpus in cores)
    general: list[tuple[int, ...]] = []
    apart: list[tuple[int, ...]] = []
    left_out: list[int] = []
    for cpus in cores:
        inside = tuple(cpu for cpu in cpus if cpu in isolated)
        outside = tuple(cpu for cpu in cpus if cpu not in isolated)
        if not inside:
            general.append(cpus)
        elif not outside:
            apart.append(cpus)
        else:  # the kernel isolates one sibling and not the other: only one of them can keep what it is for
            used, unused = (inside, outside) if wholly_general else (outside, inside)
            (apart if wholly_general else general).append(used)
            left_out += unused
    excluded = (LeftOut(tuple(left_out), "an SMT sibling is isolated and the other is not"),) if left_out else ()
    if len(apart) > len(general):
        return Inventory(_cores(machine, apart), _cores(machine, general), (), excluded, "isolation" if general else "")
    strongest = max(machine.by_index[cpus[0]].kind for cpus in general)
    fast = [cpus for cpus in general if machine.by_index[cpus[0]].kind == strongest]
    small = [cpus for cpus in general if machine.by_index[cpus[0]].kind != strongest]
    return Inventory(_cores(machine, fast), _cores(machine, small), _cores(machine, apart), excluded,
                     "hybrid" if small else "")


def _cores(machine: Machine, cores: list[tuple[int, ...]]) -> tuple[Core, ...]:
    return tuple(Core(cpus, machine.by_index[cpus[0]].node) for cpus in cores)
