"""The resolved topology on one page of text: pools, CPUs, names, and where every value was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codegen import cxx, provenance, reach, version
from codegen.cores import format_cpus
from codegen.model import Topology
from codegen.wording import idle, policy, thread_count, where


def text(topology: Topology) -> str:
    sections = (
        f"{title(topology)}\n",
        _section("pools", cxx.columns(pool_rows(topology), gap=2) if topology.pools else []),
        _section("core sets", _core_sets(topology)),
        _section("cpus", _cpus(topology)),
        _section("process", _table(process_settings(topology))),
        _section("other names", _other_names(topology)),
        _section("absent pools", _absent(topology)),
        _section("written in", _provenance(topology)),
    )
    return "\n".join(section for section in sections if section)


def title(topology: Topology) -> str:
    return f"{subject(topology)} from {source(topology)}"


def subject(topology: Topology) -> str:
    return f"thread layout '{topology.name}'"


def source(topology: Topology) -> str:
    return f"{', '.join(map(cxx.shown, topology.inputs))}; pinfold {version.text()}"


def _section(title: str, lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in [title, *(f"  {line}" for line in lines)]) if lines else ""


class PoolRow(NamedTuple):
    pool: str
    threads: str
    cores: str
    policy: str
    idle: str
    metrics: str
    stack: str
    thread_names: str
    description: str


def pool_rows(topology: Topology) -> list[PoolRow]:
    """A table: its heading, then a row a pool. A column that says nothing of any pool has no heading."""
    measured = any(pool.metrics != "off" for pool in topology.pools)
    metrics = "metrics" if measured else ""
    rows = [PoolRow("pool", "threads", "cores", "policy", "idle", metrics, "stack", "thread names", "")]
    rows += [
        PoolRow(
            provenance.label(pool),
            thread_count(pool),
            where(pool, topology.process) + (" exclusive" if pool.exclusive else ""),
            policy(pool),
            idle(pool),
            pool.metrics if measured else "",
            f"{pool.stack_kib} KiB" + (" prefaulted" if pool.prefault_stack else ""),
            cxx.shown(f"{pool.thread_name}-0" + (f"..{pool.threads - 1}" if pool.threads > 1 else "")),
            cxx.shown(pool.description),
        )
        for pool in topology.pools
    ]
    return rows


def _core_sets(topology: Topology) -> list[str]:
    return _table((name, format_cpus(cpus)) for name, cpus in topology.core_sets.items())


def _cpus(topology: Topology) -> list[str]:
    users: dict[int, list[str]] = {}
    for pool in topology.pools:
        for i, cpu in enumerate(pool.cores):
            thread = f"-{i}" if pool.pin == "thread" and i < pool.threads else ""
            idle = " (no thread)" if pool.pin == "thread" and i >= pool.threads else ""
            users.setdefault(cpu, []).append(provenance.label(pool) + thread + idle)
        for cpu in reach.inherited(pool, topology.process):
            users.setdefault(cpu, []).append(f"{provenance.label(pool)} (not pinned)")
    return _table((f"cpu {cpu}", ", ".join(users[cpu])) for cpu in sorted(users))


def process_settings(topology: Topology) -> list[tuple[str, str]]:
    process = topology.process
    settings = [
        ("pools may use", format_cpus(process.cpuset) if process.cpuset else None),
        ("other threads on", format_cpus(process.cores) if process.cores else None),
        ("memory", "locked" if process.lock_memory else None),
        ("timer slack", _amount(process.timer_slack_ns, "ns")),
        ("cpu dma latency", _amount(process.cpu_dma_latency_us, "us")),
        ("tbb work outside pools", process.stray_tbb),
    ]
    return [(name, value) for name, value in settings if value is not None]


def _amount(value: int | None, unit: str) -> str | None:
    return None if value is None else f"{value} {unit}"


def _other_names(topology: Topology) -> list[str]:
    reasons = provenance.reasons(topology)
    return _table(
        (
            provenance.label(name),
            "-> " + provenance.label(topology.pools[name.pool]),
            cxx.shown(provenance.of_name(name, reasons)),
            provenance.place(name.origin),
        )
        for name in topology.names
        if name.how != "declared"
    )


def _absent(topology: Topology) -> list[str]:
    return _table(
        (
            provenance.label(entry),
            cxx.shown(entry.reason),
            f"fallback {entry.fallback}" if entry.fallback else "no fallback",
            provenance.place(entry.origin),
        )
        for entry in topology.absent
    )


def _provenance(topology: Topology) -> list[str]:
    rows = [
        ("topology", provenance.of_keys(topology.origins, places=True)),
        ("process", provenance.of_keys(topology.process.origins, places=True)),
    ]
    if topology.written_sets:
        rows.append(("core sets", provenance.of_sets(topology.written_sets)))
    for pool in topology.pools:
        facts = provenance.of_pool(pool, topology, places=True)
        rows.append((f"{provenance.label(pool)} ({provenance.place(pool.origin)})", facts))
    return _table((name, cxx.shown(facts)) for name, facts in rows)


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    return cxx.columns(rows, gap=2)
