"""The threads that a topology starts and where each belongs, as plan_threads() of src/topology_core.cpp has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat

from codegen import provenance
from codegen.cpus import Cpus, ascending
from codegen.model import Origin, Pool, Topology
from codegen.observing.cpu_map import CpuMap


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

    @cached_property
    def threads(self) -> tuple[DeclaredThread, ...]:
        """In the order of start."""
        return tuple(chain.from_iterable(map(self.threads_of, self.topology.pools)))

    def threads_of(self, pool: Pool) -> Sequence[DeclaredThread]:
        return self._by_pool[id(pool)]

    @cached_property
    def _by_pool(self) -> Mapping[int, Sequence[DeclaredThread]]:
        return {id(pool): tuple(self._threads(pool)) for pool in self.topology.pools}

    @cached_property
    def process_cpus(self) -> Cpus | None:
        """Of every thread that no pool owns: threads that nobody pins start on the mask of the thread that starts the
        topology, and that has these. None: not declared."""
        cores = self.topology.process.cores
        return ascending(self.cpu_map.apply(cores)) if cores else None

    def pool_cpus(self, pool: Pool) -> Cpus:
        return ascending(self.cpu_map.apply(pool.cores))

    def may_be_managed(self, pool: Pool, cpus: Cpus) -> bool:
        """Whether a managed thread of the pool, whose name is the user's, may have this affinity."""
        if not pool.max_threads:
            return False
        if pool.pin == "none" or not pool.cores:
            return self._unpinned_cpus(pool) in (None, cpus)
        return cpus in self._of_managed[id(pool)]

    @cached_property
    def _of_managed(self) -> Mapping[int, Collection[Cpus | None]]:
        """By pool with cores, the CPUs of its managed threads: there may be many to compare with them."""
        return {id(pool): {(cpu,) for cpu in self.pool_cpus(pool)} if pool.pin == "thread" else (self.pool_cpus(pool),)
                for pool in self.topology.pools if pool.max_threads and pool.cores}

    def _threads(self, pool: Pool) -> Iterator[DeclaredThread]:
        for role, count in (("worker", pool.threads), ("blocking", pool.blocking_threads)):
            for index, cpus in zip(range(count), self._cpus(pool, role)):
                yield DeclaredThread(self.topology, pool, role, index, cpus)

    def _cpus(self, pool: Pool, role: str) -> Iterator[Cpus | None]:
        """Of one thread of the role after the other. Blocking threads go where no worker is pinned, and share the
        pool's cores where the workers have all of them."""
        if pool.pin == "none":
            return repeat(self._unpinned_cpus(pool))
        if pool.pin == "thread" and role == "worker":
            pinned = (ascending(self.cpu_map.apply((core,))) for core in pool.cores)
            return chain(pinned, repeat(self._unpinned_cpus(pool)))
        shared = pool.cores if pool.pin == "set" else pool.cores[pool.threads:] or pool.cores
        return repeat(ascending(self.cpu_map.apply(shared)) if shared else self._unpinned_cpus(pool))

    def _unpinned_cpus(self, pool: Pool) -> Cpus | None:
        """Deadline threads get all CPUs of the process, whatever these are."""
        return None if pool.policy == "deadline" else self.process_cpus


def key_of(pool: Pool, key: str) -> str:
    """`[asio.net] cores (md.toml:9)`."""
    return _key(provenance.label(pool), pool.origins.get(key), key, pool.origin)


def process_key(topology: Topology, key: str) -> str:
    return _key("process", topology.process.origins.get(key), key, None)


def _key(table: str, origin: Origin | None, key: str, fallback: Origin | None) -> str:
    place = (provenance.place(origin) if origin else "") or (provenance.place(fallback) if fallback else "")
    return f"[{table}] {key}" + (f" ({place})" if place else "")
