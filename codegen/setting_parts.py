"""Finds the parts of settings, KEY=VALUE;KEY=VALUE: what stands in quotes or brackets belongs together."""

from __future__ import annotations

import re
from dataclasses import dataclass

OPENING = {'"': "string", "'": "string", "[": "array", "{": "table"}  # what a value of TOML that begins so is

_LINE = r'''"(?:[^"\\\n]|\\.)*" | '[^'\n]*\''''
_STRING = r'''
    """(?:[^"\\]|\\.|"(?!""))*"{3,5} | \'\'\'(?:[^']|'(?!''))*'{3,5} | """ | \'\'\'
    | ''' + _LINE
_KEY = re.compile(_LINE + r''' | [=;"']''', re.VERBOSE | re.DOTALL)
_OUTSIDE = re.compile(_STRING + r'''| [=;"'\[\]{}]''', re.VERBOSE | re.DOTALL)
_INSIDE = re.compile(_STRING + r'''| \#[^\n]*+ | ["'\[\]{}]''', re.VERBOSE | re.DOTALL)  # brackets, with comments
_UNCLOSED = ('"', "'", '"""', "'''")  # by themselves: the first one ends the search, or each would go over the text
_FIRST = re.compile(r"\s*+(.?)", re.DOTALL)


@dataclass(frozen=True)
class Parts:
    """Offsets in the text."""

    equals: int | None  # None: there is no value
    end: int
    unclosed: bool = False  # a quote, or a bracket of the value: it reaches to the end of the text


def parts(text: str, start: int, *, several: bool) -> Parts:
    """Of the setting that begins there; where there may be several, a semicolon ends it."""
    equals: int | None = None
    depth, at = 0, start
    while token := (_KEY if equals is None else _INSIDE if depth else _OUTSIDE).search(text, at):
        at = token.end()
        mark = token[0]
        if mark == ";" and several:
            return Parts(equals, token.start())
        if mark in _UNCLOSED:
            return Parts(equals, len(text), True)
        if equals is None:
            if mark == "=":
                equals = token.start()
                first = _FIRST.match(text, at)
                if first is None or first[1] not in OPENING:  # quotes and brackets further on are text
                    end = text.find(";", at) if several else -1
                    return Parts(equals, len(text) if end < 0 else end)
        else:
            depth = max(depth + {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark, 0), 0)
    return Parts(equals, len(text), depth > 0)
