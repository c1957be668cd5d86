"""A process and its host at one moment, as far as /proc lets this user see."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.machine import interrupts
from codegen.machine.interrupts import Row
from codegen.observing import counters, tasks
from codegen.observing.counters import Counters
from codegen.observing.cpu_map import CpuMap
from codegen.observing.match import Matched, match
from codegen.observing.proc import Process
from codegen.observing.tasks import Task
from codegen.observing.verification import Subject, subject

_INITIAL_NAMESPACE = "pid:[4026531836]"


@dataclass(frozen=True)
class Sample:
    time_ns: int
    subject: Subject
    matched: Matched
    counters: Mapping[tuple[int, int], Counters]  # by number and start of a thread
    tasks: Mapping[tuple[int, int], Task]  # of the host
    interrupts: Mapping[str, Row]  # by label
    unseen: tuple[str, ...]  # what the kernel does not tell, and why

    @property
    def cores(self) -> tuple[int, ...]:
        """Of all pools."""
        return tuple(sorted({cpu for layout in self.subject.layouts for pool in layout.topology.pools
                             for cpu in layout.pool_cpus(pool)}))


def take(process: Process, wanted: str | None, given_map: CpuMap | None) -> Sample:
    """Raises as verification.subject does."""
    about = subject(process, wanted, given_map)
    cores = {cpu for layout in about.layouts for pool in layout.topology.pools for cpu in layout.pool_cpus(pool)}
    host = tasks.on_host(process.root, cores)
    now = time.monotonic_ns()
    threads = process.threads()
    counted = {}
    for thread in threads:
        found = counters.read(process.task_folder(thread.tid), thread.stat)
        if found.voluntary is not None:  # else it has ended meanwhile
            counted[thread.tid, thread.stat.started] = found
    rows = interrupts.rows(process.root)
    return Sample(now, about, match(about.layouts, threads), counted, host, {row.label: row for row in rows or ()},
                  _unseen(process.root, counted, rows is None))


def _unseen(root: Path, counted: Mapping[tuple[int, int], Counters], no_interrupts: bool) -> tuple[str, ...]:
    found = []
    every = list(counted.values())
    if all(each.delay_ns is None for each in every):
        found.append("run delay: no /proc/PID/task/TID/schedstat, a kernel without CONFIG_SCHED_INFO;"
                     " CPU time is counted in ticks")
    if all(each.migrations is None for each in every):
        found.append("migrations: no /proc/PID/task/TID/sched, a kernel without CONFIG_SCHED_DEBUG")
    if no_interrupts:
        found.append("interrupts: /proc/interrupts cannot be read")
    if not (root / "proc/1/stat").exists():
        found.append("foreign threads of other users: /proc is mounted with hidepid; look as root")
    elif _namespace(root) not in ("", _INITIAL_NAMESPACE):
        found.append("foreign threads outside of this container: it has a PID namespace of its own; look from the host")
    return tuple(found)


def _namespace(root: Path) -> str:
    try:
        return os.readlink(root / "proc/self/ns/pid")
    except OSError:
        return ""
