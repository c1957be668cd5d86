"""Programs that are as quick to write as to run: what a contender prints and how it ends, without any work."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.runner.budget import DEFAULT_SECONDS
from bench.runner.build import Build
from bench.runner.command_line import MIN_ROUNDS, Request
from bench.runner.contender import Entry
from bench.runner.suite import NOTHING_ELSE, Against, Workload

LOG = "runs"  # in the folder of the programs: the arguments of each run, in order


def program(folder: Path, workload: str, contender: str, body: str) -> Path:
    """`body` may use `arguments`: option -> value."""
    file = folder / workload / contender
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f"#!{sys.executable}\n"
        "import json, os, signal, sys, time\n"
        "arguments = dict(zip(sys.argv[1::2], map(int, sys.argv[2::2])))\n"
        f"with open({str(folder / LOG)!r}, 'a') as log:\n"
        f"    print({contender!r}, arguments['--workers'], file=log)\n"
        f"{body}\n"
    )
    file.chmod(0o755)
    return file


def prints(seconds: object, peak_rss_kib: int = 1000) -> str:
    """The body of a program that works. `seconds`: a number, or Python text for one."""
    return f"print(json.dumps({{'answer': 1, 'seconds': {seconds}, 'peak_rss_kib': {peak_rss_kib}}}))"


def runs(folder: Path) -> list[str]:
    """"contender workers" of each run, in order."""
    return (folder / LOG).read_text().splitlines()


def workload(
    *contenders: str,
    name: str = "work",
    workers: tuple[int, ...] = (),
    against: Against = NOTHING_ELSE,
    rounds: int | None = None,
) -> Workload:
    return Workload(name, "nothing at all", contenders, size=100, quick=7, workers=workers, against=against,
                    rounds=rounds)


def entry(contender: str, workers: int = 1, program: Path = Path("/nowhere")) -> Entry:
    return Entry("work", contender, workers, program, 100)


def request(
    *workloads: Workload,
    contenders: tuple[str, ...] = (),
    workers: tuple[int, ...] = (1, 2),
    json: Path | None = None,
    quick: bool = False,
    budget_seconds: float = DEFAULT_SECONDS,
) -> Request:
    return Request(workloads, contenders, workers, MIN_ROUNDS, json, quick, None, budget_seconds)


def build(folder: Path, missing: dict[str, str] | None = None) -> Build:
    return Build(folder, "GNU 12.2.0", "-O3", "Boost 1.81, oneTBB 2021.8", "", missing or {})
