"""Finds where every member and value of a JSON text stands. json decides what is JSON; this only measures it."""

from __future__ import annotations

import json
import re

from codegen.locate import MAX_DEPTH, NestedTooDeep, Path, Span, Spot

_BLANK = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^\s,\]}]+")


class DuplicateMember(Exception):
    """An object has a member twice; the reader of such a file keeps one or refuses both."""

    def __init__(self, name: str, span: Span, first: Span) -> None:
        super().__init__(name)
        self.name, self.span, self.first = name, span, first


def locate(text: str) -> dict[Path, Spot]:
    """Of a text that json accepts. Raises NestedTooDeep and DuplicateMember."""
    scanner = _Scanner(text)
    scanner.value((), None)
    return scanner.spots


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spots: dict[Path, Spot] = {}

    def value(self, path: Path, key: Span | None) -> None:
        self._skip(_BLANK)
        start = self.at
        if len(path) > MAX_DEPTH:
            raise NestedTooDeep((start, start + 1))
        opening = self.text[start]
        if opening == "{":
            self._object(path)
        elif opening == "[":
            self._array(path)
        else:
            self._skip(_STRING if opening == '"' else _SCALAR)
        self.spots[path] = Spot(key or (start, self.at), (start, self.at))

    def _object(self, path: Path) -> None:
        self.at += 1
        names: dict[str, Span] = {}
        while not self._closes("}"):
            start = self.at
            self._skip(_STRING)
            span = (start, self.at)
            name = json.loads(self.text[start:self.at], strict=False)
            if name in names:
                raise DuplicateMember(name, span, names[name])
            names[name] = span
            self._skip(_BLANK)
            self.at += 1  # the colon
            self.value(path + (name,), span)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while not self._closes("]"):
            self.value(path + (index,), None)
            index += 1

    def _closes(self, bracket: str) -> bool:
        """Skips to the next element, or behind the bracket."""
        self._skip(_BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_BLANK)
        if self.text[self.at] != bracket:
            return False
        self.at += 1
        return True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        assert found, f"no {pattern.pattern} at {self.at}: json accepts what the locator does not know"
        self.at = found.end()
