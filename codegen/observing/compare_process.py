"""A process beside its topologies as a whole: which threads are missing or too many, where the others run, which CPUs
are gone, and whose interrupts come to the pools' cores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from codegen import cxx, provenance
from codegen.cores import format_cpus
from codegen.deploying.piece import cpus_are
from codegen.diagnostics import counted
from codegen.machine.interrupts import Interrupt
from codegen.model import Pool
from codegen.observing.declared import DeclaredThread, Layout, process_key
from codegen.observing.findings import DRIFT, NOTE, Finding
from codegen.observing.match import Matched
from codegen.observing.proc import Thread
from codegen.observing.usable import Usable
from codegen.observing.wording import thread_name

_MOST = 8  # that are named


def missing(layout: Layout, matched: Matched) -> Iterator[Finding]:
    gone = [match.declared for match in matched.matches
            if match.thread is None and match.declared.topology is layout.topology]
    if len(gone) == len(layout.threads) > 0:
        yield Finding(DRIFT, "missing", f"topology '{layout.topology.name}'",
                      f"none of its {counted(len(gone), 'thread')} is there",
                      "it has not started, has been stopped, or its start failed: look at what the program says")
        return
    lost_of = defaultdict(list)
    for declared in gone:
        lost_of[id(declared.pool)].append(declared)
    for pool in layout.topology.pools:
        if lost := lost_of[id(pool)]:
            names = ", ".join(declared.name for declared in lost[:_MOST]) + _more(lost)
            total = len(layout.threads_of(pool))
            yield Finding(DRIFT, "missing", provenance.label(pool), f"{len(lost)} of {counted(total, 'thread')}"
                          f" {'is' if len(lost) == 1 else 'are'} missing: {names}", _whereabouts(lost, matched.others))


def _whereabouts(lost: Sequence[DeclaredThread], others: Sequence[Thread]) -> str:
    renamed = [thread_name(thread) for declared in lost if (thread := successor(declared, others)) is not None]
    if renamed:
        return f"look whether it renamed itself: its core is that of {', '.join(renamed[:_MOST])}{_more(renamed)}"
    return "look at what the program says: the thread ended or took another name, or the pool is being stopped"


def successor(declared: DeclaredThread, others: Sequence[Thread]) -> Thread | None:
    """A thread of no known name that has the one core of the missing one."""
    if declared.pool.pin != "thread" or declared.cpus is None or len(declared.cpus) != 1:
        return None
    return next((thread for thread in others if thread.cpus == declared.cpus), None)


def doubled(matched: Matched) -> Iterator[Finding]:
    for match in matched.matches:
        if match.doubles:
            names = ", ".join(str(thread.tid) for thread in match.doubles[:_MOST]) + _more(match.doubles)
            yield Finding(DRIFT, "double", match.declared.title,
                          f"{counted(len(match.doubles), 'more thread')} named {match.declared.name}: {names}",
                          "a thread that one of the pool's creates inherits its name and its core: create it outside of"
                          " the pool, or give it a name and [process] cores", tuple(t.tid for t in match.doubles))


def others(layouts: Sequence[Layout], matched: Matched) -> Iterator[Finding]:
    """Threads that no pool owns, against [process] cores. Managed threads of native pools may be elsewhere."""
    ruling = [layout for layout in layouts if layout.process_cpus is not None]
    if not ruling:
        return
    lost = [match.declared for match in matched.matches if match.thread is None]
    renamed = {thread.tid for declared in lost if (thread := successor(declared, matched.others)) is not None}
    astray: defaultdict[tuple[int, ...], list[Thread]] = defaultdict(list)
    for thread in matched.others:
        at_home = any(thread.cpus == layout.process_cpus for layout in ruling)
        if not at_home and thread.tid not in renamed and not managed_by(layouts, thread):
            astray[thread.cpus].append(thread)
    wanted = " or ".join(dict.fromkeys(format_cpus(layout.process_cpus or ()) for layout in ruling))
    for cpus, threads in astray.items():
        names = ", ".join(map(thread_name, threads[:_MOST])) + _more(threads)
        tids = " ".join(str(thread.tid) for thread in threads[:1])
        yield Finding(
            DRIFT, "process_cores", "threads of no pool",
            f"{names} may run on {format_cpus(cpus)}; declared {wanted}, {process_key(ruling[-1].topology, 'cores')}",
            f"taskset -pc {wanted.split(' ')[0]} {tids}, and look for what moved it: the thread of a pool that created"
            " it, the program itself, taskset", tuple(thread.tid for thread in threads))


def managed_by(layouts: Sequence[Layout], thread: Thread) -> Pool | None:
    """A native pool whose managed thread this may be."""
    pools = ((layout, pool) for layout in layouts for pool in layout.topology.pools)
    return next((pool for layout, pool in pools if layout.may_be_managed(pool, thread.cpus)), None)


def gone_cpus(layout: Layout, usable: Usable) -> Iterator[Finding]:
    owners = [(provenance.label(pool), _used(layout, pool)) for pool in layout.topology.pools]
    for owner, cpus in [("process", set(layout.process_cpus or ())), *owners]:
        offline = sorted(cpus - usable.online) if usable.online is not None else []
        if offline:
            verb = "is" if len(offline) == 1 else "are"
            yield Finding(DRIFT, "offline", owner, f"{cpus_are(offline)} {verb} offline (online:"
                          f" {format_cpus(sorted(usable.online or ()))})",
                          f"echo 1 >/sys/devices/system/cpu/cpu{offline[0]}/online, then put its threads back: the"
                          " kernel does not, or start again with a CPU map (PINFOLD_CPU_MAP)")
        outside = sorted(cpus - set(offline) - usable.cpuset) if usable.cpuset is not None else []
        if outside:
            verb = "is" if len(outside) == 1 else "are"
            yield Finding(DRIFT, "cpuset", owner, f"{cpus_are(outside)} {verb} outside of the process's cpuset"
                          f" ({usable.cpuset_file}: {format_cpus(sorted(usable.cpuset or ()))})",
                          "widen cpuset.cpus of that cgroup (AllowedCPUs= of the systemd unit)")


def interrupts(layouts: Sequence[Layout], routed: Sequence[Interrupt]) -> Iterator[Finding]:
    """Those that have fired: drivers ask for many that never do. Pools with the same ones are named together."""
    disturbed: defaultdict[str, list[str]] = defaultdict(list)
    for layout in layouts:
        for pool in layout.topology.pools:
            cores = set(layout.pool_cpus(pool))
            landing = [one for one in routed if one.fired and cores & set(one.cpus)]
            if landing:
                shown = [f"{one.number} ({cxx.shown(one.source)}) on {format_cpus(sorted(cores & set(one.cpus)))}"
                         for one in landing[:_MOST]]
                text = f"{counted(len(landing), 'interrupt')} on its cores: {', '.join(shown)}{_more(landing)}"
                disturbed[text].append(provenance.label(pool))
    for text, labels in disturbed.items():
        yield Finding(NOTE, "interrupts", ", ".join(labels), text,
                      "if they disturb it: write other CPUs to /proc/irq/N/smp_affinity_list and keep irqbalance from"
                      " them, or isolate the cores (pinfold deploy)")


def _used(layout: Layout, pool: Pool) -> set[int]:
    """By its threads; by managed ones any core of the pool."""
    if pool.max_threads and pool.pin != "none":
        return set(layout.pool_cpus(pool))
    if pool.pin == "none" or not pool.cores:
        return set()
    shared = {id(thread.cpus): thread.cpus or () for thread in layout.threads_of(pool)}  # by all threads of a role
    return {cpu for cpus in shared.values() for cpu in cpus}


def _more(items: Sequence[object]) -> str:
    return f" and {len(items) - _MOST} more" if len(items) > _MOST else ""
