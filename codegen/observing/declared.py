"""The threads that a topology starts and where each belongs, as plan_threads() of src/topology_core.cpp has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codegen import provenance
from codegen.model import Origin, Pool, Topology
from codegen.observing.cpu_map import CpuMap

Cpus = tuple[int, ...]  # ascending


@dataclass(frozen=True)
class DeclaredThread:
    topology: Topology
    pool: Pool
    role: str  # "worker" | "blocking"
    index: int  # within its role
    cpus: Cpus | None  # None: nothing says where it runs

    @property
    def name(self) -> str:
        return f"{self.pool.thread_name}-{'b' if self.role == 'blocking' else ''}{self.index}"

    @property
    def title(self) -> str:
        """As start errors call it: `asio.net thread 3`."""
        return f"{provenance.label(self.pool)} {'blocking ' if self.role == 'blocking' else ''}thread {self.index}"


@dataclass(frozen=True)
class Layout:
    """A topology as it runs."""

    topology: Topology
    cpu_map: CpuMap
    threads: tuple[DeclaredThread, ...]

    @property
    def process_cpus(self) -> Cpus | None:
        """Of every thread that no pool owns. None: not declared."""
        return _process_cpus(self.topology, self.cpu_map)

    def pool_cpus(self, pool: Pool) -> Cpus:
        return _ascending(self.cpu_map.apply(pool.cores))

    def may_be_managed(self, pool: Pool, cpus: Cpus) -> bool:
        """Whether a managed thread of the pool, whose name is the user's, may have this affinity."""
        if not pool.max_threads:
            return False
        if pool.pin == "none" or not pool.cores:
            return _unpinned_cpus(pool, self.topology, self.cpu_map) in (None, cpus)
        mapped = self.cpu_map.apply(pool.cores)
        return cpus in [(cpu,) for cpu in mapped] if pool.pin == "thread" else cpus == _ascending(mapped)


def layout(topology: Topology, cpu_map: CpuMap) -> Layout:
    return Layout(topology, cpu_map, tuple(_threads(topology, cpu_map)))


def key_of(pool: Pool, key: str) -> str:
    """`[asio.net] cores (md.toml:9)`."""
    return _key(provenance.label(pool), pool.origins.get(key), key, pool.origin)


def process_key(topology: Topology, key: str) -> str:
    return _key("process", topology.process.origins.get(key), key, None)


def _key(table: str, origin: Origin | None, key: str, fallback: Origin | None) -> str:
    place = (provenance.place(origin) if origin else "") or (provenance.place(fallback) if fallback else "")
    return f"[{table}] {key}" + (f" ({place})" if place else "")


def _threads(topology: Topology, cpu_map: CpuMap) -> Iterator[DeclaredThread]:
    for pool in topology.pools:
        for role, count in (("worker", pool.threads), ("blocking", pool.blocking_threads)):
            for index in range(count):
                cores = _cores(pool, role, index)
                cpus = _ascending(cpu_map.apply(cores)) if cores else _unpinned_cpus(pool, topology, cpu_map)
                yield DeclaredThread(topology, pool, role, index, cpus)


def _cores(pool: Pool, role: str, index: int) -> tuple[int, ...]:
    """Blocking threads go where no worker is pinned, and share the pool's cores where the workers have all of them."""
    if pool.pin == "none" or pool.pin == "set":
        return pool.cores if pool.pin == "set" else ()
    if role == "worker":
        return pool.cores[index:index + 1]
    return pool.cores[pool.threads:] or pool.cores


def _unpinned_cpus(pool: Pool, topology: Topology, cpu_map: CpuMap) -> Cpus | None:
    """Deadline threads get all CPUs of the process, whatever these are."""
    return None if pool.policy == "deadline" else _process_cpus(topology, cpu_map)


def _process_cpus(topology: Topology, cpu_map: CpuMap) -> Cpus | None:
    """Threads that nobody pins start on the mask of the thread that starts the topology, and that has these."""
    return _ascending(cpu_map.apply(topology.process.cores)) if topology.process.cores else None


def _ascending(cpus: Iterable[int]) -> Cpus:
    return tuple(sorted(set(cpus)))
