"""Runs one program once, and reads the line that it prints."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.runner.metrics import METRICS, Metric

LIMIT_SECONDS = 900.0  # a run, with its warm-up

Sample = Mapping[Metric, float]


@dataclass(frozen=True)
class Entry:
    """A contender of a workload with a number of workers: what has a line in the table."""

    workload: str
    contender: str
    workers: int
    program: Path
    size: int

    def __str__(self) -> str:
        return f"{self.workload}/{self.contender} with {self.workers} worker{'s' if self.workers > 1 else ''}"


class ContenderFailed(Exception):
    """Why a program gave no figures; one line."""


def measure(entry: Entry, limit_seconds: float = LIMIT_SECONDS) -> Sample:
    """One process: its warm-up, and one run that counts. Raises ContenderFailed."""
    command = [str(entry.program), "--workers", str(entry.workers), "--size", str(entry.size)]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=limit_seconds)
    except subprocess.TimeoutExpired:
        raise ContenderFailed(f"took more than {limit_seconds:g} s") from None
    except OSError as error:
        raise ContenderFailed(f"cannot be started: {error.strerror}") from error
    if done.returncode != 0:
        raise ContenderFailed(_complaint(entry, done))
    return _read(done.stdout)


def _complaint(entry: Entry, done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"was ended by {signal.Signals(-done.returncode).name}"
    said = done.stderr.strip().removeprefix(f"{entry.program}: ")
    return " ".join(said.split()) or f"exit status {done.returncode}"


def _read(output: str) -> Sample:
    try:
        figures = dict(json.loads(output))
        sample = {metric: float(figures[key]) for key, metric in METRICS.items() if key in figures}
    except (ValueError, TypeError):
        sample = {}
    if not sample:
        raise ContenderFailed(f"printed no figures: {output[:80]!r}")
    return sample
