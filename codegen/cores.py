"""Core expressions: their grammar, and CPU lists as text. What the terms select is placement's business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from codegen.schema import MAX_CPU
from codegen.source import Place

_RANGE = re.compile(r"([0-9]+)\s*(?:-\s*([0-9]+)\s*(?::\s*([0-9]+))?)?")
_TAKE = re.compile(r"take\s*:\s*([0-9]+)")
_LOCATION = re.compile(r"[A-Za-z0-9][!-+\--~]{0,255}")
_MAX_NAMED = 4 * (MAX_CPU + 1)  # by the ranges of one expression: each CPU added and removed, twice
SET_NAME = r"[A-Za-z_][A-Za-z0-9_]*"

Locate = Callable[[int, int], Place]  # the place of a stretch of an expression: offset, length

CPU_HELP = "use the numbers that lscpu shows on the machine that runs the program"
_TERM = rf"\s*!?\s*(?:{_RANGE.pattern}|{_TAKE.pattern}|hw:{_LOCATION.pattern}|{SET_NAME})\s*"
PATTERN = f"{_TERM}(?:,{_TERM})*"  # of an expression, for tools that do not parse: it lets a few faults pass

RESERVED_SET_NAMES = frozenset(("take", "rest", "hw"))


class MalformedTerm(Exception):
    """`text` says what is wrong with the part of the expression at offset."""

    def __init__(self, offset: int, length: int, text: str, help: str | None = None, *, id: str = "PF020") -> None:
        super().__init__(text)
        self.id, self.offset, self.length, self.text, self.help = id, offset, length, text, help


@dataclass(frozen=True)
class Term:
    form: str  # "range" | "set" | "take" | "rest" | "hw"
    removes: bool
    offset: int  # in the expression, of the term with its "!"
    length: int
    cpus: range = range(0)
    name: str = ""  # of a set, or the location of hw
    count: int = 0  # of take


@dataclass(frozen=True)
class Expression:
    """A parsed expression and where each of its terms stands."""

    text: str
    terms: tuple[Term, ...]
    place: Place
    term_places: tuple[Place, ...]


def parse(text: str) -> tuple[Term, ...]:
    """An expression of blanks has no terms. Raises MalformedTerm."""
    if not text.strip():
        return ()
    terms = []
    offset = named = 0
    for piece in text.split(","):
        stripped = piece.strip()
        if not stripped:
            raise MalformedTerm(min(offset, len(text) - 1), 1, "a term is missing beside the comma",
                                "remove the comma, or write a term there")
        term = _term(stripped, offset + piece.index(stripped))
        terms.append(term)
        named += len(term.cpus)
        if named > _MAX_NAMED:
            raise MalformedTerm(term.offset, term.length, f"the terms name {named} CPUs in all; {_MAX_NAMED} will do",
                                "name each CPU once: 0-7,16-23")
        offset += len(piece) + 1
    return tuple(terms)


def is_set_name(text: str) -> bool:
    return re.fullmatch(SET_NAME, text) is not None


def format_cpus(cpus: Iterable[int]) -> str:
    """The CPUs in the order given, runs as ranges: parse() reads it back to the same CPUs."""
    runs: list[list[int]] = []
    for cpu in cpus:
        if runs and cpu == runs[-1][1] + 1:
            runs[-1][1] = cpu
        else:
            runs.append([cpu, cpu])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def counted_cores(cpus: Sequence[int]) -> str:
    """`core 3`, `cores 3-5,8`."""
    return f"core{'' if len(cpus) == 1 else 's'} {format_cpus(cpus)}"


def _term(text: str, offset: int) -> Term:
    removes = text.startswith("!")
    body = text[1:].strip() if removes else text
    length = len(text)
    if not body:
        raise MalformedTerm(offset, length, "'!' stands before nothing", "write what to remove: 0-7,!3")
    if body.startswith("!"):
        raise MalformedTerm(offset, length, "'!' stands twice", "write it once: what is removed stays removed")
    if found := _RANGE.fullmatch(body):
        return Term("range", removes, offset, length, cpus=_cpus(found, offset, length))
    if found := _TAKE.fullmatch(body):
        return _claiming(Term("take", removes, offset, length, count=_number(found[1], offset, length)))
    if body == "rest":
        return _claiming(Term("rest", removes, offset, length))
    if body.startswith("hw:"):
        return Term("hw", removes, offset, length, name=_location(body.removeprefix("hw:"), offset, length))
    if is_set_name(body) and body not in RESERVED_SET_NAMES:
        return Term("set", removes, offset, length, name=body)
    raise MalformedTerm(offset, length, "not a term of a core expression",
                        "terms are 3, 0-7, 0-15:2, a set of [cores], !term, take:N, rest and hw:LOCATION")


def _location(text: str, offset: int, length: int) -> str:
    """One that hwloc-calc will not take for an option."""
    if _LOCATION.fullmatch(text) is None:
        raise MalformedTerm(offset, length, "not a location of hwloc",
                            "a location is one short word such as hw:numa:1, hw:core:0-3.pu:0 or hw:os=eth0")
    return text


def _claiming(term: Term) -> Term:
    form = f"take:{term.count}" if term.form == "take" else term.form
    if term.removes:
        raise MalformedTerm(term.offset, term.length, f"'!' cannot remove what '{form}' would claim",
                            "remove CPUs by their numbers or as a set of [cores]: !3", id="PF025")
    if term.form == "take" and term.count == 0:
        raise MalformedTerm(term.offset, term.length, "take:0 takes nothing", "take one or more: take:1")
    return term


def _cpus(found: re.Match[str], offset: int, length: int) -> range:
    first = _number(found[1], offset, length)
    last = first if found[2] is None else _number(found[2], offset, length)
    stride = 1 if found[3] is None else _number(found[3], offset, length)
    if last < first:
        raise MalformedTerm(offset, length, f"the range {first}-{last} is reversed", f"write {last}-{first}")
    if stride == 0:
        raise MalformedTerm(offset, length, "the stride is 0", "a stride of 2 takes every second CPU: 0-15:2")
    return range(first, last + 1, stride)


def _number(digits: str, offset: int, length: int) -> int:
    value = digits.lstrip("0") or "0"
    if len(value) > len(str(MAX_CPU)) or int(value) > MAX_CPU:
        raise MalformedTerm(offset, length, f"CPU numbers are 0..{MAX_CPU}", CPU_HELP, id="PF009")
    return int(value)
