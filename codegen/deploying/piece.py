"""What every piece of a deployment consists of: settings that say who asks for them, remarks, and the text to use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from codegen import cxx, provenance
from codegen.cores import format_cpus
from codegen.model import Origin, Pool, Process


@dataclass(frozen=True)
class Reason:
    """Keys of one table of the topology. A key that nobody wrote has no place."""

    table: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Setting:
    name: str
    value: str
    why: tuple[Reason, ...]


@dataclass(frozen=True)
class Piece:
    name: str  # of --only
    title: str
    file: str  # of --out
    settings: tuple[Setting, ...]
    notes: tuple[str, ...]
    text: str  # to be used as it is; empty where the topology needs nothing of the kind


def of_pool(pool: Pool, *keys: str) -> Reason:
    """Without keys: the pool as such."""
    title = provenance.label(pool)
    if not keys:
        return Reason(title, (("", provenance.place(pool.origin)),))
    return Reason(title, _places(pool.origins, keys))


def of_process(process: Process, *keys: str) -> Reason:
    return Reason("process", _places(process.origins, keys))


def _places(origins: Mapping[str, Origin], keys: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((key, provenance.place(origins[key]) if key in origins else "") for key in keys)


def because(why: Iterable[Reason]) -> str:
    """`native.feed exclusive (md.toml:14), idle (md.toml:15); process cores (md.toml:3)`."""
    clauses = []
    for reason in why:
        keys = ", ".join(" ".join(part for part in (key, f"({place})" if place else "") if part)
                         for key, place in reason.keys)
        clauses.append(cxx.shown(f"{reason.table} {keys}".rstrip()))
    return "; ".join(clauses)


def comments(texts: Sequence[str], *, indent: str = "") -> list[str]:
    """As `#` lines that fit the page; cxx.comment() does the same with other signs."""
    return [f"{indent}#{line[2:]}" for text in texts for line in cxx.comment(text)]


def commented(settings: Iterable[Setting], *, form: str = "{}={}") -> list[str]:
    """Each setting under the comment that says who asks for it."""
    lines = []
    for setting in settings:
        lines += comments([because(setting.why)]) if setting.why else []
        lines.append(form.format(setting.name, setting.value))
    return lines


def cpus_are(cpus: Sequence[int]) -> str:
    """`CPU 3`, `CPUs 1-4,9`."""
    return f"CPU{'' if len(cpus) == 1 else 's'} {format_cpus(cpus)}"
