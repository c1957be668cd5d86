"""What the kernel counts for a thread since it began."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from codegen.machine import host
from codegen.observing.proc import Stat

_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Counters:
    """None where the kernel does not count it."""

    cpu_ns: int
    delay_ns: int | None  # in which it could have run and waited for its CPU
    voluntary: int | None  # switches away from it because it waited for something
    involuntary: int | None  # because another one was to run
    migrations: int | None  # to another CPU

    def __sub__(self, other: Counters) -> Counters:
        return Counters(max(self.cpu_ns - other.cpu_ns, 0), _minus(self.delay_ns, other.delay_ns),
                        _minus(self.voluntary, other.voluntary), _minus(self.involuntary, other.involuntary),
                        _minus(self.migrations, other.migrations))

    def __add__(self, other: Counters) -> Counters:
        return Counters(self.cpu_ns + other.cpu_ns, _plus(self.delay_ns, other.delay_ns),
                        _plus(self.voluntary, other.voluntary), _plus(self.involuntary, other.involuntary),
                        _plus(self.migrations, other.migrations))


NONE = Counters(0, 0, 0, 0, 0)


def read(folder: Path, stat: Stat) -> Counters:
    """Of the thread whose folder in /proc this is."""
    times = run_times(folder)
    status = host.text(folder / "status")
    return Counters(times[0] if times else ticks_ns(stat), times[1] if times else None,
                    _number(r"^voluntary_ctxt_switches:\s*(\d+)$", status),
                    _number(r"^nonvoluntary_ctxt_switches:\s*(\d+)$", status),
                    _number(r"^(?:se\.)?nr_migrations\s*:\s*(\d+)$", host.text(folder / "sched")))


def run_times(folder: Path) -> tuple[int, int] | None:
    """Nanoseconds on a CPU and waiting for one. None: a kernel without CONFIG_SCHED_INFO."""
    words = host.text(folder / "schedstat").split()
    return (int(words[0]), int(words[1])) if len(words) == 3 and all(map(str.isdecimal, words)) else None


def ticks_ns(stat: Stat) -> int:
    """The time on a CPU as every kernel counts it, coarsely."""
    return stat.ticks * _TICK_NS


def _number(pattern: str, text: str) -> int | None:
    found = re.search(pattern, text, re.MULTILINE)
    return int(found[1]) if found else None


def _minus(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else max(now - before, 0)


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
