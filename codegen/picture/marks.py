"""How pools are told apart in pictures: by letters, and by colour where there is colour."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.model import Pool

COLOURS = 8
PATTERNS = 4  # of the same colour; the first is plain


@dataclass(frozen=True)
class Mark:
    letters: str
    colour: int
    pattern: int


def of(pools: Sequence[Pool]) -> tuple[Mark, ...]:
    """One a pool, all of one length: a letter of its name where there is one to spare."""
    letters = _single(pools) if len(pools) <= len(string.ascii_uppercase) else _several(len(pools))
    return tuple(Mark(text, index % COLOURS, index // COLOURS % PATTERNS) for index, text in enumerate(letters))


def _single(pools: Sequence[Pool]) -> list[str]:
    taken: list[str] = []
    for pool in pools:
        wanted = [letter for letter in pool.name.upper() if letter in string.ascii_uppercase]
        taken.append(next(letter for letter in (*wanted, *string.ascii_uppercase) if letter not in taken))
    return taken


def _several(number: int) -> list[str]:
    """AA, AB, ...: as long as the number needs."""
    base = len(string.ascii_uppercase)
    length = 2
    while base ** length < number:
        length += 1
    return ["".join(string.ascii_uppercase[index // base ** place % base] for place in reversed(range(length)))
            for index in range(number)]
