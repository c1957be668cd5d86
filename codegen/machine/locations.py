"""The locations that hwloc-calc may be asked for. It is no help with others: it reads `core:3-1` as all from 3 on, dies
of `core:0:-1`, takes numbers modulo 2^32, and walks ranges one by one, whether there are such objects or not."""

from __future__ import annotations

import re

_RANGE = re.compile(r"(\d+)(?:-(\d*)|:(\d+))?|all|odd|even")
_FILTER = re.compile(r"\[[^\]]*\]")


class Refused(Exception):
    """The machine cannot have the location; the text says what would help, if that can be told."""


def check(location: str, objects: int) -> None:
    """A chain such as `numa:1.core:0-3`, on a machine of so many objects. Raises Refused."""
    if "=" in location or location.startswith("cpukind:"):
        return
    named = 1
    for step in _FILTER.sub("", location).split("."):
        _, colon, text = step.partition(":")
        if colon:
            named *= _named(text, objects)
    if named > objects:
        raise Refused(f"it names {named} objects; the machine has {objects}")


def _named(text: str, objects: int) -> int:
    """How many objects a range names for certain."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise Refused("ranges of objects are 3, 0-3, 2-, 0:4 for four from 0 on, all, odd and even")
    first, last, number = (int(digits) if digits else 0 for digits in found.groups())
    if max(first, last, number) > objects:
        raise Refused("")
    if found[2] and last < first:
        raise Refused(f"the range {text} is reversed: write {last}-{first}")
    return last - first + 1 if found[2] else number if found[3] else 1
