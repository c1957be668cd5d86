"""`generate` from TOML files to golden output, and what it leaves alone when it runs again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import faults
import golden

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path.name for path in golden.FOLDER.iterdir() if (path / "layout.toml").is_file())


def generate(case: Path, out: Path) -> None:
    """With the case's overlay, and a setting from either side of it."""
    overlays = ["--overlay", "overlay.toml"] if (case / "overlay.toml").is_file() else []
    subprocess.run(
        [sys.executable, "-m", "codegen", "generate", "layout.toml", "--out", str(out)]
        + ["--depfile", str(out / "stamp.d"), *overlays, "--set", "topology.on_failure=degrade"],
        cwd=case,
        env={"PYTHONPATH": str(ROOT), "PINFOLD_SET": "native.default.nice=5;native.default.max_threads=3"},
        check=True,
    )


@pytest.mark.parametrize("case", CASES)
def test_generates_the_golden_files(case: str, tmp_path: Path) -> None:
    generate(golden.FOLDER / case, tmp_path)
    for name in ("topology.hpp", "topology.cpp", "topology.json", "topology.txt"):
        text = (tmp_path / "layout" / name).read_text(encoding="utf-8")
        golden.assert_same(text, golden.FOLDER / case / name)


def test_comments_in_the_topology_leave_the_header_alone(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    text = (golden.FOLDER / "from_toml/layout.toml").read_text(encoding="utf-8")
    (case / "layout.toml").write_text(text, encoding="utf-8")
    generate(case, tmp_path)
    header, source = (tmp_path / "layout" / name for name in ("topology.hpp", "topology.cpp"))
    before = header.stat().st_mtime_ns, source.read_text()
    (case / "layout.toml").write_text("# a comment\n\n" + text.replace("]\n", "]  # another\n"), encoding="utf-8")
    generate(case, tmp_path)
    assert header.stat().st_mtime_ns == before[0]
    assert source.read_text() != before[1], "the source holds line numbers, which have moved"


def renamed(folder: Path, name: str, *arguments: str) -> list[str]:
    """What lies in out/ after a topology of that name was generated there."""
    (folder / "md.toml").write_text(f'[topology]\nname = "{name}"\n[native.a]\nthreads = 1\n', encoding="utf-8")
    assert faults.run(["generate", "md.toml", "--out", "out", *arguments], folder=folder).status == 0
    return sorted(str(path.relative_to(folder / "out")) for path in (folder / "out").rglob("*") if path.is_file())


def test_in_a_folder_of_its_own_a_topology_that_is_renamed_leaves_nothing_behind(tmp_path: Path) -> None:
    first = renamed(tmp_path, "first", "--sole")
    assert len(first) == 5
    assert renamed(tmp_path, "second", "--sole") == [path.replace("first", "second") for path in first]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["second"]


def test_only_what_was_generated_is_removed_and_only_when_asked(tmp_path: Path) -> None:
    first = renamed(tmp_path, "first")
    assert set(first) < set(renamed(tmp_path, "second")), "another topology may be generated there"
    (tmp_path / "out/first/topology.hpp").write_text("mine", encoding="utf-8")
    (tmp_path / "out/first/notes.txt").write_text("mine, too", encoding="utf-8")
    (tmp_path / "out/other").mkdir()
    (tmp_path / "out/other/topology.hpp").write_text("not pinfold's", encoding="utf-8")
    left = [path for path in renamed(tmp_path, "second", "--sole") if not path.startswith("second/")]
    assert left == ["first/notes.txt", "first/topology.hpp", "other/topology.hpp"]
