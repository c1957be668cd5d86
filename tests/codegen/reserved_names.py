"""What the headers below a generated one take from the names of pools and topologies: codegen/reserved/macros.txt and
globals.txt. To add what another compiler or C library has: PYTHONPATH=. python3 tests/codegen/reserved_names.py
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from codegen import names

ROOT = Path(__file__).resolve().parents[2]
_INCLUDES = """\
#include <dirent.h>
#include <dlfcn.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <pinfold/asio/asio_pool.hpp>
#include <pinfold/native/native_pool.hpp>
#include <pinfold/tbb/tbb_pool.hpp>
#include <pinfold/topology.hpp>
"""


def macros() -> set[str]:
    defined = re.findall(r"^#define (\w+)", _compiler("-dM", "-E", source=_INCLUDES), re.MULTILINE)
    return {name for name in defined if re.fullmatch(names.PATTERN, name) and not name.startswith(names.MACRO_PREFIXES)}


def globals() -> set[str]:
    """The words of the headers that cannot name a namespace, though they could name a pool."""
    words = sorted(word for word in set(re.findall(r"\b[A-Za-z]\w*", _compiler("-E", "-P", source=_INCLUDES)))
                   if re.fullmatch(names.PATTERN, word) and names.why_unusable(word) is None and word != "default")
    declared = "".join(f"namespace {word} {{}}\n" for word in words)
    messages = _compiler("-fsyntax-only", source=f'{_INCLUDES}#line 1 "words"\n{declared}', fails=True)
    return {words[int(line) - 1] for line in re.findall(r"^words:(\d+):\d+: error: ", messages, re.MULTILINE)}


def _compiler(*options: str, source: str, fails: bool = False) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "names.cpp"
        file.write_text(source, encoding="utf-8")
        command: Sequence[str | Path] = ["g++", "-std=gnu++20", f"-I{ROOT / 'include'}", *options, file]
        done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


if __name__ == "__main__":
    for file, found in (("macros", macros()), ("globals", globals())):
        path = names.RESERVED / f"{file}.txt"
        known = set(path.read_text(encoding="utf-8").split()) if path.exists() else set()
        path.write_text("".join(f"{name}\n" for name in sorted(known | found)), encoding="utf-8")
