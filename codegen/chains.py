"""Chains of names: one leads to another, that to a third, and so on to a pool."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

MOST_STEPS = 32  # of a chain: whoever looks a name up, or draws it, walks all of them

Name = TypeVar("Name", bound=Hashable)


def steps(leads_to: Mapping[Name, Name]) -> dict[Name, int]:
    """By name, how many it is away from one that leads no further; more than MOST_STEPS where its chain has no end."""
    found: dict[Name, int] = {}
    for start in leads_to:
        path = []
        name = start
        while name in leads_to and name not in found:
            found[name] = MOST_STEPS  # until its chain is known: one that comes back to here has no end
            path.append(name)
            name = leads_to[name]
        count = found.get(name, 0)
        for name in reversed(path):
            count += 1
            found[name] = count
    return found
