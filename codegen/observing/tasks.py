"""Every thread on the host, with the CPU that it is on: the neighbours of a pool."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from codegen.observing.counters import run_times, ticks_ns
from codegen.observing.proc import Stat, read_stat

RUNNING = "R"


@dataclass(frozen=True)
class Task:
    pid: int
    tid: int
    stat: Stat
    exact_ns: int | None  # on a CPU so far; counted for those that are on the CPUs of interest

    @property
    def key(self) -> tuple[int, int]:
        return self.tid, self.stat.started

    def ran_since(self, before: Task | None) -> int:
        """Nanoseconds; of one that is new since its birth."""
        if before is None:
            return ticks_ns(self.stat) if self.exact_ns is None else self.exact_ns
        if self.exact_ns is not None and before.exact_ns is not None:
            return max(self.exact_ns - before.exact_ns, 0)
        return max(ticks_ns(self.stat) - ticks_ns(before.stat), 0)


def on_host(root: Path, cpus: Collection[int]) -> dict[tuple[int, int], Task]:
    """Those that this user can see. `cpus` are of interest."""
    found = {}
    for pid in _numbers(root / "proc"):
        folder = root / "proc" / str(pid) / "task"
        for tid in _numbers(folder):
            stat = read_stat(folder / str(tid))
            if stat is not None:
                times = run_times(folder / str(tid)) if stat.cpu in cpus else None
                task = Task(pid, tid, stat, times[0] if times else None)
                found[task.key] = task
    return found


def _numbers(folder: Path) -> Iterator[int]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    yield from (int(name) for name in names if name.isdecimal())
