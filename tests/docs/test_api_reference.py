"""The reference of the C++ interface: its page names every public header, and every public name has its comment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include/pinfold"
PAGE = ROOT / "docs/reference.md"
ADDED = {  # by header, where a name is added to it that has no comment
    "native/spawn.hpp": "/// What yield_now() and yield_local() did.\n",
    "pool_ref.hpp": "  /// The same pool.\n",
    "detail/basic_pool.hpp": "  /// Number of worker threads.\n",  # a member of the class that all pools share
}


def test_the_page_names_every_public_header_once() -> None:
    public = [file.relative_to(HEADERS.parent).as_posix() for file in HEADERS.rglob("*.hpp")
              if "detail" not in file.parts]
    named = re.findall(r"^\| `<(pinfold/.*)>` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(public)


def doxygen(folder: Path) -> subprocess.CompletedProcess[str]:
    if not shutil.which("doxygen"):
        pytest.skip("doxygen is missing")
    (folder / "build/reference").mkdir(parents=True)
    return subprocess.run(["doxygen", "docs/doxygen/Doxyfile"], cwd=folder, text=True, capture_output=True,
                          env={**os.environ, "PINFOLD_VERSION": "0"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("include", "docs/doxygen"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(PAGE, tmp_path / "docs")
    return tmp_path


def test_every_public_name_has_a_comment_and_the_pages_show_what_pools_and_scopes_inherit(folder: Path) -> None:
    outcome = doxygen(folder)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    html = folder / "build/reference/html"
    for page, members in {
        "classpinfold_1_1native__pool": ("install", "async_invoke", "wait_idle", "spawn_thread"),
        "classpinfold_1_1pool__scope": ("spawn", "cancel"),
        "namespacepinfold": ("fork", "compute_map", "this_pool"),
    }.items():
        text = (html / f"{page}.html").read_text(encoding="utf-8")
        for member in members:
            assert re.search(rf">{member}(</a>|</b>)", text), (page, member)
    assert not list(html.glob("*pinfold_1_1detail*"))
    main = (html / "index.html").read_text(encoding="utf-8")
    unknown = [name for name in re.findall(r"pinfold::(\w+)", PAGE.read_text(encoding="utf-8"))
               if not re.search(rf"<a [^>]*>pinfold::{name}(\(\))?</a>", main)]
    assert not unknown


@pytest.mark.parametrize("header", ADDED)
def test_a_public_name_without_a_comment_fails_it(folder: Path, header: str) -> None:
    file = folder / "include/pinfold" / header
    text = file.read_text(encoding="utf-8")
    assert text.count(ADDED[header]) == 1
    file.write_text(text.replace(ADDED[header], f"void without_comment();\n\n{ADDED[header]}"), encoding="utf-8")
    outcome = doxygen(folder)
    assert outcome.returncode != 0
    assert re.search(rf"{header}:\d+: error: Member without_comment", outcome.stderr), outcome.stderr
