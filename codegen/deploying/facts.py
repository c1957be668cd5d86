"""What a topology asks of its host, before any tool's syntax: CPUs, rights, limits, each with who asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from codegen import provenance
from codegen.cpus import Cpus, ascending
from codegen.deploying.piece import Reason, of_pool, of_process
from codegen.model import Pool, Topology
from codegen.schema import REALTIME


@dataclass(frozen=True)
class Dedicated:
    """CPUs that nothing but their pool may disturb."""

    cpus: Cpus
    why: Reason


@dataclass(frozen=True)
class Roaming:
    """Threads that may run on several CPUs: they need the scheduler's load balancing there."""

    threads: str
    cpus: Cpus  # empty: all that the process has, and the topology does not say which these are
    why: Reason


@dataclass(frozen=True)
class Right:
    """A right beyond those of a plain process, with the value that the most demanding pool needs."""

    value: int
    why: tuple[Reason, ...]


@dataclass(frozen=True)
class Facts:
    topology: Topology
    host: Cpus  # CPUs of the host, as far as they are known
    process: Cpus
    process_why: tuple[Reason, ...]
    dedicated: tuple[Dedicated, ...]
    roaming: tuple[Roaming, ...]
    threads: int  # most threads that the pools have at one time
    threads_why: tuple[Reason, ...]
    realtime: Right | None  # highest priority
    nice: Right | None  # least nice value, where that is below 0
    deadline: tuple[Reason, ...]  # pools of policy deadline
    never_yields: tuple[Reason, ...]  # realtime pools that are busy

    @property
    def isolated(self) -> Cpus:
        return ascending(cpu for owner in self.dedicated for cpu in owner.cpus)

    @property
    def isolated_why(self) -> tuple[Reason, ...]:
        return tuple(owner.why for owner in self.dedicated)

    def why(self, cpus: Cpus) -> tuple[Reason, ...]:
        """Who wants any of these isolated."""
        return tuple(owner.why for owner in self.dedicated if not set(cpus).isdisjoint(owner.cpus))

    @property
    def partition_why(self) -> tuple[Reason, ...]:
        return (*self.isolated_why, *self.deadline)

    @property
    def balanced(self) -> Cpus:
        """The isolated CPUs that threads roam over: without load balancing these would all stay on one."""
        roamed = {cpu for threads in self.roaming for cpu in threads.cpus or self.process}
        return tuple(cpu for cpu in self.isolated if cpu in roamed)

    @property
    def unbalanced(self) -> Cpus:
        return without(self.isolated, self.balanced)

    @property
    def tickless(self) -> Cpus:
        """Where one thread is alone: elsewhere the tick could not stop. CPU 0 keeps the time of the others."""
        users = Counter(self.topology.process.cores or ())
        for pool in self.topology.pools:
            users.update(_seats(pool))
        return tuple(cpu for cpu in self.unbalanced if cpu and users[cpu] == 1)

    @property
    def reserved(self) -> Cpus:
        """CPUs of the process on which a running topology may have no thread: those beyond a pool's threads."""
        used = set(self.topology.process.cores or self.topology.process.cpuset or ())
        for pool in self.topology.pools:
            if pool.pin == "thread" and not pool.blocking_threads:
                used |= set(pool.cores[:pool.threads])
            elif pool.threads or pool.blocking_threads:
                used |= set(pool.cores)
        return without(self.process, tuple(used))

    @property
    def neighbours(self) -> Cpus:
        """CPUs that share a core with an isolated one and are not isolated themselves."""
        machine = self.topology.machine
        cores = machine.siblings.values() if machine else ()
        split = (core for core in cores if not set(core).isdisjoint(self.isolated))
        return without((cpu for core in split for cpu in core), self.isolated)

    @property
    def housekeeping(self) -> Cpus:
        """What is left for the kernel and its interrupts."""
        return without(self.host, self.isolated)


