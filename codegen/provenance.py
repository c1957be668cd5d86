"""Where values came from, in words: with places for the report, without them for the header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen import cores
from codegen.model import Absent, CoreSet, Name, Origin, Pool, Topology

_SOURCES = {"environment": "PINFOLD_SET", "set": "--set"}


def source(origin: Origin) -> str:
    """The layer, as its user knows it."""
    return _SOURCES.get(origin.layer, origin.layer)


def place(origin: Origin) -> str:
    """Where to edit the value: `md.toml:14`, `PINFOLD_SET`, `--set`; nothing for a default."""
    if origin.file is not None:
        return origin.file if origin.line is None else f"{origin.file}:{origin.line}"
    return "" if origin.layer == "default" else source(origin)


def label(entry: Pool | Name | Absent) -> str:
    """The table in the topology file."""
    return f"{entry.kind}.{entry.name}"


def of_pool(pool: Pool, topology: Topology, *, places: bool) -> str:
    """As of_keys. `cores "network" (file; network: --set)` where a core set is of another layer than its user."""
    values, beside = {}, {}
    if pool.cores_text:
        values["cores"] = f'"{pool.cores_text}"'
        layer = pool.origins["cores"].layer if "cores" in pool.origins else "default"
        sets = {name: used.origin for name, used in sets_of(pool, topology).items() if used.origin.layer != layer}
        beside["cores"] = [f"{name}: {_where(origin, places)}" for name, origin in sets.items()]
    return of_keys(pool.origins, values=values, beside=beside, places=places)


def sets_of(pool: Pool, topology: Topology) -> dict[str, CoreSet]:
    """The core sets that the pool's cores come from, directly and through others."""
    found: dict[str, CoreSet] = {}
    waiting = [pool.cores_text] if topology.written_sets else []
    while waiting:
        try:
            terms = cores.parse(waiting.pop(0))
        except cores.MalformedTerm:
            continue  # a topology that was read back may hold any text
        for term in terms:
            if term.form == "set" and term.name in topology.written_sets and term.name not in found:
                found[term.name] = topology.written_sets[term.name]
                waiting.append(found[term.name].text)
    return found


def of_sets(sets: Mapping[str, CoreSet]) -> str:
    """As of_keys, with places."""
    values = {name: f'"{written.text}"' for name, written in sets.items()}
    return of_keys({name: written.origin for name, written in sets.items()}, values=values, places=True)


def of_keys(
    origins: Mapping[str, Origin], *, values: Mapping[str, str] | None = None,
    beside: Mapping[str, Sequence[str]] | None = None, places: bool,
) -> str:
    """`cores "network", policy (file); threads = number of cores (default)`; plain defaults go without saying.

    `values` are shown after their keys, `beside` after where their keys were written.
    """
    clauses: dict[str, list[str]] = {}
    for key, origin in origins.items():
        if origin.layer == "default" and not origin.note:
            continue
        where = "; ".join((_where(origin, places), *(beside or {}).get(key, ())))
        value = f" {values[key]}" if values and key in values else ""
        note = f" = {origin.note}" if origin.note else ""
        clauses.setdefault(where, []).append(f"{key}{value}{note}")
    return "; ".join(f"{', '.join(keys)} ({where})" for where, keys in clauses.items()) or "all default"


def _where(origin: Origin, places: bool) -> str:
    return (place(origin) if places else "") or source(origin)


def written_keys(origins: Mapping[str, Origin]) -> list[tuple[str, str]]:
    """Every key that somebody set, and where."""
    return [(key, place(origin)) for key, origin in origins.items() if origin.layer != "default"]


def reasons(topology: Topology) -> Mapping[tuple[str, str], str]:
    """Why pools are absent, by kind and name."""
    return {(entry.kind, entry.name): entry.reason for entry in topology.absent}


def of_name(name: Name, reasons: Mapping[tuple[str, str], str]) -> str:
    """Why a name that is no pool's own leads to its pool."""
    if name.how == "alias":
        return f"alias ({source(name.origin)})"
    reason = reasons.get((name.kind, name.name))
    return f"fallback: {reason}" if reason else "fallback"
