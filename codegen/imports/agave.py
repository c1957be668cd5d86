"""Agave's thread-manager: {native,rayon,tokio}_configs, *_runtime_mapping and default_core_allocation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from codegen.cores import format_cpus
from codegen.diagnostics import Note, Problems, counted, did_you_mean, listed, quoted
from codegen.imports import renaming
from codegen.imports.agave_pool import OWNER, Allocations, Family, Settings, families, pool_settings
from codegen.imports.draft import Draft, Entry, Table
from codegen.imports.fields import Fields
from codegen.imports.request import Request
from codegen.source import Place
from codegen.tree import Node

_IMPLICIT = "The file has no [{}], so Agave creates this pool by itself; remove it if nothing uses it."


@dataclass(frozen=True)
class _Declared:
    """One pool or alias of the file. `implicit`: Agave makes the pool because the whole table is absent."""

    family: Family
    name: str
    place: Place
    node: Node
    implicit: bool = False


def convert(root: Node, request: Request, problems: Problems) -> Draft | None:
    """None where the file has errors."""
    found = families(request.rayon)
    fields = Fields("the configuration", root, OWNER, problems)
    allocations = Allocations(problems)
    allocation = fields.take("default_core_allocation")
    default_cpus = allocations.cpus(allocation)[0] if allocation else None
    pools = [pool for family in found for pool in _pools(family, fields, root)]
    aliases = [alias for family in found for alias in _aliases(family, fields, root)]
    known = {config for family in found for config in (family.configs, family.mapping)} | {"default_core_allocation"}
    if root.table() and not known & set(root.table() or ()):
        problems.add("PF065", root.place, f"not a configuration of {OWNER}",
                     help=f"its tables: {', '.join(sorted(known))}")
        return None
    fields.report_unknown()
    _check_aliases(pools, aliases, problems)
    names = _Names(pools, aliases, problems)
    # Pools that keep their names get their thread names first.
    order = sorted(range(len(pools)), key=lambda index: names.of(pools[index].family, pools[index].name)
                   != pools[index].name)
    made = {index: _pool(pools[index], names, allocations, request.cpus, problems) for index in order}
    tables = [made[index] for index in range(len(pools))]
    if not pools:
        fields.refuse(root, "the configuration declares no pool",
                      "leave a table out to get Agave's implicit default pool")
    if problems.errors:
        return None
    allocations.report()
    _report_defaults(found, pools, aliases, names, problems)
    process = [Entry("cores", format_cpus(default_cpus), "default_core_allocation")] if default_cpus else []
    name = request.name or renaming.namespace(os.path.splitext(request.file)[0])
    head = [Table("topology", (Entry("name", name),))]
    head += [Table("process", tuple(process))] if process else []
    return Draft(_comments(request), (*head, *tables, *_alias_tables(found, aliases, names)), len(pools))


def _comments(request: Request) -> tuple[str, ...]:
    rayon, other = request.rayon, request.other_kind
    return (
        f"Imported from {request.file}, a configuration of {OWNER}. This file is the source now: edit it.",
        f"tokio pools became asio pools, and rayon pools {rayon} pools (import with --rayon {other} for {other} pools)."
        " Agave's default priority 0 is not carried over: its nice value of -20 is a right that few processes have.",
    )


def _pools(family: Family, fields: Fields, root: Node) -> list[_Declared]:
    members = fields.members(family.configs)
    if members is None:
        empty = Node({}, root.key, root.place)
        return [_Declared(family, "default", root.place, empty, implicit=True)]
    return [_Declared(family, name, node.key, node) for name, node in members.items()]


def _aliases(family: Family, fields: Fields, root: Node) -> list[_Declared]:
    """Without those that name a pool after itself: Agave's own mapping has them all."""
    members = fields.members(family.mapping) or {}
    found = []
    for name, node in members.items():
        if not isinstance(node.value, str):
            fields.refuse(node, f"the mapping of {quoted(name)} must be a pool's name", "pools' names are strings")
        elif node.value != name:
            found.append(_Declared(family, name, node.key, node))
    return found


