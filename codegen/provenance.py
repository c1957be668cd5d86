"""Where values came from, in words: with places for the report, without them for the header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.model import Absent, Name, Origin, Pool

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


def of_keys(origins: Mapping[str, Origin], *, values: Mapping[str, str] | None = None, places: bool) -> str:
    """`cores "network", policy (file); threads = number of cores (default)`; plain defaults go without saying."""
    clauses: dict[str, list[str]] = {}
    for key, origin in origins.items():
        if origin.layer == "default" and not origin.note:
            continue
        where = (place(origin) if places else "") or source(origin)
        value = f" {values[key]}" if values and key in values else ""
        note = f" = {origin.note}" if origin.note else ""
        clauses.setdefault(where, []).append(f"{key}{value}{note}")
    return "; ".join(f"{', '.join(keys)} ({where})" for where, keys in clauses.items()) or "all default"


def spelled(pool: Pool) -> dict[str, str]:
    """The values that the pool's row does not show as they were written."""
    return {"cores": f'"{pool.cores_text}"'} if pool.cores_text else {}


def written_keys(origins: Mapping[str, Origin]) -> list[tuple[str, str]]:
    """Every key that somebody set, and where."""
    return [(key, place(origin)) for key, origin in origins.items() if origin.layer != "default"]


def of_name(name: Name, absent: Sequence[Absent]) -> str:
    """Why a name that is no pool's own leads to its pool."""
    if name.how == "alias":
        return f"alias ({source(name.origin)})"
    reasons = [entry.reason for entry in absent if (entry.kind, entry.name) == (name.kind, name.name)]
    return f"fallback: {reasons[0]}" if reasons else "fallback"
