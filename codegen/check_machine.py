"""What a machine knows that CPU numbers do not say: SMT siblings of two pools, shared masks over isolated CPUs."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from codegen.cores import counted_cores, format_cpus
from codegen.diagnostics import Note, Problems, counted
from codegen.machine.model import Machine
from codegen.placement import Placement
from codegen.resolve import Resolution, ResolvedPool

_MOST_NOTES = 7


def check(resolution: Resolution, problems: Problems) -> None:
    if resolution.machine is None:
        return
    pinned = [pool for pool in resolution.pools if pool.cores and pool.pin in ("thread", "set")]
    _check_siblings(pinned, resolution.machine, resolution.placement, problems)
    for pool in pinned:
        _check_isolated(pool, resolution.machine, problems)


def _check_siblings(
    pools: list[ResolvedPool], machine: Machine, placement: Placement, problems: Problems,
) -> None:
    """One warning for the cores that the same pools split. Pools on one CPU have a warning of their own."""
    cores = [set(pool.cores or ()) for pool in pools]
    users: dict[int, list[int]] = {}  # by CPU, the pools in declared order
    for index, pool in enumerate(pools):
        for cpu in pool.cores or ():
            users.setdefault(cpu, []).append(index)
    together: dict[tuple[int, ...], list[tuple[int, ...]]] = {}  # by the pools on them, the cores as their CPUs
    for siblings in machine.siblings.values():
        on_it = tuple(sorted({pool for cpu in siblings for pool in users.get(cpu, ())}))
        together.setdefault(on_it, []).append(siblings)
    reported: set[tuple[int, int]] = set()
    for on_them in together:
        pairs = [pair for pair in itertools.combinations(on_them, 2)
                 if pair not in reported and cores[pair[0]].isdisjoint(cores[pair[1]])]
        if not pairs:
            continue
        reported.update(pairs)
        earlier, later = pairs[0]
        cpus = {cpu for pools_there, several in together.items() if {earlier, later}.issubset(pools_there)
                for siblings in several for cpu in siblings}
        likewise = sorted({pool for pair in pairs for pool in pair} - {earlier, later})
        more = f", as are those of {counted(len(likewise), 'other pool')}" if likewise else ""
        one, other = pools[earlier], pools[later]
        theirs, its = sorted(cores[earlier] & cpus), sorted(cores[later] & cpus)
        problems.add(
            "PF054", other.table.section.at("cores"),
            f"{counted_cores(its)} of {other.table.title} and {format_cpus(theirs)} of {one.table.title} are SMT"
            f" siblings{more}",
            notes=[Note(f"the cores of {pool.table.title}", pool.table.section.at("cores"))
                   for pool in [one, *(pools[each] for each in likewise)][:_MOST_NOTES]],
            help="siblings share one core's execution units and caches: "
            + _remedy((one, other), {machine.by_index[cpu].core for cpu in cpus}, placement))


def _remedy(pools: Sequence[ResolvedPool], cores: Collection[int], placement: Placement) -> str:
    """For cores that these pools split: where a take does so, the number that would not."""
    claims = (placement.pools[(pool.table.kind, pool.table.name)] for pool in pools)
    numbers = [claim.unsplit[core] for claim in claims if claim for core in claim.unsplit if core in cores]
    return f"take:{numbers[0]} splits no core here" if numbers else "give both to one pool"


def _check_isolated(pool: ResolvedPool, machine: Machine, problems: Problems) -> None:
    isolated = [cpu for cpu in pool.cores or () if cpu in machine.isolated]
    if pool.pin == "set" and isolated and len(pool.cores or ()) > 1:
        problems.add(
            "PF055", pool.table.section.at("pin"),
            f"{counted_cores(isolated)} of {pool.table.title} {'is' if len(isolated) == 1 else 'are'} isolated, and"
            " pin = \"set\" leaves it to the kernel where its threads run",
            notes=[Note(f"the machine's isolated CPUs are {format_cpus(machine.isolated)}")],
            help="pin = \"thread\" gives each thread a CPU of its own")
