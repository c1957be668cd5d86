"""Golden files: what tests compare their results with. With PINFOLD_UPDATE_GOLDEN set, the results become the files."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "golden"
UPDATE = "PINFOLD_UPDATE_GOLDEN"


def assert_same(text: str, file: Path) -> None:
    if UPDATE in os.environ:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{file} differs; to accept it run pytest with {UPDATE}=1"


def assert_same_folder(folder: Path, golden: Path) -> None:
    """The files of `folder`, which has no folders in it, and no others."""
    files = {path.name for path in folder.iterdir()}
    if UPDATE in os.environ and golden.is_dir():
        for path in golden.iterdir():
            if path.name not in files:
                path.unlink()
    for name in sorted(files):
        assert_same((folder / name).read_text(encoding="utf-8"), golden / name)
    assert {path.name for path in golden.iterdir()} == files
