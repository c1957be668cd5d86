"""Writes an approved resolution down as the topology that emit reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from codegen import schema
from codegen.declarations import Section, Value
from codegen.links import Key
from codegen.machine.hardware import HOST
from codegen.model import KINDS, Absent, CoreSet, Deadline, Name, Origin, Pool, Process, Topology
from codegen.names import identifier
from codegen.resolve import Resolution, ResolvedPool


def assemble(resolution: Resolution) -> Topology:
    """The resolution must be free of errors."""
    declared = resolution.declared
    section = declared.topology
    return Topology(
        name=section.text("name"),
        file=declared.source.label,
        undeclared=section.text("undeclared"),
        on_failure=section.text("on_failure"),
        process=_process(resolution),
        core_sets=MappingProxyType(dict(resolution.placement.core_sets)),
        pools=tuple(_pool(pool) for pool in resolution.pools),
        names=_names(resolution),
        absent=tuple(
            Absent(absent.table.kind, absent.table.name, absent.reason,
                   _optional_text(absent.table.section["fallback"]), absent.table.name_place.origin)
            for absent in resolution.absent),
        inputs=_inputs(resolution),
        machine=resolution.machine,
        origins=_origins(section),
        written_sets=MappingProxyType(dict(_written_sets(resolution))),
    )


def _written_sets(resolution: Resolution) -> Iterator[tuple[str, CoreSet]]:
    for name in resolution.placement.core_sets:
        expression = resolution.declared.core_sets[name].expression
        if expression is not None:
            yield name, CoreSet(expression.text, expression.place.origin)


def _inputs(resolution: Resolution) -> tuple[str, ...]:
    machine = resolution.machine
    described = () if machine is None or machine.label == HOST else (machine.label,)
    return (*resolution.declared.inputs, *described)


def _process(resolution: Resolution) -> Process:
    section = resolution.declared.process
    return Process(
        cpuset=resolution.placement.cpuset,
        cores=resolution.placement.process_cores,
        lock_memory=bool(section["lock_memory"]),
        timer_slack_ns=_optional_integer(section["timer_slack_ns"]),
        cpu_dma_latency_us=_optional_integer(section["cpu_dma_latency_us"]),
        stray_tbb=section.text("stray_tbb"),
        origins=_origins(section),
    )


def _pool(pool: ResolvedPool) -> Pool:
    table, section = pool.table, pool.table.section
    assert pool.cores is not None and pool.threads is not None and pool.pin is not None and pool.thread_name is not None
    expression = section.expression("cores")
    return Pool(
        kind=table.kind,
        name=table.name,
        identifier=identifier(table.name),
        origin=table.name_place.origin,
        origins=MappingProxyType({**_origins(section), **pool.computed}),
        cores=pool.cores,
        cores_text=expression.text if expression else "",
        threads=pool.threads,
        pin=pool.pin,
        exclusive=bool(section["exclusive"]),
        policy=section.text("policy"),
        priority=_optional_integer(section["priority"]) or 0,
        nice=_optional_integer(section["nice"]) if section.wrote("nice") else None,
        deadline=_deadline(section["deadline"]),
        idle=section.text("idle"),
        metrics=section.text("metrics"),
        spin_us=section.integer("spin_us"),
        stack_kib=section.integer("stack_kib"),
        prefault_stack=bool(section["prefault_stack"]),
        thread_name=pool.thread_name,
        description=section.text("description"),
        **_of_kind(table.kind, section),
    )


def _of_kind(kind: str, section: Section) -> dict[str, Any]:
    """The keys that not all kinds have."""
    return {key: section[key] if key in schema.POOLS[kind] else schema.pool_default(key) for key in schema.OF_ONE_KIND}


def _deadline(value: Value) -> Deadline | None:
    return Deadline(**value) if isinstance(value, Mapping) else None


def _names(resolution: Resolution) -> tuple[Name, ...]:
    """Sorted by kind and name."""
    index: dict[Key, int] = {(pool.table.kind, pool.table.name): at for at, pool in enumerate(resolution.pools)}
    names = [Name(pool.table.kind, pool.table.name, identifier(pool.table.name), at, "declared", pool.table.name,
                  pool.table.name_place.origin)
             for at, pool in enumerate(resolution.pools)]
    for key, link in resolution.links.links.items():
        end = resolution.links.end(key, index)
        if key not in index and end in index:
            names.append(Name(link.kind, link.name, identifier(link.name), index[end],
                              "alias" if link.is_alias else "fallback", link.target, link.place.origin))
    return tuple(sorted(names, key=lambda name: (KINDS.index(name.kind), name.name)))


def _origins(section: Section) -> Mapping[str, Origin]:
    return MappingProxyType({key: setting.origin for key, setting in section.settings.items()})


def _optional_integer(value: Value) -> int | None:
    assert value is None or isinstance(value, int)
    return value


def _optional_text(value: Value) -> str | None:
    assert value is None or isinstance(value, str)
    return value