def _check_aliases(pools: list[_Declared], aliases: list[_Declared], problems: Problems) -> None:
    places = {(pool.family, pool.name): pool.place for pool in pools}
    for alias in aliases:
        family, target = alias.family, str(alias.node.value)
        if (family, target) not in places:
            names = [name for known, name in places if known == family]
            problems.add("PF066", alias.node.place, f"{quoted(alias.name)} leads to {quoted(target)}, which is no"
                         f" {family.name} pool: Agave panics when it is looked up",
                         help=did_you_mean(target, names) or f"{family.name} pools: {listed(names)}")
        if (family, alias.name) in places:
            problems.add("PF066", alias.place, f"the mapping of {quoted(alias.name)} hides the {family.name} pool of"
                         " that name", notes=[Note("the pool", places[family, alias.name])], help="rename one of them")


class _Names:
    """What pools and aliases are called in the topology. Two families may become one kind."""

    def __init__(self, pools: list[_Declared], aliases: list[_Declared], problems: Problems) -> None:
        self._new: dict[tuple[Family, str], str] = {}
        taken: dict[str, set[str]] = {}
        for family in {entry.family: None for entry in (*pools, *aliases)}:
            own = [(entry.name, entry.place) for entry in (*pools, *aliases) if entry.family == family]
            found = renaming.usable(own, family.kind, problems)
            others = taken.setdefault(family.kind, set())
            for name, place in own:
                new = found[name]
                if new in others:
                    new = renaming.free(f"{family.name}_{new}", {*others, *found.values()})
                    problems.add("PF063", place, f"{quoted(name)} is also the name of another {family.kind} pool",
                                 help=f"it is [{family.kind}] {new} now; look it up by that name")
                self._new[family, name] = new
            others |= {new for (known, _), new in self._new.items() if known == family}
        self.threads: set[str] = set()

    def of(self, family: Family, name: str) -> str:
        return self._new[family, name]


def _pool(
    pool: _Declared, names: _Names, allocations: Allocations, cpus: int | None, problems: Problems,
) -> Table:
    family = pool.family
    name = names.of(family, pool.name)
    settings = pool_settings(family, f"[{family.configs}.{pool.name}]", f"{family.kind}.{name}", pool.node, allocations,
                             cpus, problems)
    entries = list(settings.entries)
    if settings.threads or settings.blocking:
        thread_name = renaming.thread_name(name, family.kind, threads=settings.threads, blocking=settings.blocking,
                                           taken=names.threads)
        if thread_name != name:
            entries.append(Entry("thread_name", thread_name))
        if not thread_name.startswith(name):
            _report_thread_name(pool, settings, thread_name, problems)
    return Table(f"{family.kind}.{name}", tuple(entries), (_IMPLICIT.format(family.configs),) if pool.implicit else ())


def _report_thread_name(pool: _Declared, settings: Settings, new: str, problems: Problems) -> None:
    threads = counted(settings.threads + settings.blocking, "thread")
    problems.add("PF069", pool.place, f"the threads of {quoted(pool.name)} are called {quoted(f'{new}-0')} and so on",
                 help=f"{threads} must have names of at most 15 bytes that no other pool has")


def _report_defaults(
    found: tuple[Family, ...], pools: list[_Declared], aliases: list[_Declared], names: _Names, problems: Problems,
) -> None:
    for family in found:
        own = [pool for pool in pools if pool.family == family]
        if any(entry.name == "default" for entry in (*pools, *aliases) if entry.family == family) and not any(
                pool.implicit for pool in own):
            continue
        if own and own[0].implicit:
            problems.add("PF068", own[0].place,
                         f"there is no [{family.configs}], so Agave has an implicit {family.name} pool 'default'; it is"
                         f" [{family.kind}.{names.of(family, 'default')}]",
                         help="remove it from the topology if nothing uses it")
        elif own:
            problems.add("PF068", own[0].place,
                         f"no {family.name} pool is called 'default', so a lookup of an undeclared name does not"
                         " compile; Agave panics",
                         help=f"to give such names a pool: [aliases.{family.kind}] default = "
                         f"\"{names.of(family, own[0].name)}\"")


def _alias_tables(found: tuple[Family, ...], aliases: list[_Declared], names: _Names) -> list[Table]:
    entries: dict[str, list[Entry]] = {}
    for alias in aliases:
        target = names.of(alias.family, str(alias.node.value))
        entries.setdefault(alias.family.kind, []).append(Entry(names.of(alias.family, alias.name), target))
    order: Mapping[str, None] = dict.fromkeys(family.kind for family in found)
    return [Table(f"aliases.{kind}", tuple(entries[kind])) for kind in order if kind in entries]
