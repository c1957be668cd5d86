"""Every rule that concerns more than one value; those of one pool and of pools among each other are modules."""

from __future__ import annotations

from collections.abc import Container

from codegen import check_machine, check_pool, check_sharing, check_thread_names, names
from codegen.declarations import Declarations
from codegen.diagnostics import Note, Problems, quoted
from codegen.links import Key, Link
from codegen.resolve import Resolution
from codegen.schema import MAX_ALL_THREADS
from codegen.source import Place


def check(resolution: Resolution, problems: Problems) -> None:
    _check_topology(resolution, problems)
    _check_names(resolution.declared, problems)
    for pool in resolution.pools:
        check_pool.check(pool, problems)
    _check_threads(resolution, problems)
    check_thread_names.check(resolution.pools, problems)
    check_sharing.check(resolution, problems)
    check_machine.check(resolution, problems)
    _check_links(resolution, problems)


def _check_topology(resolution: Resolution, problems: Problems) -> None:
    declared = resolution.declared
    section = declared.topology
    if section.sound("name"):
        name = section.text("name")
        if reason := names.why_no_namespace(name):
            problems.add("PF012", section.at("name"), f"{quoted(name)} cannot name a topology: {reason}",
                         help=_renamed(name, "topology"))
    if not resolution.pools and not declared.incomplete:
        if declared.pools:
            pool = resolution.absent[0]
            problems.add("PF017", pool.table.name_place, "no pool of the topology exists",
                         notes=[Note(f"{absent.table.title}: {absent.reason}", absent.table.name_place)
                                for absent in resolution.absent[1:8]],
                         help=f"{pool.table.title}: {pool.reason}")
        else:
            problems.add("PF017", section.place, "the topology declares no pool",
                         help="a pool is a table: [native.default]")


def _check_names(declared: Declarations, problems: Problems) -> None:
    """Pools first, then aliases: an alias that takes a pool's name is the second to do so."""
    first: dict[tuple[str, str], tuple[str, Place]] = {}
    entries = [(pool.kind, pool.name, pool.name_place, "pool") for pool in declared.pools]
    entries += [(alias.kind, alias.name, alias.name_place, "alias") for alias in declared.aliases]
    for kind, name, place, noun in entries:
        if reason := names.why_unusable(name):
            subject = "a pool" if noun == "pool" else "an alias"
            problems.add("PF012", place, f"{quoted(name)} cannot name {subject}: {reason}", help=_renamed(name, noun))
        other = first.setdefault((kind, name), (noun, place))
        if other[1] is not place:
            problems.add("PF013", place, f"{kind} {noun} {quoted(name)} has the name of a {other[0]}",
                         notes=[Note(f"the {other[0]}", other[1])], help="rename or remove one of them")


def _renamed(name: str, noun: str) -> str:
    return f"rename it, for example to {quoted(names.usable_like(name, noun))}"


def _check_threads(resolution: Resolution, problems: Problems) -> None:
    """All together; those of one pool have a limit of their own."""
    total = 0
    for pool in resolution.pools:
        total += check_pool.all_threads(pool)
        if total > MAX_ALL_THREADS:
            problems.add("PF009", pool.table.section.at("threads"), f"with those of {pool.table.title} the pools have"
                         f" {total} threads; the kernel has numbers for {MAX_ALL_THREADS}",
                         help="lower threads, blocking_threads or max_threads")
            return


def _check_links(resolution: Resolution, problems: Problems) -> None:
    """Names whose chain ends in a pool that does not exist and has no fallback."""
    present = {(pool.table.kind, pool.table.name) for pool in resolution.pools}
    absent = {(pool.table.kind, pool.table.name): pool for pool in resolution.absent}
    for key, link in resolution.links.links.items():
        if key in present:
            continue
        last = resolution.links.end(key, present)
        end = absent.get(last)
        if end is not None and end.table.section.sound("fallback") and not end.table.section.wrote("fallback"):
            problems.add("PF052", link.place, f"{quoted(link.name)} leads to {end.table.title}, which does not exist:"
                         f" {end.reason}", notes=[Note("it has no fallback", end.table.name_place)],
                         help=f"{_lookups(link, resolution, present)}; give {end.table.title} a fallback")


def _lookups(link: Link, resolution: Resolution, present: Container[Key]) -> str:
    """What becomes of those of a name that leads to no pool."""
    lookups = f"lookups of {quoted(link.name)}"
    if resolution.declared.topology["undeclared"] == "error":
        return f"{lookups} do not compile with undeclared = \"error\""
    if resolution.links.end((link.kind, "default"), present) not in present:
        return f"{lookups} do not compile, for there is no {link.kind} pool 'default'"
    return f"{lookups} get the {link.kind} pool 'default'"
