"""Which topologies of a binary run in a process. A binary may hold several; the names of its threads tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from codegen.diagnostics import quoted
from codegen.observing.declared import Layout


class Undecided(Exception):
    """Thread names do not tell, or there is no topology of the name; the message says what to do."""


def choose(layouts: Sequence[Layout], names: Collection[str], wanted: str | None) -> tuple[list[Layout], str]:
    """Those that run, and in words why these. `names` are those of the process's threads. Raises Undecided."""
    if wanted is not None:
        named = [layout for layout in layouts if layout.topology.name == wanted]
        if not named:
            raise Undecided(f"has no topology {quoted(wanted)}: it has {_listed(layouts)}")
        return named, "--topology says so"
    if len(layouts) == 1:
        return list(layouts), "the only one of the binary"
    present = set(names)
    running = [layout for layout in layouts if present & _own_names(layout, layouts)]
    explained = {thread.name for layout in running for thread in layout.threads}
    doubtful = [layout for layout in layouts if layout not in running
                and (present - explained) & {thread.name for thread in layout.threads}]
    whole = [layout for layout in doubtful if {thread.name for thread in layout.threads} <= present]
    if not running and len(whole) == 1:
        return whole, "the only one whose threads are all there"
    if doubtful:
        raise Undecided(f"has {len(layouts)} topologies, and the threads that run may be of {_listed(doubtful)}, which"
                        " name theirs alike: choose one with --topology")
    if not running:
        raise Undecided(f"has {len(layouts)} topologies, {_listed(layouts)}, and no thread that runs has a name of"
                        " theirs: choose one with --topology")
    return running, "its threads run" if len(running) == 1 else "their threads run"


def _own_names(layout: Layout, layouts: Sequence[Layout]) -> set[str]:
    """Those that no other topology of the binary gives to a thread."""
    others = {thread.name for other in layouts if other is not layout for thread in other.threads}
    return {thread.name for thread in layout.threads} - others


def _listed(layouts: Sequence[Layout]) -> str:
    return ", ".join(layout.topology.name for layout in layouts)
