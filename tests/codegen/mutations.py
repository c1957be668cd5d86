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


def file_damaged(random: Random, text: str, tokens: Sequence[str]) -> str:
    """The bytes of a text after an accident, each as a character: bits flipped, cut off, encoded otherwise, nested."""
    data = text.encode("utf-8", "surrogatepass")
    match random.randrange(5):
        case 0:
            data = bits_flipped(random, data)
        case 1:
            data = data[:random.randint(0, len(data))]
        case 2:
            encoding = random.choice(("utf-16", "utf-16-be", "utf-8-sig", "utf-32", "utf-7"))
            data = data.decode("utf-8", "replace").encode(encoding)
        case 3:
            data = random.choice((b"[", b'{"a":', b"a = [")) * random.choice((10, 1000, 100_000)) + data
        case 4:
            data = stretches_replaced(random, data.decode("latin-1"), tokens).encode("latin-1", "replace")
    return data.decode("latin-1")
