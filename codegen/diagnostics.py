"""The one place that formats a message. Errors, warnings and notes are collected, then printed in source order."""

from __future__ import annotations

import difflib
import itertools
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from codegen.catalogue import ENTRIES
from codegen.source import Place, printable

_MAX_WIDTH = 140
_MAX_QUOTE = 60
_MAX_LISTED = 12


@dataclass(frozen=True)
class Note:
    text: str
    place: Place | None = None


@dataclass(frozen=True)
class Diagnostic:
    id: str
    place: Place
    text: str
    notes: tuple[Note, ...] = ()
    help: str | None = None

    @property
    def severity(self) -> str:
        return ENTRIES[self.id].severity


class Problems:
    """Collects diagnostics. What is said about a place is kept once, however many rules run into it."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Place, str], Diagnostic] = {}

    def add(self, id: str, place: Place, text: str, *, notes: Sequence[Note] = (), help: str | None = None) -> None:
        """Names of the input stand in texts, and none may steer the terminal or pass for a message of its own."""
        visible = Diagnostic(id, place, _visible(text), tuple(Note(_visible(note.text), note.place) for note in notes),
                             None if help is None else _visible(help))
        self._found.setdefault((id, place, visible.text), visible)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._found.values(), key=lambda found: (*found.place.order, found.id)))

    @property
    def errors(self) -> int:
        return sum(found.severity == "error" for found in self._found.values())

    @property
    def warnings(self) -> int:
        return sum(found.severity == "warning" for found in self._found.values())


def quoted(text: str) -> str:
    """A name or value from an input, fit for one line of a message."""
    return f"'{shown(text, _MAX_QUOTE)}'"


def shown(text: str, limit: int = _MAX_WIDTH) -> str:
    """What another program or an input says, without the power to steer the terminal."""
    visible = _visible(text)
    return visible if len(visible) <= limit else f"{visible[:limit]}..."


def nearest(name: str, candidates: Iterable[str], number: int = 1) -> list[str]:
    """At most so many candidates that `name` may be a slip of, the likeliest first."""
    return difflib.get_close_matches(name[:64], sorted(candidates), n=number, cutoff=0.6)


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """Of an input with many names: near_names."""
    found = nearest(name, candidates)
    return f"did you mean {quoted(found[0])}?" if found else None


def listed(names: Collection[str]) -> str:
    """The names, or the first of them and how many more there are."""
    more = len(names) - _MAX_LISTED
    return ", ".join(names) if more <= 1 else f"{', '.join(itertools.islice(names, _MAX_LISTED))} and {more} more"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def render(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    paint = _COLOURS if colour else _PLAIN
    tint = paint[diagnostic.severity]
    lines = [
        f"{paint['bold']}{location(diagnostic.place)}: {tint}{diagnostic.severity}[{diagnostic.id}]:"
        f"{paint['reset']} {paint['bold']}{diagnostic.text}{paint['reset']}",
        *excerpt(diagnostic.place, tint, paint["reset"]),
    ]
    for note in diagnostic.notes:
        where = f"{location(note.place)}: " if note.place else ""
        lines.append(f"   {paint['note']}note:{paint['reset']} {where}{note.text}")
        if note.place:
            lines += excerpt(note.place, paint["note"], paint["reset"])
    if diagnostic.help:
        lines.append(f"   {paint['help']}help:{paint['reset']} {diagnostic.help}")
    return "\n".join(lines) + "\n"


def summary(problems: Problems, file: str) -> str:
    return f"{counted(problems.errors, 'error')}, {counted(problems.warnings, 'warning')} in {file}\n"


def approval(problems: Problems, file: str, pools: int) -> str:
    warnings = f", {counted(problems.warnings, 'warning')}" if problems.warnings else ""
    return f"{file}: ok, {counted(pools, 'pool')}{warnings}\n"


def failure(text: str) -> str:
    """A problem of the command itself: its environment or its arguments."""
    return f"pinfold: {_visible(text)}\n"


def remark(text: str) -> str:
    """Something worth knowing about output that has no room for it."""
    return f"pinfold: note: {_visible(text)}\n"


def location(place: Place) -> str:
    return f"{place.source.name}:{place.line}:{place.column}"


def excerpt(place: Place, tint: str = "", reset: str = "") -> list[str]:
    """The line, and what points at the place in it."""
    text = place.source.lines.text(place.line)
    if not text.strip():
        return []
    start = place.column - 1
    end = max(min(start + place.length, len(text)), start + 1)
    if len(text) > _MAX_WIDTH:
        text, start, end = _window(text, start, end)
    gutter = f"{place.line:>5}"
    padding = " " * _width(text[:start])
    carets = "^" * max(_width(text[start:end]), 1)
    return [f"{gutter} | {_visible(text).rstrip()}", f"{' ' * len(gutter)} | {padding}{tint}{carets}{reset}"]


def _window(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line around text[start:end], with the span inside it."""
    left = max(0, start - _MAX_WIDTH // 3)
    right = min(len(text), left + _MAX_WIDTH)
    before, after = ("..." if left else ""), ("..." if right < len(text) else "")
    shift = len(before) - left
    return before + text[left:right] + after, start + shift, min(end, right) + shift


def _visible(text: str) -> str:
    return printable(text.replace("\t", " "))


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
               for character in text)


_PLAIN = dict.fromkeys(("bold", "error", "warning", "note", "help", "reset"), "")
_COLOURS = {
    "bold": "\x1b[1m", "error": "\x1b[1;31m", "warning": "\x1b[1;35m",
    "note": "\x1b[1;36m", "help": "\x1b[1;32m", "reset": "\x1b[0m",
}
