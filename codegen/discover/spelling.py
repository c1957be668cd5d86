"""Writes core sets so that they say what they are: locations of the machine where one fits, else CPU numbers.

A location is used only where hwloc finds exactly these CPUs there, asked as the generator will ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codegen.cores import format_cpus
from codegen.discover.plan import Plan, Share
from codegen.machine.hwloc import Exported
from codegen.machine.model import Machine

_MOST_TERMS = 3


def expressions(plan: Plan, machine: Machine, exported: Exported) -> Mapping[str, str]:
    """By name of the set. Those of few cores first: the wide ones are spelt as what these leave."""
    speller = _Speller(plan, machine, exported)
    wide = [share for share in plan.shares if share.wide]
    found = {share.name: speller.narrow(share) for share in plan.shares if not share.wide}
    return {**found, **{share.name: speller.wide(share, alone=len(wide) == 1) for share in wide}}


class _Speller:
    def __init__(self, plan: Plan, machine: Machine, exported: Exported) -> None:
        self.plan = plan
        self.machine = machine
        self.exported = exported
        self.known: dict[str, frozenset[int]] = {}  # what hwloc has said
        used = [core for core, cpus in machine.siblings.items() if not set(cpus).isdisjoint(machine.usable)]
        self.ranks = {core: rank for rank, core in enumerate(used)}  # hwloc does not count cores without usable CPUs

    def narrow(self, share: Share) -> str:
        cores = sorted({self.ranks[self.machine.by_index[cpu].core] for cpu in share.cpus})
        runs = format_cpus(cores).split(",")
        for units in ("", ".pu:0"):
            terms = [f"core:{run}{units}" for run in runs]
            if len(terms) <= _MOST_TERMS and frozenset().union(*map(self._at, terms)) == set(share.cpus):
                return ",".join(f"hw:{term}" for term in terms)
        return format_cpus(sorted(share.cpus))

    def wide(self, share: Share, *, alone: bool) -> str:
        """Less the other sets, so that it follows when one of them is edited."""
        others = [other for other in self.plan.shares if not other.wide]
        claimed = {cpu for other in others for cpu in other.cpus}
        if alone and set(share.cpus) == set(self.machine.usable) - claimed:
            return "rest"
        wanted = set(share.cpus)
        for location in self._locations(share.cpus):
            found = self._at(location)
            if wanted <= found and found - wanted <= claimed:
                less = [f"!{other.name}" for other in others if not found.isdisjoint(other.cpus)]
                return ",".join([f"hw:{location}", *less])
        return self.narrow(share)

    def _locations(self, cpus: Sequence[int]) -> Iterator[str]:
        one = self.machine.by_index[cpus[0]]
        if len(self.machine.kinds) > 1:
            yield f"cpukind:{one.kind}"
        if one.node >= 0:
            yield f"numa:{one.node}"
            yield f"numa:{one.node}.core:all.pu:0"
        yield "core:all.pu:0"

    def _at(self, location: str) -> frozenset[int]:
        """Nothing where the machine lacks it."""
        if location not in self.known:
            self.known[location] = frozenset(self.exported.cpus_at([location]).get(location, ()))
        return self.known[location]
