"""Which thread of a process is which of its topologies': by name, as pinfold gives every thread a name of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.observing.declared import DeclaredThread, Layout
from codegen.observing.proc import Thread


@dataclass(frozen=True)
class Match:
    declared: DeclaredThread
    thread: Thread | None  # None: it is missing
    doubles: tuple[Thread, ...]  # further threads of its name


@dataclass(frozen=True)
class Matched:
    matches: tuple[Match, ...]  # in the order of start
    others: tuple[Thread, ...]  # of no pool, or managed threads of native pools: their names are the user's


def match(layouts: Sequence[Layout], threads: Sequence[Thread]) -> Matched:
    """`threads` come by age: a thread inherits the name of the one that created it, so the oldest has its own."""
    by_name: defaultdict[str, list[Thread]] = defaultdict(list)
    for thread in threads:
        by_name[thread.name].append(thread)
    declared = [each for layout in layouts for each in layout.threads]
    wanted: defaultdict[str, list[DeclaredThread]] = defaultdict(list)
    for each in declared:
        wanted[each.name].append(each)
    found: dict[int, Match] = {}
    for name, alike in wanted.items():
        there = by_name.pop(name, [])
        owners, doubles = there[:len(alike)], tuple(there[len(alike):])
        for at, each in enumerate(alike):
            mine = _fitting(each, owners)
            if mine is not None:
                owners.remove(mine)
            found[id(each)] = Match(each, mine, doubles if at == 0 else ())
    others = {thread.tid for threads in by_name.values() for thread in threads}
    return Matched(tuple(found[id(each)] for each in declared),
                   tuple(thread for thread in threads if thread.tid in others))


def _fitting(declared: DeclaredThread, threads: Sequence[Thread]) -> Thread | None:
    """Where two topologies name theirs alike: the one that is where it should be, if one is."""
    return next((thread for thread in threads if thread.cpus == declared.cpus), next(iter(threads), None))
