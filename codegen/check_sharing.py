"""Which pools run on the same cores: forbidden by exclusive, else worth a warning.

What it says grows with the number of pools, not with that of pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.cores import counted_cores
from codegen.diagnostics import Note, Problems, counted
from codegen.resolve import Resolution, ResolvedPool
from codegen.source import Place

_MOST_NOTES = 7

Claim = tuple[ResolvedPool, Sequence[int]]  # a pool and cores of it


def check(resolution: Resolution, problems: Problems) -> None:
    pools = resolution.pools
    users: dict[int, list[int]] = {}  # by CPU, the pools in declared order
    for index, pool in enumerate(pools):
        for cpu in pool.cores or ():
            users.setdefault(cpu, []).append(index)
    owners = {cpu: owner for cpu, on_it in users.items() if (owner := _owner(pools, on_it)) is not None}
    _check_owned(pools, users, owners, problems)
    _check_process(resolution, problems)
    _check_shared(pools, {cpu: on_it for cpu, on_it in users.items() if cpu not in owners}, problems)


def _owner(pools: Sequence[ResolvedPool], users: Sequence[int]) -> int | None:
    return next((user for user in users if pools[user].table.section["exclusive"]), None)


def _check_owned(
    pools: Sequence[ResolvedPool], users: Mapping[int, Sequence[int]], owners: Mapping[int, int], problems: Problems,
) -> None:
    """One error for each pool that names exclusive cores of others."""
    taken: dict[int, dict[int, list[int]]] = {}  # by intruder and owner
    for cpu, owner in sorted(owners.items()):
        for user in users[cpu]:
            if user != owner:
                taken.setdefault(user, {}).setdefault(owner, []).append(cpu)
    for intruder, by_owner in taken.items():
        claims = [(pools[owner], cpus) for owner, cpus in by_owner.items()]
        _report_owned(claims, pools[intruder].table.title, _cores_place(pools[intruder]), problems)


def _check_process(resolution: Resolution, problems: Problems) -> None:
    process = frozenset(resolution.placement.process_cores or ())
    owned = [(pool, sorted(process.intersection(pool.cores or ())))
             for pool in resolution.pools if pool.table.section["exclusive"]]
    claims = [(pool, cpus) for pool, cpus in owned if cpus]
    if claims:
        _report_owned(claims, "[process] cores", resolution.declared.process.at("cores"), problems)


def _report_owned(claims: Sequence[Claim], intruder: str, place: Place, problems: Problems) -> None:
    owner, cpus = claims[0]
    more = [Note(f"likewise {_exclusive(other, its)}", _cores_place(other)) for other, its in claims[1:_MOST_NOTES]]
    problems.add("PF046", place, f"{_exclusive(owner, cpus)}, and {intruder} names"
                 f" {'it' if len(cpus) == 1 else 'them'} too",
                 notes=[Note(f"the cores of {owner.table.title}", _cores_place(owner)), *more],
                 help=f"give them different cores, or remove exclusive from {owner.table.title}")


def _exclusive(owner: ResolvedPool, cpus: Sequence[int]) -> str:
    return f"{counted_cores(cpus)} {'is' if len(cpus) == 1 else 'are'} exclusive to {owner.table.title}"


def _check_shared(pools: Sequence[ResolvedPool], users: Mapping[int, Sequence[int]], problems: Problems) -> None:
    """One warning for the cores that the same pools share, at the second pool."""
    together: dict[tuple[int, ...], list[int]] = {}  # by the pools that are held to them, the CPUs
    for cpu, on_it in sorted(users.items()):
        together.setdefault(tuple(user for user in on_it if pools[user].pin != "none"), []).append(cpu)
    for held, cpus in together.items():
        if len(held) < 2:
            continue
        first, second, *others = (pools[user] for user in held)
        more = f" and {counted(len(others), 'other pool')}" if others else ""
        problems.add("PF050", _cores_place(second), f"{first.table.title}{',' if others else ' and'}"
                     f" {second.table.title}{more} share {counted_cores(cpus)}",
                     notes=[Note(f"the cores of {pool.table.title}", _cores_place(pool))
                            for pool in [first, *others][:_MOST_NOTES]],
                     help="give each pool its own cores")


def _cores_place(pool: ResolvedPool) -> Place:
    return pool.table.section.at("cores")
