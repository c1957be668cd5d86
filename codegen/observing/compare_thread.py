"""One declared thread beside the one that runs: affinity, policy, priority, nice and the CPU last seen."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.cores import format_cpus
from codegen.model import Pool
from codegen.observing.declared import DeclaredThread, key_of
from codegen.observing.findings import DRIFT, NOTE, Finding
from codegen.observing.proc import Thread
from codegen.observing.usable import Usable
from codegen.observing.wording import actual_policy, chrt, declared_policy, right_to, thread_name
from codegen.schema import REALTIME

RUNNING = "R"


def compare(declared: DeclaredThread, thread: Thread, usable: Usable) -> Iterator[Finding]:
    yield from _affinity(declared, thread, usable)
    yield from _schedule(declared, thread)


def _affinity(declared: DeclaredThread, thread: Thread, usable: Usable) -> Iterator[Finding]:
    wanted = declared.cpus
    if wanted is None:
        return
    if thread.cpus != wanted:
        key = key_of(declared.pool, "cores") if declared.pool.cores else "[process] cores"
        text = f"{thread_name(thread)} may run on {_listed(thread.cpus)}; declared {_listed(wanted)}, {key}"
        yield Finding(DRIFT, "affinity", declared.title, text, _way_back(wanted, thread, usable), (thread.tid,))
    elif thread.stat.cpu not in wanted:
        where = f"{thread_name(thread)} was last seen on CPU {thread.stat.cpu}; declared {_listed(wanted)}"
        if thread.stat.state == RUNNING:
            yield Finding(DRIFT, "cpu", declared.title, f"{where}, and it runs there",
                          "look again: the kernel moves it at once", (thread.tid,))
        else:
            yield Finding(NOTE, "cpu", declared.title, f"{where}; it sleeps since before it got its affinity",
                          "none is needed: it wakes where it belongs", (thread.tid,))


def _way_back(wanted: tuple[int, ...], thread: Thread, usable: Usable) -> str:
    back = f"taskset -pc {_listed(wanted)} {thread.tid}"
    if usable.missing(wanted):
        return (f"give it CPU {_listed(usable.missing(wanted))} back, then {back}: the kernel moved it away, and does"
                " not move it back by itself")
    return f"{back}, and look for what moved it: taskset, an agent, a cpuset cgroup, the program itself"


def _schedule(declared: DeclaredThread, thread: Thread) -> Iterator[Finding]:
    pool, stat = declared.pool, thread.stat
    kind = _difference(pool, thread)
    if not kind:
        return
    text = f"{thread_name(thread)} is {actual_policy(thread, pool)}; declared {declared_policy(pool)}, "
    if kind == "nice" and stat.policy == pool.policy:
        way = f"renice -n {pool.nice} -p {thread.tid}"
    else:
        way = chrt(pool, thread.tid)
    cause = ""
    if declared.topology.on_failure == "degrade":
        cause = (f"; a degraded start leaves a policy out that it has no right to: {right_to(pool)}, and"
                 " running.problems() tells")
    yield Finding(DRIFT, kind, declared.title, text + key_of(pool, _KEYS[kind]), way + cause, (thread.tid,))


_KEYS = {"policy": "policy", "priority": "priority", "nice": "nice", "deadline": "deadline"}


def _difference(pool: Pool, thread: Thread) -> str:
    """The first of the keys that differs; "" where none does."""
    stat = thread.stat
    if stat.policy != pool.policy:
        return "policy"
    if pool.policy in REALTIME and stat.priority != pool.priority:
        return "priority"
    if pool.nice is not None and stat.nice != pool.nice:
        return "nice"
    if pool.deadline is not None and thread.deadline not in (None, pool.deadline):
        return "deadline"
    return ""


def _listed(cpus: tuple[int, ...]) -> str:
    return format_cpus(cpus) or "none"
