"""Compiles one snippet and compares what the compiler says with what the snippet expects.

python3 runner.py SNIPPET COMPILER FLAG...

The snippet's comments say what must happen:
    // EXPECT: text            the compilation fails and its output holds the text
    // EXPECT-WARNING: text    the compilation succeeds and its output holds the text
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Expectations:
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def expectations(source: str) -> Expectations:
    def all_of(marker: str) -> tuple[str, ...]:
        return tuple(re.findall(rf"^\s*// {marker}: (.*\S)\s*$", source, re.MULTILINE))

    return Expectations(all_of("EXPECT"), all_of("EXPECT-WARNING"))


def verdict(expected: Expectations, *, compiles: bool, output: str) -> str | None:
    """What is wrong; None if all is as expected."""
    if bool(expected.errors) == bool(expected.warnings):
        return "needs either // EXPECT: or // EXPECT-WARNING: lines"
    if expected.errors and compiles:
        return "compiles, but must not"
    if expected.warnings and not compiles:
        return "does not compile, but must"
    missing = [text for text in expected.errors + expected.warnings if text not in output]
    return "the compiler does not say: " + "; ".join(missing) if missing else None


def main(snippet: str, *command: str) -> int:
    expected = expectations(Path(snippet).read_text(encoding="utf-8"))
    done = subprocess.run(
        [*command, "-fsyntax-only", snippet],
        env=os.environ | {"LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    wrong = verdict(expected, compiles=done.returncode == 0, output=done.stdout)
    if wrong is None:
        return 0
    print(f"{snippet}: {wrong}\n--- the compiler's output ---\n{done.stdout}")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
