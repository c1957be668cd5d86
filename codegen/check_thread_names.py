"""Thread names: what the kernel keeps of them, and that each is unique in the topology."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codegen import names
from codegen.diagnostics import Note, Problems, counted, quoted
from codegen.resolve import ResolvedPool
from codegen.schema import MAX_THREAD_NAME
from codegen.source import Place


def check(pools: Sequence[ResolvedPool], problems: Problems) -> None:
    first: dict[str, ResolvedPool] = {}
    for pool in pools:
        section = pool.table.section
        if pool.thread_name is None or names.why_unusable(pool.table.name) and not section.wrote("thread_name"):
            continue
        place = _name_place(pool)
        longest = max(_last_thread_names(pool), key=lambda name: len(name.encode()), default="")
        if len(longest.encode()) > MAX_THREAD_NAME:
            problems.add("PF034", place, f"thread name {quoted(longest)} has {len(longest.encode())} bytes; the kernel"
                         f" keeps {MAX_THREAD_NAME}", help=_shorter(pool, longest))
        for name in _first_thread_names(pool):
            other = first.setdefault(name, pool)
            if other is not pool:
                problems.add("PF035", place, f"{pool.table.title} and {other.table.title} both have a thread"
                             f" {quoted(name)}",
                             notes=[Note(f"{other.table.title} has it from here", _name_place(other))],
                             help=f"set another thread_name in {pool.table.title}")


def _name_place(pool: ResolvedPool) -> Place:
    section = pool.table.section
    return section.at("thread_name") if section.wrote("thread_name") else pool.table.name_place


def _shorter(pool: ResolvedPool, longest: str) -> str:
    assert pool.thread_name is not None
    room = MAX_THREAD_NAME - (len(longest.encode()) - len(pool.thread_name.encode()))
    return f"set a thread_name of at most {counted(room, 'byte')} in {pool.table.title}"


def _groups(pool: ResolvedPool) -> Iterator[tuple[str, int]]:
    """The name before the index, and the number of threads."""
    if pool.threads:
        yield f"{pool.thread_name}-", pool.threads
    if pool.table.kind == "asio" and (blocking := pool.table.section.integer("blocking_threads")):
        yield f"{pool.thread_name}-b", blocking


def _first_thread_names(pool: ResolvedPool) -> Iterator[str]:
    """Two pools share a name exactly if they share the first one of a group."""
    return (f"{prefix}0" for prefix, _ in _groups(pool))


def _last_thread_names(pool: ResolvedPool) -> Iterator[str]:
    return (f"{prefix}{count - 1}" for prefix, count in _groups(pool))
