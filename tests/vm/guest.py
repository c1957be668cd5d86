"""Boots a machine, lets it run a scenario, and tells what it printed and how it ended."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

BEGIN = re.compile(r"pinfold-vm: begin \w+")
END = re.compile(r"pinfold-vm: end (\d+)")


@dataclass(frozen=True)
class Outcome:
    status: int | None  # of the scenario's script; None: the machine ended before, or was out of time
    seconds: float

    def __str__(self) -> str:
        match self.status:
            case None:
                return "the machine did not come to the scenario's end"
            case 0:
                return "passed"
            case status:
                return f"failed with status {status}"


def run(command: list[str], patience: float, show: Callable[[str], None]) -> Outcome:
    """Hands each line that the scenario prints to `show`; if the machine does not get that far, what it printed."""
    start = time.monotonic()
    machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, encoding="utf-8", errors="replace")
    assert machine.stdout is not None
    alarm = threading.Timer(patience, machine.kill)
    alarm.start()
    try:
        status = _read(machine.stdout, show)
        machine.wait()
    finally:
        alarm.cancel()
        machine.kill()
    return Outcome(status, time.monotonic() - start)


def _read(console: IO[str], show: Callable[[str], None]) -> int | None:
    status = None
    boot: list[str] = []
    begun = False
    for line in _lines(console):
        if BEGIN.search(line):
            begun = True
        elif match := END.search(line):
            status = int(match[1])
        elif not begun:
            boot.append(line)
        elif status is None:
            show(line)
    if not begun:
        for line in boot:
            show(line)
    return status


def _lines(console: IO[str]) -> Iterator[str]:
    for line in console:
        yield line.rstrip("\r\n")
