"""What every reader of a resolved topology relies on and the types of its members do not say: words, ranges, names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from codegen import chains, cores, reach, schema
from codegen.diagnostics import quoted
from codegen.machine.model import Machine
from codegen.model import KINDS, Name, Topology
from codegen.schema import Key

Fault = tuple[str, str]  # the path of a member, and what it is

_HOW = ("declared", "alias", "fallback")
_OF_ANY_KIND = {name: key for keys in schema.POOLS.values() for name, key in keys.items()}  # as the model's pools have
_UNSET = {"priority": 0}  # what the model has for a key that is not set, where that is not None


def faults(topology: Topology) -> Iterator[Fault]:
    """One by one: where one was found, no other is to be asked for, for it may build on that."""
    yield from _identifier(topology.name, ".name")
    yield from _keys(topology, schema.TOPOLOGY, "")
    yield from _keys(topology.process, schema.PROCESS, ".process")
    for name in (*topology.core_sets, *topology.written_sets):
        if not cores.is_set_name(name):
            yield ".core_sets", f"has {quoted(name)}, which is no name of a set"
    for name, cpus in topology.core_sets.items():
        yield from _cpus(cpus, f".core_sets.{name}")
    yield from _pools(topology)
    yield from _names(topology)
    for at, absent in enumerate(topology.absent):
        yield from _one_of(absent.kind, KINDS, f".absent[{at}].kind")
        yield from _identifier(absent.name, f".absent[{at}].name")
    if topology.machine is not None:
        yield from _machine(topology.machine)


def _keys(values: object, keys: Mapping[str, Key], path: str) -> Iterator[Fault]:
    """What the schema says of the values of keys; those that the model leaves out have none."""
    for name, key in keys.items():
        value: Any = getattr(values, name, None)
        if value == _UNSET.get(name):
            continue
        match key.type:
            case schema.Choice(choices):
                yield from _one_of(value, choices, f"{path}.{name}")
            case schema.Integer(low, high):
                if not low <= value <= high:
                    yield f"{path}.{name}", f"is {value}, not {low}..{high}"
            case schema.CoreExpression():
                yield from _cpus(value, f"{path}.{name}")
            case schema.Record(inner):
                yield from _keys(value, inner, f"{path}.{name}")


def _pools(topology: Topology) -> Iterator[Fault]:
    for at, pool in enumerate(topology.pools):
        yield from _one_of(pool.kind, KINDS, f".pools[{at}].kind")
        yield from _identifier(pool.name, f".pools[{at}].name")
        yield from _keys(pool, {**_OF_ANY_KIND, **schema.POOLS[pool.kind]}, f".pools[{at}]")
    threads = sum(pool.all_threads for pool in topology.pools)
    if threads > schema.MAX_ALL_THREADS:
        yield ".pools", f"has {threads} threads, and {schema.MAX_ALL_THREADS} are the most"
    named = sum(len(pool.cores or reach.inherited(pool, topology.process)) for pool in topology.pools)
    if named > schema.MAX_NAMED_CPUS:
        yield ".pools", (f"names {named} CPUs, each as often as a pool runs there, and {schema.MAX_NAMED_CPUS} are the"
                         " most")


def _names(topology: Topology) -> Iterator[Fault]:
    pools = {(pool.kind, pool.name) for pool in topology.pools}
    leads_to = {(name.kind, name.name): (name.kind, name.target) for name in topology.names if name.how != "declared"}
    steps = chains.steps(leads_to)
    seen: set[tuple[str, str]] = set()
    for at, name in enumerate(topology.names):
        yield from _name(name, topology, f".names[{at}]")
        key = (name.kind, name.name)
        if key in seen or (name.how != "declared" and key in pools):
            yield f".names[{at}]", "is a name that something else has"
        if steps.get(key, 0) > chains.MOST_STEPS:
            yield f".names[{at}]", f"takes more than {chains.MOST_STEPS} steps to its pool"
        seen.add(key)


def _name(name: Name, topology: Topology, path: str) -> Iterator[Fault]:
    yield from _one_of(name.kind, KINDS, f"{path}.kind")
    yield from _identifier(name.name, f"{path}.name")
    yield from _one_of(name.how, _HOW, f"{path}.how")
    if not 0 <= name.pool < len(topology.pools):
        yield f"{path}.pool", "is no pool's index"


def _machine(machine: Machine) -> Iterator[Fault]:
    belongs = (("package", len(machine.packages)), ("node", len(machine.nodes)), ("cache", len(machine.caches)),
               ("kind", len(machine.kinds) or 1))
    yield from _cpus([cpu.index for cpu in machine.cpus], ".machine.cpus")
    yield from _cpus(machine.offline, ".machine.offline")
    yield from _cpus(machine.isolated, ".machine.isolated")
    for at, cpu in enumerate(machine.cpus):
        for member, known in belongs:
            if not -1 <= getattr(cpu, member) < known:
                yield f".machine.cpus[{at}]", f"is of a {member} that the machine does not have"
    for at, device in enumerate(machine.devices):
        yield from _cpus(device.cpus, f".machine.devices[{at}].cpus")


def _cpus(cpus: Collection[int], path: str) -> Iterator[Fault]:
    wrong = [cpu for cpu in cpus if not 0 <= cpu <= schema.MAX_CPU]
    if wrong:
        yield path, f"has CPU {wrong[0]}, and CPU numbers are 0..{schema.MAX_CPU}"
    if len(set(cpus)) < len(cpus):
        yield path, "has a CPU twice"


def _identifier(name: str, path: str) -> Iterator[Fault]:
    if not (name.isascii() and name.isidentifier()):
        yield path, f"is {quoted(name)}, which is no name"


def _one_of(value: str, choices: Sequence[str], path: str) -> Iterator[Fault]:
    if value not in choices:
        yield path, f"is {quoted(value)}, not one of {', '.join(choices)}"
