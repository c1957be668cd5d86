"""Finds where a statement starts, in TOML that may be broken further down."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r'''
    """(?:[^"\\]|\\.|"(?!""))*"{3,5} | \'\'\'(?:[^']|'(?!''))*'{3,5}
    | (?P<open>"""|\'\'\')
    | "(?:[^"\\\n]|\\.)*" | '[^'\n]*' | \#[^\n]*
    | (?P<deeper>[\[{]) | (?P<higher>[\]}]) | (?P<end>\n)
''', re.VERBOSE | re.DOTALL)


def start_of(lines: Sequence[str], line: int) -> int:
    """The line where the statement that reaches `line` starts. The lines before `line` are TOML but for its end."""
    start = number = 1
    depth = 0
    for token in _TOKEN.finditer("\n".join(lines[:line - 1]) + "\n" if line > 1 else ""):
        if token["open"]:
            return start
        if token["deeper"]:
            depth += 1
        elif token["higher"]:
            depth -= 1
        else:
            number += token[0].count("\n")
            if token["end"] and depth == 0:
                start = number
    return start
