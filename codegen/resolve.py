"""Decides what exists: the pools of this build with their final values, and where every name leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from codegen import links, placement
from codegen.declarations import Declarations, PoolTable
from codegen.diagnostics import Problems
from codegen.links import Links
from codegen.machine.hardware import Hardware
from codegen.machine.model import Machine
from codegen.model import Origin
from codegen.placement import Placement

_NO_CORES = Origin("default", note="no cores")


@dataclass(frozen=True)
class ResolvedPool:
    """A pool that exists. None stands for what a reported fault leaves unknown."""

    table: PoolTable
    cores: tuple[int, ...] | None  # empty: it has none
    threads: int | None
    pin: str | None
    thread_name: str | None
    computed: Mapping[str, Origin]  # of the values that were not written and are no plain default


@dataclass(frozen=True)
class AbsentPool:
    table: PoolTable
    reason: str


@dataclass(frozen=True)
class Resolution:
    declared: Declarations
    machine: Machine | None
    placement: Placement
    pools: tuple[ResolvedPool, ...]
    absent: tuple[AbsentPool, ...]
    links: Links


def resolve(declared: Declarations, hardware: Hardware, problems: Problems) -> Resolution:
    placed = placement.place(declared, hardware, problems)
    pools = []
    absent = []
    for table in declared.pools:
        reason = _why_absent(table, placed)
        if reason is None:
            pools.append(_pool(table, placed))
        else:
            absent.append(AbsentPool(table, reason))
    return Resolution(declared, hardware.machine, placed, tuple(pools), tuple(absent), links.follow(declared, problems))


def _why_absent(table: PoolTable, placed: Placement) -> str | None:
    if not table.section["enabled"]:
        return "disabled"
    claim = placed.pools.get((table.kind, table.name))
    return claim.missing if claim else None


def _pool(table: PoolTable, placed: Placement) -> ResolvedPool:
    section = table.section
    computed: dict[str, Origin] = {}
    cores = _cores(table, placed)
    claim = placed.pools.get((table.kind, table.name))
    if claim and claim.reason:
        computed["cores"] = replace(section.settings["cores"].origin, note=claim.reason)

    threads: int | None = None
    if section.sound("threads"):
        if section.wrote("threads"):
            threads = section.integer("threads")
        elif cores:
            threads, computed["threads"] = len(cores), Origin("default", note="number of cores")
        elif cores == () and table.kind == "native":
            threads, computed["threads"] = 0, _NO_CORES

    pin: str | None = None
    if section.sound("pin"):
        pin = section.text("pin")
        if not section.wrote("pin") and cores == ():
            pin, computed["pin"] = "none", _NO_CORES

    thread_name: str | None = None
    if section.sound("thread_name"):
        if section.wrote("thread_name"):
            thread_name = section.text("thread_name")
        else:
            thread_name, computed["thread_name"] = table.name, Origin("default", note="pool name")
    return ResolvedPool(table, cores, threads, pin, thread_name, computed)


def _cores(table: PoolTable, placed: Placement) -> tuple[int, ...] | None:
    if not table.section.sound("cores"):
        return None
    if not table.section.wrote("cores"):
        return ()
    claim = placed.pools[(table.kind, table.name)]
    return claim.cpus if claim else None
