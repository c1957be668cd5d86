"""One line on a terminal that says which run is on; nothing where nobody watches."""

from __future__ import annotations

import sys
from typing import TextIO

from bench.runner.contender import Entry

CLEAR_LINE = "\r\x1b[K"


class Progress:
    def __init__(self, rounds: int, out: TextIO = sys.stderr) -> None:
        self._rounds = rounds
        self._out = out
        self._shown = out.isatty()

    def __call__(self, turn: int, entry: Entry) -> None:
        self._write(f"{CLEAR_LINE}round {turn} of {self._rounds}: {entry}")

    def clear(self) -> None:
        self._write(CLEAR_LINE)

    def _write(self, text: str) -> None:
        if self._shown:
            self._out.write(text)
            self._out.flush()
