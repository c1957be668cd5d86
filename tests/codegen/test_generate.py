"""`generate` from TOML files to golden output, and what it leaves alone when it runs again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if (path / "layout.toml").is_file())
UPDATE = "PINFOLD_UPDATE_GOLDEN"  # set it to rewrite the golden files from what is generated


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
    generate(GOLDEN / case, tmp_path)
    for name in ("topology.hpp", "topology.cpp", "topology.json", "topology.txt"):
        text = (tmp_path / "layout" / name).read_text(encoding="utf-8")
        golden = GOLDEN / case / name
        if UPDATE in os.environ:
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8"), f"{golden} differs; to accept it run pytest with {UPDATE}=1"


def test_comments_in_the_topology_leave_the_header_alone(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    text = (GOLDEN / "from_toml/layout.toml").read_text(encoding="utf-8")
    (case / "layout.toml").write_text(text, encoding="utf-8")
    generate(case, tmp_path)
    header, source = (tmp_path / "layout" / name for name in ("topology.hpp", "topology.cpp"))
    before = header.stat().st_mtime_ns, source.read_text()
    (case / "layout.toml").write_text("# a comment\n\n" + text.replace("]\n", "]  # another\n"), encoding="utf-8")
    generate(case, tmp_path)
    assert header.stat().st_mtime_ns == before[0]
    assert source.read_text() != before[1], "the source holds line numbers, which have moved"
