"""`verify` of a process that changes while it is looked at, and `verify --watch`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

import faults
import topologies
from codegen.observing import proc, verification
from processes import PID, FakeProcess
from verifying import run

FILE = """
[process]
cores = "0-1"
[asio.net]
cores = "2-5"
"""


@pytest.fixture
def process(tmp_path: Path) -> FakeProcess:
    """It runs as declared."""
    return FakeProcess(tmp_path, topologies.topology(tmp_path, topologies.HEAD + FILE), main="0-1").start()


def stepping(process: FakeProcess, *steps: Callable[[], object]) -> Callable[[float], None]:
    """Stands for time.sleep: each pause is a step of the process."""
    left = list(steps)

    def pause(seconds: float) -> None:
        if left:
            left.pop(0)()

    return pause


def settle(process: FakeProcess, *steps: Callable[[], object]) -> list[str]:
    opened = proc.open_process(process.root, PID)
    found = verification.settled(lambda: verification.look(opened, None, None), stepping(process, *steps))
    return [each.kind for each in found.drift]


def test_a_start_that_is_seen_halfway_is_no_drift(process: FakeProcess) -> None:
    process.thread("server", "0-1", tid=process.tid("net-3"))
    tid = process.tid("server")
    late = max(int(folder.name) for folder in (process.folder / "task").iterdir()
               if "(server)" in (folder / "stat").read_text(encoding="utf-8"))
    assert tid != late
    assert settle(process, lambda: process.thread("net-3", "0-1", tid=late),
                  lambda: process.thread("net-3", "5", tid=late)) == []


def test_drift_that_stays_is_found(process: FakeProcess) -> None:
    process.thread("net-3", "0-1", tid=process.tid("net-3"))
    assert settle(process) == ["affinity"]


def test_a_process_that_ends_while_it_is_read_is_no_drift(process: FakeProcess) -> None:
    process.end(process.tid("net-3"))
    with pytest.raises(proc.Gone, match=f"process {PID} has ended"):
        settle(process, lambda: shutil.rmtree(process.folder))


def test_a_later_process_of_the_same_number_is_another_one(process: FakeProcess) -> None:
    opened = proc.open_process(process.root, PID)
    text = (process.folder / "stat").read_text(encoding="utf-8")
    process.write("stat", text.replace(str(1000 + PID), "99999").encode())
    with pytest.raises(proc.Gone):
        opened.threads()


def watch(process: FakeProcess, *steps: Callable[[], object], arguments: tuple[str, ...] = ()) -> faults.Outcome:
    with mock.patch("time.sleep", stepping(process, *steps)):
        return run(process, "--watch", "9", *arguments)


def test_watch_prints_what_changed_and_ends_with_the_process(process: FakeProcess) -> None:
    tid = process.tid("net-0")
    outcome = watch(
        process,
        lambda: process.thread("net-1", "3", cpu=3, state="R", tid=process.tid("net-1")),
        lambda: process.thread("net-0", "0-1", tid=tid),
        lambda: None,
        lambda: process.thread("net-0", "2", tid=tid),
        lambda: shutil.rmtree(process.folder), arguments=("--json",))
    assert [json.loads(line)["drift"] for line in outcome.out.splitlines()] == [False, True, False]
    assert (outcome.status, outcome.err) == (1, f"pinfold: note: process {PID} has ended\n")


def interrupted() -> None:
    raise KeyboardInterrupt


def test_watch_ends_cleanly_when_it_is_interrupted(process: FakeProcess) -> None:
    outcome = watch(process, interrupted)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("-- ") and outcome.out.count("no drift") == 1
