"""Which of the CPUs that nobody has claimed `take:N` and `rest` give out, where a machine says what they share.

What `take` looks for, the most important first: one NUMA node; whole cores with all of their SMT siblings, so that
pools share a core only where there are no others; one kind of CPUs; one cache. Of the groups that have enough it is one
that the pool is in already, else the fullest, so that large ones stay for those who need them, else the first, which
among kinds is the most powerful."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from codegen.diagnostics import counted, shown
from codegen.machine.model import Cpu, Machine


@dataclass(frozen=True)
class Choice:
    cpus: tuple[int, ...]
    reason: str  # "2 whole cores of NUMA node 0"
    split: frozenset[int] = frozenset()  # cores of which others may get the rest
    unsplit: int = 0  # how many CPUs these would be without that


def take(machine: Machine, free: Collection[int], number: int, own: Collection[int] = ()) -> Choice:
    """`number` of the `free` CPUs, of which there are enough, for a pool that has its `own` already."""
    whole, others = _by_wholeness(machine, free, own)
    for groupings in (_IN_A_NODE, _ANYWHERE):
        for cpus in (whole, [*whole, *others]):
            for key in groupings:
                enough = [group for group in _grouped(machine, cpus, key) if len(group) >= number]
                if enough:
                    best = min(enough, key=lambda group: (*_distance(machine, group, own, key), len(group)))
                    picked = _fewest_groups(machine, best, number, set(whole))
                    return _with_split(machine, _described(machine, picked, own), set(whole), own)
    raise AssertionError(f"{number} of {len(free)}")


def rest(machine: Machine, free: Collection[int], own: Collection[int] = ()) -> Choice:
    """All of them."""
    cpus = [cpu for part in _by_wholeness(machine, free, own) for cpu in part]
    return _described(machine, sorted(cpus, key=lambda cpu: machine.by_index[cpu].node), own)


_Key = Callable[[Cpu], tuple[int, ...]]


def _node(cpu: Cpu) -> tuple[int, ...]:
    return (cpu.node,)


def _kind(cpu: Cpu) -> tuple[int, ...]:
    return (cpu.node, -cpu.kind)


def _cache(cpu: Cpu) -> tuple[int, ...]:
    return (cpu.node, -cpu.kind, cpu.cache)


def _kind_anywhere(cpu: Cpu) -> tuple[int, ...]:
    return (-cpu.kind,)


def _machine(cpu: Cpu) -> tuple[int, ...]:
    return ()


_IN_A_NODE: Sequence[_Key] = (_cache, _kind, _node)
_ANYWHERE: Sequence[_Key] = (_kind_anywhere, _machine)


def _by_wholeness(machine: Machine, free: Collection[int], own: Collection[int]) -> tuple[list[int], list[int]]:
    """The free CPUs of cores that are free or the pool's own, those that complete its own first; and the others."""
    cores = {machine.by_index[cpu].core for cpu in own}
    ordered = sorted(machine.in_order(free), key=lambda cpu: machine.by_index[cpu].core not in cores)
    complete = _whole_cores(machine, {*free, *own})
    whole: list[int] = []
    others: list[int] = []
    for cpu in ordered:
        (whole if machine.by_index[cpu].core in complete else others).append(cpu)
    return whole, others


def _whole_cores(machine: Machine, cpus: Collection[int]) -> set[int]:
    """Those that have no usable CPU outside of `cpus`."""
    cores = {machine.by_index[cpu].core for cpu in cpus}
    return {core for core in cores
            if all(sibling in cpus or not machine.by_index[sibling].allowed for sibling in machine.siblings[core])}


def _grouped(machine: Machine, cpus: Iterable[int], key: _Key) -> list[list[int]]:
    """The groups sorted, the CPUs as given."""
    found: dict[tuple[int, ...], list[int]] = {}
    for cpu in cpus:
        found.setdefault(key(machine.by_index[cpu]), []).append(cpu)
    return [found[each] for each in sorted(found)]


