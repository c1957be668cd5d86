"""The version of pinfold, read from the C++ header that is its only source."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (
    _PACKAGE.parent / "include/pinfold/version.hpp",  # repository
    _PACKAGE / "version.hpp",  # installed beside the generator
)


@cache
def header() -> Path:
    for place in _PLACES:
        if place.is_file():
            return place
    raise FileNotFoundError(f"version.hpp is missing: {' and '.join(map(str, _PLACES))} do not exist")


@cache
def parts() -> tuple[int, int, int]:
    text = header().read_text(encoding="utf-8")
    major, minor, patch = map(int, re.findall(r"#define PINFOLD_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text))
    return major, minor, patch


def text() -> str:
    return ".".join(map(str, parts()))


def number() -> int:
    """The value of the macro PINFOLD_VERSION."""
    major, minor, patch = parts()
    return major * 10000 + minor * 100 + patch
