"""A verification for programs."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence

from codegen import provenance, version
from codegen.model import Pool
from codegen.observing import compare_process
from codegen.observing.match import Match
from codegen.observing.proc import Thread
from codegen.observing.verification import Verification

FORMAT = 1


def data(found: Verification) -> dict[str, object]:
    about = found.subject
    matches: defaultdict[int, list[Match]] = defaultdict(list)
    for match in found.matched.matches:
        matches[id(match.declared.pool)].append(match)
    return {
        "format": FORMAT,
        "pinfold": version.text(),
        "pid": found.process.pid,
        "process": found.process.name,
        "topologies": [layout.topology.name for layout in about.layouts],
        "cpu_map": {"text": about.cpu_map.text, "source": about.cpu_map.source} if about.cpu_map.source else None,
        "drift": bool(found.drift),
        "pools": [_pool(layout.topology.name, pool, matches[id(pool)])
                  for layout in about.layouts for pool in layout.topology.pools],
        "threads": [_thread(match, kinds)
                    for match, kinds in zip(found.matched.matches, found.drifted, strict=True)],
        "other_threads": [_other(thread, found) for thread in found.matched.others],
        "findings": [dataclasses.asdict(finding) for finding in found.findings],
    }


def _pool(topology: str, pool: Pool, matches: Sequence[Match]) -> dict[str, object]:
    there = sum((match.thread is not None) + len(match.doubles) for match in matches)
    return {"topology": topology, "pool": provenance.label(pool), "declared": len(matches), "found": there}


def _thread(match: Match, kinds: tuple[str, ...]) -> dict[str, object]:
    declared, pool = match.declared, match.declared.pool
    return {
        "topology": declared.topology.name,
        "pool": provenance.label(pool),
        "role": declared.role,
        "index": declared.index,
        "name": declared.name,
        "declared": {"cpus": declared.cpus, "policy": pool.policy, "priority": pool.priority, "nice": pool.nice,
                     "deadline": dataclasses.asdict(pool.deadline) if pool.deadline else None},
        "actual": _actual(match.thread) if match.thread else None,
        "doubles": [thread.tid for thread in match.doubles],
        "drift": list(kinds) if match.thread else ["missing"],
    }


def _actual(thread: Thread) -> dict[str, object]:
    stat = thread.stat
    return {"tid": thread.tid, "cpus": thread.cpus, "policy": stat.policy, "priority": stat.priority,
            "nice": stat.nice, "deadline": dataclasses.asdict(thread.deadline) if thread.deadline else None,
            "last_cpu": stat.cpu, "state": stat.state}


def _other(thread: Thread, found: Verification) -> dict[str, object]:
    pool = compare_process.managed_by(found.subject.layouts, thread)
    return {"name": thread.name, **_actual(thread), "may_be_managed_by": provenance.label(pool) if pool else None}
