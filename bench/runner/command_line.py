"""./dev bench NAME... [OPTION...]"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.runner.budget import DEFAULT_SECONDS
from bench.runner.suite import Workload

MIN_ROUNDS = 5  # what a median needs at least


@dataclass(frozen=True)
class Request:
    workloads: tuple[Workload, ...]
    contenders: tuple[str, ...]  # only these; empty: all
    workers: tuple[int, ...]
    rounds: int
    json: Path | None
    quick: bool
    size: int | None
    budget_seconds: float = DEFAULT_SECONDS
    report: Path | None = None  # nothing is run: these figures are drawn

    def size_of(self, workload: Workload) -> int:
        if self.size is not None:
            return self.size
        return workload.quick if self.quick else workload.size

    def contenders_of(self, workload: Workload) -> tuple[str, ...]:
        return tuple(each for each in workload.contenders if not self.contenders or each in self.contenders)


def parse(arguments: Sequence[str] | None, suite: Mapping[str, Workload]) -> Request:
    """Ends the program with status 2 and one line for what it does not know."""
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Builds and runs benchmarks, contenders in turn, and prints the medians.",
        epilog=_listing(suite),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads")
    parser.add_argument("--all", action="store_true", help="all workloads")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that all works; figures say little")
    parser.add_argument("--repeat", type=int, default=MIN_ROUNDS, metavar="N",
                        help=f"runs of each program that count, at least {MIN_ROUNDS} (default: {MIN_ROUNDS})")
    parser.add_argument("--workers", type=_counts, default=(1, 2), metavar="N,...", help="default: 1,2")
    parser.add_argument("--budget", type=_seconds, default=DEFAULT_SECONDS, metavar="SECONDS",
                        help="a program that pinfold is not compared with is not run again when that would take it "
                             "past so many seconds, and then its figures say how many runs they had (default: "
                             f"{DEFAULT_SECONDS:g})")
    parser.add_argument("--contenders", type=_names, default=(), metavar="NAME,...", help="only these")
    parser.add_argument("--size", type=int, metavar="N", help="instead of the workload's own; for a single NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows and the machine there as well")
    parser.add_argument("--report", type=Path, metavar="FILE",
                        help="run nothing: make docs/benchmarks.md and its charts of what --json wrote")
    options = parser.parse_args(arguments)

    if options.report:
        if len(arguments if arguments is not None else sys.argv[1:]) != 2:
            parser.error("--report FILE goes alone")
        return Request((), (), (), 0, None, False, None, report=options.report)
    known = ", ".join(suite)
    if options.all == bool(options.names):
        parser.error(f"give either --all or names of workloads: {known}")
    for name in options.names:
        if name not in suite:
            parser.error(f"there is no workload '{name}'; there are: {known}")
    workloads = tuple(suite.values()) if options.all else tuple(suite[name] for name in dict.fromkeys(options.names))

    contenders = dict.fromkeys(contender for workload in suite.values() for contender in workload.contenders)
    for contender in options.contenders:
        if contender not in contenders:
            parser.error(f"there is no contender '{contender}'; there are: {', '.join(contenders)}")
    if options.repeat < MIN_ROUNDS:
        parser.error(f"--repeat takes {MIN_ROUNDS} or more: the median of fewer runs says little")
    if options.size is not None and len(workloads) != 1:
        parser.error("--size goes with one workload: sizes mean something else in each")
    if options.json and not _is_writable(options.json):
        parser.error(f"--json: cannot write '{options.json}'")

    return Request(workloads, options.contenders, options.workers, options.repeat, options.json, options.quick,
                   options.size, options.budget)


def _counts(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise argparse.ArgumentTypeError(f"takes whole numbers from 1 on, like 1,2; got '{text}'")
    return tuple(dict.fromkeys(map(int, words)))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not (seconds > 0.0 and math.isfinite(seconds)):
        raise argparse.ArgumentTypeError(f"takes a number of seconds above 0; got '{text}'")
    return seconds


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _is_writable(file: Path) -> bool:
    if file.exists():
        return file.is_file() and os.access(file, os.W_OK)
    return file.parent.is_dir() and os.access(file.parent, os.W_OK)


def _listing(suite: Mapping[str, Workload]) -> str:
    width = max(map(len, suite))
    lines = (f"  {each.name:{width}}  {each.about}" for each in suite.values())
    return "\n".join(("workloads:", *lines))