def _distance(machine: Machine, group: Sequence[int], own: Collection[int], key: _Key) -> tuple[bool, bool]:
    """Whether the pool is elsewhere: on other nodes, in other groups. False comes first."""
    if not own:
        return (False, False)
    one, others = machine.by_index[group[0]], [machine.by_index[cpu] for cpu in own]
    return (all(other.node != one.node for other in others), all(key(other) != key(one) for other in others))


def _fewest_groups(machine: Machine, cpus: Sequence[int], number: int, whole: Collection[int]) -> list[int]:
    """`number` of the CPUs, whole cores before others, from as few nodes, kinds and caches as can be."""
    preferred = [cpu for cpu in cpus if cpu in whole]
    if number <= len(preferred):
        return _pick(machine, preferred, number, (_node, _kind, _cache))
    others = [cpu for cpu in cpus if cpu not in whole]
    return preferred + _pick(machine, others, number - len(preferred), (_node, _kind, _cache))


def _pick(machine: Machine, cpus: Sequence[int], number: int, keys: Sequence[_Key]) -> list[int]:
    """All of the largest groups, and what is missing then from the fullest that has enough."""
    if number >= len(cpus) or not keys:
        return list(cpus[:number])
    groups = _grouped(machine, cpus, keys[0])
    picked: list[int] = []
    while len(picked) < number:
        missing = number - len(picked)
        enough = [group for group in groups if len(group) >= missing]
        group = min(enough, key=len) if enough else max(groups, key=len)
        groups.remove(group)
        picked += _pick(machine, group, missing, keys[1:])
    return picked


def _with_split(machine: Machine, chosen: Choice, whole: Collection[int], own: Collection[int]) -> Choice:
    """`whole`: the CPUs of cores that were free before."""
    had = {*chosen.cpus, *own}
    missing = [cpu for cpu in whole if cpu not in had]
    cores = {machine.by_index[cpu].core for cpu in chosen.cpus}
    split = [core for cpu in missing if (core := machine.by_index[cpu].core) in cores]
    return replace(chosen, split=frozenset(split), unsplit=len(chosen.cpus) + len(split))


def spread(machine: Machine, cpus: Sequence[int]) -> tuple[int, ...]:
    """In the order for threads: node by node as given, there first one CPU of each core, then the siblings."""
    nodes = {node: rank for rank, node in enumerate(dict.fromkeys(machine.by_index[cpu].node for cpu in cpus))}
    seen: dict[int, int] = {}  # by core, how many of its CPUs came before
    keys = {}
    for cpu in cpus:
        known = machine.by_index[cpu]
        keys[cpu] = (nodes[known.node], seen.get(known.core, 0))
        seen[known.core] = keys[cpu][1] + 1
    return tuple(sorted(cpus, key=keys.__getitem__))


def _described(machine: Machine, cpus: Sequence[int], own: Collection[int]) -> Choice:
    whole, with_own = _whole_cores(machine, set(cpus)), _whole_cores(machine, {*cpus, *own})
    partial = [core for cpu in cpus if (core := machine.by_index[cpu].core) not in whole]
    joined = sum(core in with_own for core in partial)
    split = len(partial) - joined
    parts = [counted(len(whole), "whole core")] if whole else []
    parts += [counted(joined, "CPU") + " beside the pool's own"] if joined else []
    parts += [counted(split, "CPU") + " of shared cores"] if split else []
    return Choice(spread(machine, cpus), " and ".join(parts) + _kinds(machine, cpus) + _nodes(machine, cpus))


def _kinds(machine: Machine, cpus: Sequence[int]) -> str:
    if len(machine.kinds) < 2:
        return ""
    kinds = sorted({machine.by_index[cpu].kind for cpu in cpus})
    names = (shown(machine.kinds[kind].removeprefix("kind ")) for kind in kinds)
    return f" of kind{'' if len(kinds) == 1 else 's'} {', '.join(names)}"


def _nodes(machine: Machine, cpus: Sequence[int]) -> str:
    nodes = sorted({machine.nodes[node].index for cpu in cpus if (node := machine.by_index[cpu].node) >= 0})
    if len(machine.nodes) < 2 or not nodes:
        return ""
    return f" of NUMA node{'' if len(nodes) == 1 else 's'} {', '.join(map(str, nodes))}"
