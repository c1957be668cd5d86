"""What a generated file depends on, in the syntax that Make, Ninja and CMake read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from codegen import version


def target_of(depfile: Path) -> Path:
    """`X.d` is about `X`, as with compilers."""
    return depfile.with_suffix("") if depfile.suffix == ".d" else depfile


class Unspeakable(Exception):
    """A path that make or ninja would read as something else, however it is written."""

    def __init__(self, path: str, character: str) -> None:
        super().__init__(path)
        self.path = path
        self.character = character


def text(target: Path, inputs: Sequence[Path]) -> str:
    """One rule. Every path is absolute: build tools differ in what they take a relative one to be relative to. Where
    the first has a `=`, make takes all of them for the value of a variable, so those come last. Raises Unspeakable."""
    paths = {_absolute(path) for path in (*inputs, *_generator())}
    prerequisites = sorted(paths, key=lambda path: ("=" in path, path))
    return _escaped(_absolute(target)) + ":" + "".join(f" \\\n  {_escaped(path)}" for path in prerequisites) + "\n"


def _generator() -> Iterable[Path]:
    package = Path(__file__).resolve().parent
    yield package / "pinfold"
    yield from package.rglob("*.py")
    yield from (package / "reserved").iterdir()
    yield from (package / "templates").iterdir()
    yield version.header()


def _absolute(path: Path) -> str:
    return os.path.abspath(path)


# What ends a name, begins a recipe or is a pattern for make. There is no way to write these that make and ninja both
# read.
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f;|:*?\[\\]")


def _escaped(path: str) -> str:
    if found := _UNSPEAKABLE.search(path):
        raise Unspeakable(path, found[0])
    return path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ")
