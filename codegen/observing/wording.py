"""How threads are spelled: policies as the topology's header has them, and the commands that put a thread right."""

from __future__ import annotations

from codegen import cxx
from codegen.model import Deadline, Pool
from codegen.observing.proc import Thread
from codegen.schema import REALTIME
from codegen.wording import policy as declared_policy

_CHRT = {"other": "-o", "batch": "-b", "idle": "-i", "fifo": "-f", "rr": "-r", "deadline": "-d"}

__all__ = ["actual_policy", "chrt", "declared_policy", "right_to", "thread_name"]


def actual_policy(thread: Thread, pool: Pool | None) -> str:
    """In the words of `declared_policy`; nice where the pool says something about it."""
    stat = thread.stat
    if thread.deadline is not None:
        return f"{stat.policy} {_times(thread.deadline)} us"
    priority = f" {stat.priority}" if stat.policy in REALTIME else ""
    shown = pool.nice is not None if pool else stat.nice != 0
    return f"{stat.policy}{priority}" + (f" nice {stat.nice}" if shown else "")


def chrt(pool: Pool, tid: int) -> str:
    if pool.deadline is not None:
        due = pool.deadline
        times = f"--sched-runtime {due.runtime_us}000 --sched-deadline {due.deadline_us}000"
        return f"chrt -d {times} --sched-period {due.period_us}000 -p 0 {tid}"
    return f"chrt {_CHRT[pool.policy]} -p {pool.priority} {tid}"


def right_to(pool: Pool) -> str:
    """What lets a process have the pool's policy."""
    if pool.policy in REALTIME:
        return f"CAP_SYS_NICE (setcap cap_sys_nice+ep) or RLIMIT_RTPRIO {pool.priority}"
    if pool.policy == "deadline":
        return "CAP_SYS_NICE (setcap cap_sys_nice+ep), and room for its runtime in the scheduling domain"
    return "CAP_SYS_NICE (setcap cap_sys_nice+ep) or RLIMIT_NICE"


def thread_name(thread: Thread) -> str:
    return f"{cxx.shown(thread.name)} ({thread.tid})"


def _times(due: Deadline) -> str:
    return f"{due.runtime_us}/{due.deadline_us}/{due.period_us}"
