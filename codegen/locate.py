"""Finds where every table, key and value of a TOML text stands.

tomllib decides what is TOML and what the values are; this scanner only measures text that tomllib has accepted, so it
leaves out every check that tomllib makes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Path = tuple[str | int, ...]
Span = tuple[int, int]  # offsets: start, end

MAX_DEPTH = 32

_BLANK = re.compile(r"(?:[ \t\n\r]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{0,2})', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{0,2})", re.DOTALL)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]+")
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_TOKEN = re.compile(rf"""{_LONG_BASIC.pattern}|{_LONG_LITERAL.pattern}|\#[^\n]*+"""
                    rf"""|(?P<key>{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+)|["'][^\n]*+""", re.DOTALL)


@dataclass(frozen=True)
class Spot:
    """Where one path stands. An element of an array has its value's span for a key; a table has its header, or where
    there is none the part of a dotted key, for a value."""

    key: Span
    value: Span


@dataclass(frozen=True)
class Located:
    spots: Mapping[Path, Spot]
    table: Path  # that a statement after the text would belong to


class NestedTooDeep(Exception):
    def __init__(self, span: Span) -> None:
        super().__init__("nested too deep")
        self.span = span


def locate(text: str) -> Located:
    """Raises NestedTooDeep where a path has more than MAX_DEPTH parts."""
    scanner = _Scanner(text)
    table = scanner.document()
    return Located(MappingProxyType(scanner.spots), table)


def refuse_deep_keys(text: str) -> None:
    """Raises NestedTooDeep at a key of more than MAX_DEPTH parts. For text that tomllib has not seen yet: it takes the
    square of their number in time and in memory."""
    for token in _TOKEN.finditer(text):
        if token["key"] and token["key"].count(".") >= MAX_DEPTH:
            parts = list(re.finditer(_PART, token["key"], re.DOTALL))
            if len(parts) > MAX_DEPTH:
                start, end = parts[MAX_DEPTH].span()
                raise NestedTooDeep((token.start() + start, token.start() + end))


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spots: dict[Path, Spot] = {}
        self.tables_in: dict[Path, int] = {}  # arrays of tables: how many tables so far

    def document(self) -> Path:
        table: Path = ()
        while self._blank():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return table

    def _header(self) -> Path:
        start = self.at
        repeated = self.text.startswith("[[", start)
        self.at += 2 if repeated else 1
        parts = self._key()
        self.at += 2 if repeated else 1
        whole = (start, self.at)
        path: Path = ()
        for index, (name, span) in enumerate(parts):
            path += (name,)
            last = index == len(parts) - 1
            if last and repeated:
                self.spots.setdefault(path, Spot(span, whole))
                self.tables_in[path] = self.tables_in.get(path, 0) + 1
            elif not last:
                self._record_once(path, span)
            if path in self.tables_in:
                path += (self.tables_in[path] - 1,)
        self._record(path, Spot(parts[-1][1], whole))
        return path

    def _pair(self, table: Path) -> None:
        parts = self._key()
        self.at += 1  # the equals sign
        path = table
        for name, span in parts[:-1]:
            path += (name,)
            self._record_once(path, span)
        name, span = parts[-1]
        self._value(path + (name,), span)

    def _key(self) -> list[tuple[str, Span]]:
        parts = []
        while True:
            self._skip(_SPACE)
            start = self.at
            if self.text[start] in "\"'":
                self._skip(_BASIC if self.text[start] == '"' else _LITERAL)
                name = tomllib.loads("key = " + self.text[start:self.at])["key"]
            else:
                self._skip(_BARE_KEY)
                name = self.text[start:self.at]
            parts.append((name, (start, self.at)))
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _value(self, path: Path, key: Span | None) -> None:
        self._skip(_SPACE)
        start = self.at
        if len(path) > MAX_DEPTH:
            raise NestedTooDeep((start, start + 1))
        if self.text[start] == "[":
            self._array(path)
        elif self.text[start] == "{":
            self._inline_table(path)
        else:
            self._skip(self._scalar_pattern())
        value = (start, self.at)
        self._record(path, Spot(key or value, value))

    def _scalar_pattern(self) -> re.Pattern[str]:
        if self.text.startswith('"""', self.at):
            return _LONG_BASIC
        if self.text.startswith("'''", self.at):
            return _LONG_LITERAL
        return {'"': _BASIC, "'": _LITERAL}.get(self.text[self.at], _SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._blank() and self.text[self.at] != "]":
            self._value(path + (index,), None)
            index += 1
            self._blank()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._blank() and self.text[self.at] != "}":
            self._pair(path)
            self._blank()
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _record(self, path: Path, spot: Spot) -> None:
        if len(path) > MAX_DEPTH:
            raise NestedTooDeep(spot.key)
        self.spots[path] = spot

    def _record_once(self, path: Path, span: Span) -> None:
        if path not in self.spots:
            self._record(path, Spot(span, span))

    def _blank(self) -> bool:
        """Skips to the next token; false at the end of the text."""
        self._skip(_BLANK)
        return self.at < len(self.text)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        assert found, f"no {pattern.pattern} at {self.at}: tomllib accepts what the locator does not know"
        self.at = found.end()
