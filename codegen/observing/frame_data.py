"""A frame for programs."""

from __future__ import annotations

import dataclasses

from codegen import version
from codegen.observing.counters import Counters
from codegen.observing.frame import CoreActivity, Frame, PoolActivity, ThreadActivity

FORMAT = 1


def data(frame: Frame) -> dict[str, object]:
    about = frame.sample.subject
    *pools, rest = frame.pools
    return {
        "format": FORMAT,
        "pinfold": version.text(),
        "pid": frame.process.pid,
        "process": frame.process.name,
        "topologies": [layout.topology.name for layout in about.layouts],
        "seconds": round(frame.elapsed_ns / 1e9, 6),
        "pools": [_pool(pool, frame) for pool in pools],
        "other_threads": _group(rest, frame),
        "cores": [_core(core, frame) for core in frame.cores],
        "unseen": list(frame.sample.unseen),
    }


def _pool(pool: PoolActivity, frame: Frame) -> dict[str, object]:
    head: dict[str, object] = {"topology": pool.topology, "pool": pool.label}
    return head | _group(pool, frame)


def _group(pool: PoolActivity, frame: Frame) -> dict[str, object]:
    return _counted(pool.counted, frame) | {"threads": [_thread(each, frame) for each in pool.threads]}


def _thread(each: ThreadActivity, frame: Frame) -> dict[str, object]:
    stat = each.thread.stat
    return {"name": stat.name, "tid": each.thread.tid, "cpu": stat.cpu, "state": stat.state,
            **_counted(each.counted, frame)}


def _counted(counted: Counters, frame: Frame) -> dict[str, object]:
    return {
        "cpu_percent": frame.percent(counted.cpu_ns),
        "run_delay_ns": counted.delay_ns,
        "voluntary_switches": counted.voluntary,
        "involuntary_switches": counted.involuntary,
        "migrations": counted.migrations,
    }


def _core(core: CoreActivity, frame: Frame) -> dict[str, object]:
    return {
        "cpu": core.cpu,
        "pools": core.pools,
        "foreign_threads": [
            {"pid": each.pid, "tid": each.tid, "name": each.name, "owner": each.owner, "running": each.running,
             "cpu_percent": frame.percent(each.cpu_ns)} for each in core.foreigners],
        "interrupts": dataclasses.asdict(core.interrupts),
    }
