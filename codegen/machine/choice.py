"""Which of the CPUs that nobody has claimed `take:N` and `rest` give out, where a machine says what they share.

Whole cores first, with all of their SMT siblings, so that pools share a core only where there are no others; within
one NUMA node where one has enough, the fullest that has, so that large blocks stay for those who need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codegen.diagnostics import counted
from codegen.machine.model import Machine


@dataclass(frozen=True)
class Choice:
    cpus: tuple[int, ...]
    reason: str  # "2 whole cores of NUMA node 0"


def take(machine: Machine, free: Sequence[int], number: int) -> Choice:
    """`number` of the `free` CPUs, of which there are enough."""
    blocks = sorted(_blocks(machine, free), key=lambda block: block.node)
    enough = [block for block in blocks if len(block.cpus) >= number]
    in_whole_cores = [block for block in enough if block.whole >= number]
    if enough:
        best = min(in_whole_cores or enough, key=lambda block: len(block.cpus))
        return _described(machine, best.cpus[:number])
    largest_first = sorted(blocks, key=lambda block: -len(block.cpus))
    whole = [cpu for block in largest_first for cpu in block.cpus[:block.whole]]
    others = [cpu for block in largest_first for cpu in block.cpus[block.whole:]]
    return _described(machine, [*whole, *others][:number])


def rest(machine: Machine, free: Sequence[int]) -> Choice:
    """All of them."""
    return _described(machine, [cpu for block in _blocks(machine, free) for cpu in block.cpus])


@dataclass(frozen=True)
class _Block:
    """The free CPUs of one node: those of its whole cores, then the others."""

    node: int
    cpus: tuple[int, ...]
    whole: int  # how many of them are in whole cores


def _blocks(machine: Machine, free: Sequence[int]) -> list[_Block]:
    left = set(free)
    by_node: dict[int, list[int]] = {}
    for index in machine.in_order(free):
        by_node.setdefault(machine.by_index[index].node, []).append(index)
    blocks = []
    for node, cpus in by_node.items():
        whole = dict.fromkeys(cpu for cpu in cpus if _is_whole(machine, cpu, left))
        blocks.append(_Block(node, (*whole, *(cpu for cpu in cpus if cpu not in whole)), len(whole)))
    return blocks


def _is_whole(machine: Machine, cpu: int, cpus: set[int]) -> bool:
    """Whether its core has no usable CPU outside of `cpus`."""
    core = machine.siblings[machine.by_index[cpu].core]
    return all(sibling in cpus or not machine.by_index[sibling].allowed for sibling in core)


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


def _described(machine: Machine, cpus: Sequence[int]) -> Choice:
    chosen = set(cpus)
    whole = {machine.by_index[cpu].core for cpu in cpus if _is_whole(machine, cpu, chosen)}
    split = sum(machine.by_index[cpu].core not in whole for cpu in cpus)
    parts = [counted(len(whole), "whole core")] if whole else []
    parts += [counted(split, "CPU") + " of shared cores"] if split else []
    nodes = sorted({machine.nodes[node].index for cpu in cpus if (node := machine.by_index[cpu].node) >= 0})
    where = ""
    if len(machine.nodes) > 1 and nodes:
        where = f" of NUMA node{'' if len(nodes) == 1 else 's'} {', '.join(map(str, nodes))}"
    return Choice(spread(machine, cpus), " and ".join(parts) + where)
