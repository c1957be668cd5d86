"""Builds the programs, and knows where they are."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRESET = "bench"


class BuildFailed(Exception):
    """CMake has printed why."""


@dataclass(frozen=True)
class Build:
    folder: Path
    compiler: str
    flags: str
    libraries: str
    rust: str
    missing: Mapping[str, str]  # contenders that cannot be built here -> why

    def program(self, workload: str, contender: str) -> Path:
        return self.folder / workload / contender


def read(folder: Path) -> Build:
    about = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    return Build(folder, about["compiler"], about["flags"].strip(), about["libraries"], about["rust"], about["missing"])


def build(programs: Iterable[tuple[str, str]]) -> Build:
    """Configures, and builds those (workload, contender) that can be built. Raises BuildFailed."""
    _cmake("--preset", PRESET, quiet=True)
    built = read(ROOT / "build" / PRESET / "bench")
    targets = sorted(
        {
            f"bench_{workload}_{contender}"
            for workload, contender in programs
            if contender not in built.missing
        }
    )
    if targets:
        _cmake("--build", "--preset", PRESET, "--parallel", str(os.cpu_count() or 1), "--target", *targets)
    return built


def _cmake(*arguments: str, quiet: bool = False) -> None:
    done = subprocess.run(["cmake", *arguments], cwd=ROOT, capture_output=quiet, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout or "", done.stderr or "", sep="")
        raise BuildFailed
