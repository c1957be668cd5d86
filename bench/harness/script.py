"""What the contenders that are Python programs share: their command line, timed processes, and the line that they
print."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    size: int
    variant: str
    compiler: str
    libraries: Sequence[str]  # of pinfold, in the order of linking


def options() -> Options:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=1, choices=(1,))
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--variant", default="")
    parser.add_argument("--compiler", default="")
    parser.add_argument("--libraries", default="", help="separated by semicolons")
    found = parser.parse_args()
    return Options(found.size, found.variant, found.compiler, found.libraries.split(";") if found.libraries else ())


@dataclass(frozen=True)
class Timing:
    seconds: float
    cpu_seconds: float

    def figures(self) -> Mapping[str, float]:
        return {"cpu_seconds": self.cpu_seconds, "seconds": self.seconds}


def timed(command: Sequence[str | Path], folder: Path) -> Timing:
    """Of one process, and those that it starts. Ends the program where that fails."""
    before, start = os.times(), time.perf_counter()
    output(command, folder)
    seconds, after = time.perf_counter() - start, os.times()
    return Timing(seconds, after.children_user + after.children_system - before.children_user - before.children_system)


def output(command: Sequence[str | Path], folder: Path) -> str:
    """What one process prints. Ends the program where that fails."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr[:500]}")
    return done.stdout


def generate(folder: Path, topology: str) -> tuple[Timing, dict[str, Any]]:
    """Generates <NAME/topology.hpp> of a topology's text in `folder`/out, and reads what it became. The topology's name
    is "scale"."""
    (folder / "scale.toml").write_text(topology, encoding="utf-8")
    timing = timed([sys.executable, "-m", "codegen", "generate", "scale.toml", "--out", "out"], folder)
    return timing, json.loads((folder / "out/scale/topology.json").read_text(encoding="utf-8"))


def report(answer: int, figures: Mapping[str, float]) -> None:
    print(json.dumps({"answer": answer, **figures}))
