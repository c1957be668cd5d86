"""Texts damaged at random: topologies, machine files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from fuzzing import some

_WORDS = re.compile(r"(\s+|[=\[\].,\"{}!:<>/])")


def stretches_replaced(random: Random, text: str, tokens: Sequence[str]) -> str:
    for _ in some(random, 1, 4):
        start = random.randint(0, len(text))
        length = random.choice((random.randint(0, 3), random.randint(0, 30)))
        text = text[:start] + random.choice(tokens) + text[start + length:]
    return text


def words_exchanged(random: Random, text: str, tokens: Sequence[str]) -> str:
    words = _WORDS.split(text)
    for _ in some(random, 1, 5):
        words[random.randrange(len(words))] = random.choice(random.choice((tokens, words)))
    return "".join(words)


def lines_rearranged(random: Random, text: str) -> str:
    """Some of them lost, doubled or moved."""
    lines = text.splitlines()
    for _ in some(random, 1, 6):
        at, to = random.randint(0, len(lines)), random.randint(0, len(lines))
        line = lines[at:at + 1]
        if random.random() < 0.5:
            del lines[at:at + 1]
        lines[to:to] = line if random.random() < 0.5 else []
    return "\n".join(lines)


def attributes_edited(random: Random, text: str, values: Sequence[str]) -> str:
    """The text stays well-formed XML where the values are."""
    pieces = re.split(r"(=\"[^\"]*\")", text)
    for _ in some(random, 1, 4):
        pieces[random.randrange(1, len(pieces), 2)] = f'="{random.choice(values)}"'
    return "".join(pieces)


def bits_flipped(random: Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in some(random, 1, 8):
        found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found)
