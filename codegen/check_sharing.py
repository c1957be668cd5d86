"""Which pools run on the same cores: forbidden by exclusive, else worth a warning."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.cores import counted_cores
from codegen.diagnostics import Note, Problems
from codegen.resolve import Resolution, ResolvedPool
from codegen.source import Place


def check(resolution: Resolution, problems: Problems) -> None:
    holders = [pool for pool in resolution.pools if pool.cores]
    users: dict[int, list[int]] = {}  # by CPU, the pools in declared order
    for index, pool in enumerate(holders):
        for earlier in sorted({user for cpu in pool.cores or () for user in users.get(cpu, ())}):
            _check_pair(holders[earlier], pool, problems)
        for cpu in pool.cores or ():
            users.setdefault(cpu, []).append(index)
    process = resolution.placement.process_cores
    for pool in holders:
        shared = _shared(pool, process or ())
        if shared and pool.table.section["exclusive"]:
            _report_shared(pool, shared, "[process] cores", resolution.declared.process.at("cores"), problems)


def _check_pair(earlier: ResolvedPool, pool: ResolvedPool, problems: Problems) -> None:
    shared = _shared(earlier, pool.cores or ())
    cores_at = pool.table.section.at("cores")
    if earlier.table.section["exclusive"]:
        _report_shared(earlier, shared, pool.table.title, cores_at, problems)
    elif pool.table.section["exclusive"]:
        _report_shared(pool, shared, earlier.table.title, earlier.table.section.at("cores"), problems)
    elif "none" not in (earlier.pin, pool.pin):
        problems.add("PF050", cores_at, f"{earlier.table.title} and {pool.table.title} share {counted_cores(shared)}",
                     notes=[Note(f"the cores of {earlier.table.title}", earlier.table.section.at("cores"))],
                     help="give each pool its own cores")


def _shared(pool: ResolvedPool, others: Sequence[int]) -> list[int]:
    return sorted(set(pool.cores or ()).intersection(others))


def _report_shared(owner: ResolvedPool, shared: Sequence[int], intruder: str, place: Place, problems: Problems) -> None:
    verb = "is" if len(shared) == 1 else "are"
    problems.add("PF046", place, f"{counted_cores(shared)} {verb} exclusive to {owner.table.title}, and {intruder}"
                 f" names {'it' if len(shared) == 1 else 'them'} too",
                 notes=[Note(f"the cores of {owner.table.title}", owner.table.section.at("cores"))],
                 help=f"give them different cores, or remove exclusive from {owner.table.title}")
