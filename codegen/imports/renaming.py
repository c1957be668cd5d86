"""Names of other systems become names that C++, and the kernel's 15 bytes for a thread's name, can take."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import count

from codegen import names
from codegen.diagnostics import Problems, quoted
from codegen.schema import MAX_THREAD_NAME, MAX_THREADS
from codegen.source import Place


def usable(wanted: Iterable[tuple[str, Place]], title: str, problems: Problems) -> Mapping[str, str]:
    """A name of the kind for each; those that can stay, stay. Each change is reported."""
    places = dict(wanted)
    found = {name: name for name in places if names.why_unusable(name) is None}
    for name, place in places.items():
        if name in found:
            continue
        new = free(_identifier(name), found.values())
        found[name] = new
        problems.add("PF063", place, f"{quoted(name)} cannot be a name: {names.why_unusable(name)}",
                     help=f"it is [{title}] {new} now; look it up by that name")
    return found


def free(wanted: str, taken: Container[str]) -> str:
    """The wanted name, with a number where somebody has it."""
    return next(name for name in _numbered(wanted) if name not in taken)


def namespace(wanted: str) -> str:
    """The name of a topology, as close to the wanted one as C++ allows."""
    name = _identifier(wanted)
    return name if names.why_no_namespace(name) is None else f"{name}_threads"


def thread_name(wanted: str, kind: str, *, threads: int, blocking: int, taken: set[str], tail: str = "") -> str:
    """One that is free, and short enough for the pool's last thread; it is taken then. `tail` is not cut."""
    suffixes = [f"-{threads - 1}"] if threads else []
    suffixes += [f"-b{blocking - 1}"] if blocking else []
    room = MAX_THREAD_NAME - max(map(len, suffixes), default=0)
    for candidate in _shortened(wanted, tail, kind, room):
        firsts = {f"{candidate}-0"} if threads else set()
        firsts |= {f"{candidate}-b0"} if blocking else set()
        if not firsts & taken:
            taken |= firsts
            return candidate
    raise AssertionError("more pools than threads")


def _shortened(wanted: str, tail: str, kind: str, room: int) -> Iterator[str]:
    for end in (tail, f"-{kind}", *map(str, range(2, MAX_THREADS))):
        if len(wanted) + len(end) > room:
            yield wanted[:room - len(end)].rstrip("-_") + end
        else:
            yield wanted + end


def _identifier(name: str) -> str:
    bare = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", name)).strip("_")
    if not bare or bare[0].isdigit():
        bare = f"pool_{bare}".rstrip("_")
    return bare if names.why_unusable(bare) is None else f"{bare}_pool"


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        yield f"{name}_{number}"
