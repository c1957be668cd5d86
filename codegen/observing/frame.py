"""What happened between two samples: by thread, by pool, and on each core of a pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from codegen import provenance
from codegen.model import Pool
from codegen.observing import counters
from codegen.observing.compare_process import managed_by
from codegen.observing.counters import Counters
from codegen.observing.proc import Process, Thread
from codegen.observing.sample import Sample
from codegen.observing.tasks import RUNNING, Task


@dataclass(frozen=True)
class ThreadActivity:
    thread: Thread
    counted: Counters


@dataclass(frozen=True)
class PoolActivity:
    topology: str
    label: str  # "asio.net"; "" of all threads that no pool owns
    threads: tuple[ThreadActivity, ...]

    @property
    def counted(self) -> Counters:
        return reduce(add, (each.counted for each in self.threads), counters.NONE)


@dataclass(frozen=True)
class Foreigner:
    """A thread that was on a core of a pool and belongs to none that has this core."""

    pid: int
    tid: int
    name: str
    cpu_ns: int  # on any CPU: the kernel does not count it by CPU
    owner: str  # "process" (the same one) | "other" | "kernel"
    running: bool  # at that moment


@dataclass(frozen=True)
class Arrivals:
    """Interrupts that came to a core."""

    devices: int
    local: int  # timers, and calls from other CPUs
    sources: tuple[tuple[str, int], ...]  # the most frequent first


@dataclass(frozen=True)
class CoreActivity:
    cpu: int
    pools: tuple[str, ...]
    foreigners: tuple[Foreigner, ...]  # the busiest first
    interrupts: Arrivals


@dataclass(frozen=True)
class Frame:
    process: Process
    elapsed_ns: int
    pools: tuple[PoolActivity, ...]
    cores: tuple[CoreActivity, ...]
    sample: Sample

    def percent(self, nanoseconds: int) -> float:
        """Of one CPU's time."""
        return round(100 * nanoseconds / self.elapsed_ns, 1)


def between(process: Process, before: Sample, after: Sample) -> Frame:
    return Frame(process, max(after.time_ns - before.time_ns, 1), tuple(_pools(before, after)),
                 tuple(_cores(process, before, after)), after)


def _pools(before: Sample, after: Sample) -> Iterator[PoolActivity]:
    def active(threads: Iterable[Thread]) -> tuple[ThreadActivity, ...]:
        """A thread that is new counts from its birth."""
        keys = ((thread, (thread.tid, thread.stat.started)) for thread in threads)
        return tuple(ThreadActivity(thread, after.counters[key] - before.counters.get(key, counters.NONE))
                     for thread, key in keys if key in after.counters)

    layouts = after.subject.layouts
    managed = {thread.tid: managed_by(layouts, thread) for thread in after.matched.others
               if all(thread.cpus != layout.process_cpus for layout in layouts)}
    there: defaultdict[int, list[Thread]] = defaultdict(list)  # by pool
    for match in after.matched.matches:
        if match.thread is not None:
            there[id(match.declared.pool)].append(match.thread)
    for layout in layouts:
        for pool in layout.topology.pools:
            own = [*there[id(pool)], *(thread for thread in after.matched.others if managed.get(thread.tid) is pool)]
            yield PoolActivity(layout.topology.name, provenance.label(pool), active(own))
    doubles = [thread for match in after.matched.matches for thread in match.doubles]
    rest = [*doubles, *(thread for thread in after.matched.others if managed.get(thread.tid) is None)]
    yield PoolActivity("", "", active(rest))


def _cores(process: Process, before: Sample, after: Sample) -> Iterator[CoreActivity]:
    seen = _seen(before.tasks, after.tasks, after.cores)
    homes: defaultdict[int, list[Pool]] = defaultdict(list)  # by CPU
    for layout in after.subject.layouts:
        for pool in layout.topology.pools:
            for cpu in layout.pool_cpus(pool):
                homes[cpu].append(pool)
    members = _members(after)
    for cpu in after.cores:
        own = {tid for pool in homes[cpu] for tid in members[id(pool)]}
        foreign = [_foreigner(task, ran, process) for task, ran in seen.get(cpu, ()) if task.tid not in own]
        foreign.sort(key=lambda each: (-each.cpu_ns, not each.running, each.tid))
        yield CoreActivity(cpu, tuple(map(provenance.label, homes[cpu])), tuple(foreign), _arrivals(cpu, before, after))


def _members(after: Sample) -> defaultdict[int, list[int]]:
    """By pool with cores, the threads that belong to it."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for match in after.matched.matches:
        if match.thread is not None:
            found[id(match.declared.pool)].append(match.thread.tid)
    managing = [(layout, pool) for layout in after.subject.layouts for pool in layout.topology.pools
                if pool.max_threads and pool.cores]
    for thread in after.matched.others:
        for layout, pool in managing:
            if layout.may_be_managed(pool, thread.cpus):
                found[id(pool)].append(thread.tid)
    return found


def _seen(
    before: Mapping[tuple[int, int], Task], after: Mapping[tuple[int, int], Task], cores: Collection[int],
) -> dict[int, list[tuple[Task, int]]]:
    """By CPU the tasks that ran there since the first sample, or were running there at one of the two."""
    wanted = set(cores)
    found: dict[int, list[tuple[Task, int]]] = {}
    for key, task in after.items():
        earlier = before.get(key)
        ran = task.ran_since(earlier)
        came = earlier is not None and earlier.stat.cpu != task.stat.cpu
        if task.stat.cpu in wanted and (ran or came or task.stat.state == RUNNING):
            found.setdefault(task.stat.cpu, []).append((task, ran))
        if earlier is not None and came and earlier.stat.state == RUNNING and earlier.stat.cpu in wanted:
            found.setdefault(earlier.stat.cpu, []).append((earlier, 0))
    return found


def _foreigner(task: Task, ran: int, process: Process) -> Foreigner:
    owner = "kernel" if task.stat.kernel else "process" if task.pid == process.pid else "other"
    return Foreigner(task.pid, task.tid, task.stat.name, ran, owner, task.stat.state == RUNNING)


def _arrivals(cpu: int, before: Sample, after: Sample) -> Arrivals:
    came: list[tuple[str, int]] = []
    devices = local = 0
    for label, row in after.interrupts.items():
        earlier = before.interrupts.get(label)
        number = row.counts.get(cpu, 0) - (earlier.counts.get(cpu, 0) if earlier else 0)
        if number <= 0:
            continue
        if row.number is None:
            local += number
            came.append((label, number))
        else:
            devices += number
            came.append((f"{label} ({row.source})", number))
    return Arrivals(devices, local, tuple(sorted(came, key=lambda each: -each[1])))
