"""A topology of any size, the generator at work on it, and what the programs of this folder have in common."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("asio", "tbb", "native")
ALIASES = 4  # of each pool


@dataclass(frozen=True)
class Options:
    pools: int
    variant: str
    compiler: str


def options() -> Options:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=1, choices=(1,))
    parser.add_argument("--size", type=int, required=True, help="pools")
    parser.add_argument("--variant", default="")
    parser.add_argument("--compiler", default="")
    found = parser.parse_args()
    return Options(found.size, found.variant, found.compiler)


def pool(number: int) -> tuple[str, str]:
    """Its kind and its name."""
    return KINDS[number % len(KINDS)], f"pool_{number:04}"


def alias(number: int) -> tuple[str, str, str]:
    """The kind, the name and the pool of one of ALIASES times as many as there are pools."""
    kind, target = pool(number // ALIASES)
    return kind, f"stage_{number:05}", target


def topology(pools: int) -> str:
    return "".join(_topology(pools))


def _topology(pools: int) -> Iterator[str]:
    yield f'[topology]\nname = "scale"\n\n[process]\ncpuset = "0-{2 * pools - 1}"\n'
    for number in range(pools):
        kind, name = pool(number)
        yield (f'\n[{kind}.{name}]\ncores = "{2 * number}-{2 * number + 1}"\npolicy = "batch"\n'
               f'description = "stage {number} of the pipeline"\n')
    aliases = [alias(number) for number in range(ALIASES * pools)]
    for kind in KINDS:
        yield f"\n[aliases.{kind}]\n"
        yield from (f'{name} = "{target}"\n' for its, name, target in aliases if its == kind)


@dataclass(frozen=True)
class Timing:
    seconds: float
    cpu_seconds: float


def timed(command: Sequence[str | Path], folder: Path) -> Timing:
    """Of one process, and those that it starts. Ends the program where that fails."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, check=False)
    seconds, after = time.perf_counter() - start, os.times()
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr[:500]}")
    return Timing(seconds, after.children_user + after.children_system - before.children_user - before.children_system)


def generate(folder: Path, pools: int) -> Timing:
    (folder / "scale.toml").write_text(topology(pools), encoding="utf-8")
    timing = timed([sys.executable, "-m", "codegen", "generate", "scale.toml", "--out", "out"], folder)
    found = json.loads((folder / "out/scale/topology.json").read_text(encoding="utf-8"))
    if (len(found["pools"]), len(found["names"])) != (pools, (1 + ALIASES) * pools):
        sys.exit(f"the topology has {len(found['pools'])} pools and {len(found['names'])} names")
    return timing


def report(timing: Timing, answer: int) -> None:
    print(json.dumps({"answer": answer, "cpu_seconds": timing.cpu_seconds, "seconds": timing.seconds}))