def gather(topology: Topology, host: Cpus | None = None) -> Facts:
    """`host` None: the machine that the topology names, else up to the highest CPU that it names."""
    pools, process = topology.pools, topology.process
    used, used_why = _process_cpus(topology)
    known = topology.machine.by_index if topology.machine else range(max([-1, *used, *(process.cpuset or ())]) + 1)
    realtime = [pool for pool in pools if pool.policy in REALTIME]
    below_0 = [pool for pool in pools if pool.nice is not None and pool.nice < 0]
    return Facts(
        topology=topology,
        host=host if host is not None else ascending(known),
        process=used,
        process_why=used_why,
        dedicated=tuple(_dedicated(pools)),
        roaming=tuple(_roaming(topology)),
        threads=sum(pool.threads + pool.blocking_threads + pool.max_threads for pool in pools),
        threads_why=tuple(of_pool(pool, *_thread_keys(pool)) for pool in pools),
        realtime=_right([(pool.priority, of_pool(pool, "policy", "priority")) for pool in realtime], max),
        nice=_right([(pool.nice or 0, of_pool(pool, "nice")) for pool in below_0], min),
        deadline=tuple(of_pool(pool, "policy") for pool in pools if pool.policy == "deadline"),
        never_yields=tuple(of_pool(pool, "policy", "idle") for pool in realtime if pool.idle == "busy"),
    )


def without(cpus: Iterable[int], removed: Sequence[int]) -> Cpus:
    return ascending(set(cpus) - set(removed))


def _process_cpus(topology: Topology) -> tuple[Cpus, tuple[Reason, ...]]:
    """What pools and [process] name; the cpuset too where some threads have no cores of their own."""
    process = topology.process
    cpus = {cpu for pool in topology.pools for cpu in pool.cores}
    why = [of_pool(pool, "cores") for pool in topology.pools if pool.cores]
    if process.cores:
        cpus |= set(process.cores)
        why.append(of_process(process, "cores"))
    elif process.cpuset:
        cpus |= set(process.cpuset)
        why = [of_process(process, "cpuset")]
    return ascending(cpus), tuple(why)


def _dedicated(pools: Iterable[Pool]) -> Iterable[Dedicated]:
    for pool in pools:
        keys = ["exclusive"] if pool.exclusive else []
        if pool.pin != "none":
            keys += ["idle"] if pool.idle == "busy" else []
            keys += ["policy"] if pool.policy in REALTIME else []
        if keys and pool.cores:
            yield Dedicated(ascending(pool.cores), of_pool(pool, *keys, "cores"))


def _roaming(topology: Topology) -> Iterable[Roaming]:
    process = topology.process
    everywhere = ascending(process.cores or ())
    for pool in topology.pools:
        title = f"the threads of {provenance.label(pool)}"
        free = pool.cores[pool.threads:] or pool.cores
        if pool.pin == "none":
            if len(everywhere) != 1:
                yield Roaming(title, everywhere, of_pool(pool, "pin"))
        elif pool.pin == "set":
            if len(pool.cores) > 1:
                yield Roaming(title, ascending(pool.cores), of_pool(pool, "pin", "cores"))
        elif pool.blocking_threads and len(free) > 1:
            yield Roaming(f"the blocking threads of {provenance.label(pool)}", ascending(free),
                          of_pool(pool, "blocking_threads", "cores"))
    if len(everywhere) != 1:
        yield Roaming("threads that no pool owns", everywhere, of_process(process, "cores"))


def _seats(pool: Pool) -> Iterable[int]:
    """The CPU of each pinned thread, and all those that another may use. Managed threads take the last first."""
    if not pool.cores or pool.pin == "none":
        return
    free = pool.cores[pool.threads:] or pool.cores
    yield from pool.cores[:pool.threads] if pool.pin == "thread" else pool.cores * pool.threads
    yield from (free if pool.pin == "thread" else pool.cores) * pool.blocking_threads
    yield from (pool.cores[-1 - number % len(pool.cores)] for number in range(pool.max_threads))


def _thread_keys(pool: Pool) -> list[str]:
    extra = {"blocking_threads": pool.blocking_threads, "max_threads": pool.max_threads}
    return ["threads", *(key for key, number in extra.items() if number)]


def _right(needs: Sequence[tuple[int, Reason]], most: Callable[[Iterable[int]], int]) -> Right | None:
    return Right(most(value for value, _ in needs), tuple(why for _, why in needs)) if needs else None
