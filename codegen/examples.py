"""One real message for each diagnostic. tests/codegen/faults.py chooses them from the texts that the tests expect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent / "pages/examples.txt"
_START = re.compile(r"^(?=\S+:\d+:\d+: (?:error|warning|note)\[(PF\d+)\])", re.MULTILINE)


def split(text: str) -> list[tuple[str, str]]:
    """The messages of a text, each with its ID. What follows the last one's notes is not part of it."""
    parts = _START.split(text)[1:]
    return [(id, re.sub(r"(?<=\n)\S.*\n\Z", "", message) if message == parts[-1] else message)
            for id, message in zip(parts[::2], parts[1::2])]


@cache
def by_id() -> Mapping[str, str]:
    return dict(split(_FILE.read_text(encoding="utf-8")))
