"""Texts that values come from (files, PINFOLD_SET, --set) and places in them."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import cached_property

from codegen.model import Origin

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, eq=False)
class Source:
    """One input text. Line ends are "\\n" whatever the file has, and a UTF-8 byte-order mark is gone."""

    name: str  # as diagnostics show it
    label: str  # as generated text shows it: never absolute
    text: str
    layer: str  # Origin.layer of the values in it
    rank: int  # of its layer: diagnostics are ordered by it, and a higher one wins
    is_file: bool = True

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    def place(self, start: int, end: int) -> Place:
        """The place of text[start:end], cut at the end of its first line."""
        line, column = self.lines.position(start)
        length = min(end, self.lines.end(line)) - start
        return Place(self, line, column, max(length, 1))

    @property
    def top(self) -> Place:
        return Place(self, 1, 1, 1)


@dataclass(frozen=True)
class Place:
    """A stretch of one line; line and column count from 1, column and length in characters."""

    source: Source
    line: int
    column: int
    length: int

    @property
    def text(self) -> str:
        start = self.column - 1
        return self.source.lines.text(self.line)[start:start + self.length]

    @property
    def origin(self) -> Origin:
        if self.source.is_file:
            return Origin(self.source.layer, self.source.label, self.line)
        return Origin(self.source.layer)

    @property
    def order(self) -> tuple[int, int, int]:
        return (self.source.rank, self.line, self.column)

    def part(self, offset: int, length: int) -> Place:
        return Place(self.source, self.line, self.column + offset, max(length, 1))


class LineIndex:
    """Offsets of a text as lines and columns."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def end(self, line: int) -> int:
        """The offset of the line's end, without its newline."""
        if line < len(self._starts):
            return self._starts[line] - 1
        return len(self._text)

    def text(self, line: int) -> str:
        if not 1 <= line <= len(self._starts):
            return ""
        return self._text[self._starts[line - 1]:self.end(line)]


def printable(text: str) -> str:
    """One printable character for each character: an input must not be able to steer the terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def printable_path(path: str) -> str:
    """The path as UTF-8 text of one line: bytes that are not become the replacement character, and so do characters
    that end lines, steer a terminal, turn the direction, or have no width. All others stay: it still names the file."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
