"""The resolved topology: what check approves and emit writes. Nothing here changes after resolve()."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.machine.model import Machine

KINDS = ("asio", "tbb", "native")


@dataclass(frozen=True)
class Origin:
    """Where a value came from: the layer that set it, and its place when the layer is a file."""

    layer: str  # "default" | "file" | "overlay NAME" | "environment" | "set"
    file: str | None = None
    line: int | None = None
    note: str = ""  # why a computed default has this value, e.g. "number of cores"


@dataclass(frozen=True)
class CoreSet:
    """A named core expression as it was written, and where."""

    text: str
    origin: Origin


@dataclass(frozen=True)
class Deadline:
    runtime_us: int
    deadline_us: int
    period_us: int


@dataclass(frozen=True)
class Pool:
    """One pool that exists. Every key has its final value; `origins` says for each where it came from."""

    kind: str
    name: str
    identifier: str  # the C++ object: `name`, but `default_` for `default`
    origin: Origin  # of the pool's table
    origins: Mapping[str, Origin]  # of each key, defaults included
    cores: tuple[int, ...]
    cores_text: str  # as written: "network", "9-16,!12"; "" without cores
    threads: int
    pin: str
    exclusive: bool
    policy: str
    priority: int
    nice: int | None  # None: what the process was started with stays
    deadline: Deadline | None
    idle: str
    spin_us: int
    stack_kib: int
    prefault_stack: bool
    thread_name: str
    description: str
    blocking_threads: int  # from here on, the keys of one kind alone; those of the others are at their defaults
    contexts: str
    allow_blocking: bool
    max_threads: int
    task_slots: int
    inject_slots: int
    metrics: str = "off"  # not in what older pinfolds wrote

    @property
    def all_threads(self) -> int:
        """That it may have."""
        return self.threads + self.blocking_threads + self.max_threads


@dataclass(frozen=True)
class Name:
    """A name that code may look up, and the pool it leads to."""

    kind: str
    name: str
    identifier: str
    pool: int  # index into Topology.pools
    how: str  # "declared" | "alias" | "fallback" (a pool that is disabled or cannot exist here)
    target: str  # the name it was written to lead to; for "declared" the name itself
    origin: Origin


@dataclass(frozen=True)
class Absent:
    """A declared pool that does not exist in this build, and why."""

    kind: str
    name: str
    reason: str  # "disabled", or "needs core 12; the machine has 0-7"
    fallback: str | None
    origin: Origin


@dataclass(frozen=True)
class Process:
    cpuset: tuple[int, ...] | None
    cores: tuple[int, ...] | None
    lock_memory: bool
    timer_slack_ns: int | None
    cpu_dma_latency_us: int | None
    stray_tbb: str
    origins: Mapping[str, Origin]


@dataclass(frozen=True)
class Topology:
    name: str
    file: str  # the topology file as the user named it, relative
    undeclared: str
    on_failure: str
    process: Process
    core_sets: Mapping[str, tuple[int, ...]]
    pools: tuple[Pool, ...]  # in declared order: the order of start
    names: tuple[Name, ...]
    absent: tuple[Absent, ...]
    inputs: tuple[str, ...]  # every file read, relative, topology first
    machine: Machine | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)  # of the [topology] keys
    written_sets: Mapping[str, CoreSet] = field(default_factory=dict)  # of core_sets
