"""Two programs, one with a pool more than the other, and what that pool adds to text, data and bss."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import script

FLAGS = ("-std=c++20", "-O2", "-pthread", "-DBOOST_HANA_CONFIG_ENABLE_STRING_UDL",
         "-I", str(script.ROOT / "include"), "-I", "out")


@dataclass(frozen=True)
class Program:
    sources: Sequence[str]  # beside main.cpp
    main: str
    libraries: Sequence[str]


def added(write: Callable[[Path, int], Program], pools: int, compiler: str) -> dict[str, float]:
    """`write` puts what a program of so many pools needs into a folder. Each pool has one thread, runs one task, and
    ends."""
    few, more = (sections(lambda folder: write(folder, count), compiler) for count in (pools, pools + 1))
    return {"text_of_program": few["text"], **{f"{name}_a_pool": more[name] - few[name] for name in few}}


def sections(write: Callable[[Path], Program], compiler: str) -> dict[str, int]:
    """Bytes of text, data and bss."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = write(folder)
        (folder / "main.cpp").write_text(program.main, encoding="utf-8")
        script.output([compiler, *FLAGS, "main.cpp", *program.sources, *program.libraries, "-o", "program"], folder)
        script.output(["./program"], folder)
        titles, values = script.output(["size", "program"], folder).splitlines()
        return {title: int(value) for title, value in zip(titles.split()[:3], values.split()[:3], strict=True)}


def main(write: Callable[[Path, int], Program]) -> None:
    options = script.options()
    script.report(options.size, added(write, options.size, options.compiler))
