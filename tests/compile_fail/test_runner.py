"""The runner of the compile-fail snippets refuses snippets that do not do what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("runner.py")

WARNS = "[[deprecated(\"the old way\")]] void f();\nvoid g() { f(); }\n"
FAILS = 'static_assert(sizeof(int) == 0, "int has a size");\n'


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    snippet = folder / "snippet.cpp"
    snippet.write_text(text)
    command = [sys.executable, str(RUNNER), str(snippet), "g++", "-std=c++20"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "text",
    [
        f"// EXPECT: int has a size\n{FAILS}",
        f"// EXPECT: int has a size\n// EXPECT: static assertion\n{FAILS}",
        f"// EXPECT-WARNING: the old way\n{WARNS}",
    ],
)
def test_accepts_a_snippet_that_does_what_it_says(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("// EXPECT: int has a size\nint main() {}\n", "compiles, but must not"),
        (f"// EXPECT: int has no size\n{FAILS}", "the compiler does not say: int has no size"),
        (f"// EXPECT: int has a size\n// EXPECT: second\n{FAILS}", "the compiler does not say: second"),
        (f"// EXPECT-WARNING: int has a size\n{FAILS}", "does not compile, but must"),
        ("// EXPECT-WARNING: the old way\nint main() {}\n", "the compiler does not say: the old way"),
        (FAILS, "needs either"),
    ],
)
def test_refuses_a_snippet_that_does_not(tmp_path: Path, text: str, complaint: str) -> None:
    done = run(tmp_path, text)
    assert done.returncode == 1
    assert complaint in done.stdout
    assert done.stderr == ""
