"""What a generated file depends on, in the syntax that Make, Ninja and CMake read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from codegen import version


def target_of(depfile: Path) -> Path:
    """`X.d` is about `X`, as with compilers."""
    return depfile.with_suffix("") if depfile.suffix == ".d" else depfile


def text(target: Path, inputs: Sequence[Path]) -> str:
    """One rule. Every path is absolute: build tools differ in what they take a relative one to be relative to."""
    prerequisites = sorted({_absolute(path) for path in (*inputs, *_generator())})
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


def _escaped(path: str) -> str:
    return path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ")
