"""`top`: what happens between two looks at processes that are made up."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import faults
import topologies
from codegen import cli
from codegen.commands import top
from codegen.machine import interrupts as host_interrupts
from codegen.model import Topology
from codegen.observing import counters
from codegen.observing.proc import read_stat
from processes import PID, FakeProcess

ROOT = Path(__file__).resolve().parents[2]
FILE = """
[process]
cores = "0-1"
[asio.net]
cores = "2-3"
[tbb.risk]
cores = "4-63"
[native.crew]
cores = "3"
threads = 0
max_threads = 1
"""
SECOND = 10**9


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Topology:
    return topologies.topology(tmp_path_factory.mktemp("declared"), topologies.HEAD + FILE)


@pytest.fixture
def process(tmp_path: Path, declared: Topology) -> FakeProcess:
    return FakeProcess(tmp_path, declared, main="0-1").start()


class Clock:
    """Time goes by a second with each pause, in which the next step of the process is made."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)
        self.now = 0

    def sleep(self, seconds: float) -> None:
        self.now += SECOND
        if self.steps:
            self.steps.pop(0)()


def run(process: FakeProcess, *steps: Callable[[], object], arguments: tuple[str, ...] = ("--once",)) -> faults.Outcome:
    options = cli.parser().parse_args(["top", str(PID), *arguments])
    out, err, clock = io.StringIO(), io.StringIO(), Clock(*steps)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        with mock.patch("time.sleep", clock.sleep), mock.patch("time.monotonic_ns", lambda: clock.now):
            status = top.run(options, process.root)
    return faults.Outcome(status, out.getvalue(), err.getvalue())


def data(process: FakeProcess, *steps: Callable[[], object]) -> Any:
    outcome = run(process, *steps, arguments=("--once", "--json"))
    assert (outcome.status, outcome.err) == (0, "")
    return json.loads(outcome.out)


def pool(found: Any, label: str) -> Any:
    return next(each for each in found["pools"] if each["pool"] == label)


def core(found: Any, cpu: int) -> Any:
    return next(each for each in found["cores"] if each["cpu"] == cpu)


def counting(process: FakeProcess, name: str, cpus: str, *counted: int, **more: Any) -> Callable[[], object]:
    tid = process.tid(name)
    return lambda: process.thread(name, cpus, tid=tid, counted=counted, **more)


def test_a_thread_shows_what_the_kernel_counted_since_the_first_look(process: FakeProcess) -> None:
    counting(process, "net-0", "2", 5 * SECOND, SECOND, 100, 10, 1)()
    found = data(process, counting(process, "net-0", "2", 5 * SECOND + SECOND // 4, SECOND + 7000, 130, 15, 3, cpu=2))
    assert found["seconds"] == 1.0 and found["topologies"] == ["md"]
    assert pool(found, "asio.net")["threads"][0] == {
        "name": "net-0", "tid": process.tid("net-0"), "cpu": 2, "state": "S", "cpu_percent": 25.0, "run_delay_ns": 7000,
        "voluntary_switches": 30, "involuntary_switches": 5, "migrations": 2}


def test_a_pool_is_the_sum_of_its_threads(process: FakeProcess) -> None:
    steps = [counting(process, f"net-{index}", str(2 + index), SECOND // 2, 1000, 3, 2, 1) for index in range(2)]
    found = pool(data(process, lambda: [step() for step in steps]), "asio.net")
    del found["threads"]
    assert found == {"topology": "md", "pool": "asio.net", "cpu_percent": 100.0, "run_delay_ns": 2000,
                     "voluntary_switches": 6, "involuntary_switches": 4, "migrations": 2}


def test_managed_threads_count_for_their_pool_and_others_for_none(process: FakeProcess) -> None:
    process.thread("decoder", "3")
    process.thread("logger", "0-1")
    found = data(process)
    assert [each["name"] for each in pool(found, "native.crew")["threads"]] == ["decoder"]
    assert [each["name"] for each in found["other_threads"]["threads"]] == ["server", "logger"]


def test_threads_that_come_and_go_are_no_fault(process: FakeProcess) -> None:
    gone = process.tid("net-1")

    def later() -> None:
        process.end(gone)
        process.thread("logger", "0-1", counted=(SECOND, 0, 1, 1, 0))

    found = data(process, later)
    assert [each["name"] for each in pool(found, "asio.net")["threads"]] == ["net-0"]
    assert found["other_threads"]["threads"][1]["cpu_percent"] == 100.0, "since its birth"


def test_a_thread_that_ends_while_its_counters_are_read_is_left_out(process: FakeProcess) -> None:
    ended = counters.Counters(0, None, None, None, None)
    with mock.patch.object(counters, "read", return_value=ended):
        found = data(process)
    assert pool(found, "asio.net")["threads"] == [] and pool(found, "asio.net")["migrations"] == 0


def test_what_the_kernel_does_not_count_is_said_and_null(process: FakeProcess) -> None:
    for task in (process.folder / "task").iterdir():
        (task / "schedstat").unlink()
        (task / "sched").unlink()
    tid = process.tid("net-0")

    def later() -> None:
        process.thread("net-0", "2", tid=tid, counted=(SECOND // 2, 0, 0, 0, 0))
        (process.folder / f"task/{tid}/schedstat").unlink()
        (process.folder / f"task/{tid}/sched").unlink()

    found = data(process, later)
    shown = pool(found, "asio.net")["threads"][0]
    assert (shown["run_delay_ns"], shown["migrations"], shown["cpu_percent"]) == (None, None, 50.0)
    assert [each.partition(":")[0] for each in found["unseen"]] == ["run delay", "migrations", "interrupts"]


def foreign(found: Any, cpu: int) -> list[tuple[str, str, float]]:
    return [(each["name"], each["owner"], each["cpu_percent"]) for each in core(found, cpu)["foreign_threads"]]


def test_a_foreign_thread_is_one_that_ran_on_a_core_of_a_pool(process: FakeProcess) -> None:
    for pid, name in ((50, "ran"), (51, "slept"), (52, "runs"), (53, "elsewhere")):
        process.neighbour(pid, name, 0 if name == "elsewhere" else 2)
    process.neighbour(60, "ksoftirqd/2", 2, kernel=True)

    def later() -> None:
        process.neighbour(50, "ran", 2, cpu_ns=SECOND // 10)
        process.neighbour(52, "runs", 2, state="R")
        process.neighbour(53, "elsewhere", 0, cpu_ns=SECOND)
        process.neighbour(60, "ksoftirqd/2", 2, cpu_ns=SECOND // 100, kernel=True)
        counting(process, "net-0", "2", SECOND, 0, 0, 0, 0)()
        process.thread("server", "0-1", cpu=2, tid=PID, counted=(SECOND // 50, 0, 0, 0, 0))

    found = data(process, later)
    assert foreign(found, 2) == [("ran", "other", 10.0), ("server", "process", 2.0), ("ksoftirqd/2", "kernel", 1.0),
                                 ("runs", "other", 0.0)]
    assert foreign(found, 4) == []
    assert 0 not in [each["cpu"] for each in found["cores"]], "no pool has it"


def test_a_thread_that_came_or_went_is_foreign_where_it_was_seen(process: FakeProcess) -> None:
    process.neighbour(50, "came", 0)
    process.neighbour(51, "went", 2, state="R")

    def later() -> None:
        process.neighbour(50, "came", 3)
        process.neighbour(51, "went", 0)

    found = data(process, later)
    assert (foreign(found, 3), foreign(found, 2)) == ([("came", "other", 0.0)], [("went", "other", 0.0)])


def test_where_time_is_counted_in_ticks_a_foreign_thread_needs_one_to_be_seen(process: FakeProcess) -> None:
    process.neighbour(50, "short", 2, exact=False)
    process.neighbour(51, "long", 2, exact=False)

    def later() -> None:
        process.neighbour(50, "short", 2, cpu_ns=10**6, exact=False)
        process.neighbour(51, "long", 2, cpu_ns=SECOND // 2, exact=False)
        process.neighbour(52, "exact", 2, cpu_ns=10**6)

    process.neighbour(52, "exact", 2)
    assert foreign(data(process, later), 2) == [("long", "other", 50.0), ("exact", "other", 0.1)]


def test_threads_of_the_pools_that_have_a_core_are_not_foreign_there(process: FakeProcess) -> None:
    process.thread("decoder", "3")
    tid = process.tid("decoder")
    later = [counting(process, "net-1", "3", SECOND, 0, 0, 0, 0),
             lambda: process.thread("decoder", "3", tid=tid, counted=(SECOND, 0, 0, 0, 0)),
             counting(process, "net-0", "2", SECOND, 0, 0, 0, 0, cpu=3)]
    found = data(process, lambda: [step() for step in later])
    assert core(found, 3)["pools"] == ["asio.net", "native.crew"]
    assert foreign(found, 3) == []
    moved = counting(process, "risk-0", "3", SECOND, 0, 0, 0, 0)
    assert foreign(data(process, moved), 3) == [("risk-0", "process", 100.0)]


def interrupts(process: FakeProcess, device: int, timer: int) -> None:
    zeros = ["0"] * 64
    process.host("proc/interrupts", "\n".join([
        " ".join(f"CPU{cpu}" for cpu in range(64)),
        f"40: {' '.join([*zeros[:2], str(device), *zeros[3:]])} PCI-MSIX-0000:3b:00.0 1-edge eth0-rx-0",
        f"LOC: {' '.join([*zeros[:2], str(timer), *zeros[3:]])} Local timer interrupts", "ERR: 5"]))


def test_interrupts_are_those_since_the_last_look(process: FakeProcess) -> None:
    interrupts(process, 100, 1000)
    found = data(process, lambda: interrupts(process, 130, 1250))
    assert core(found, 2)["interrupts"] == {"devices": 30, "local": 250,
                                            "sources": [["LOC", 250], ["40 (eth0-rx-0)", 30]]}
    assert core(found, 3)["interrupts"] == {"devices": 0, "local": 0, "sources": []}
    assert found["unseen"] == []
    rows = host_interrupts.rows(process.root)
    assert rows is not None and [row.label for row in rows] == ["40", "LOC"], "ERR is of the whole host"


def test_other_users_processes_that_are_hidden_are_said(process: FakeProcess) -> None:
    shutil.rmtree(process.root / "proc/1")
    assert any("hidepid" in each for each in data(process)["unseen"])
    process.neighbour(1, "init", 0)
    (process.root / "proc/self/ns").mkdir(parents=True)
    (process.root / "proc/self/ns/pid").symlink_to("pid:[4026532000]")
    assert any("look from the host" in each for each in data(process)["unseen"])


def test_frames_go_on_until_the_process_ends(process: FakeProcess) -> None:
    outcome = run(process, lambda: None, lambda: None, lambda: shutil.rmtree(process.folder), arguments=("--json",))
    assert (outcome.status, outcome.err) == (0, f"pinfold: note: process {PID} has ended\n")
    assert [json.loads(line)["seconds"] for line in outcome.out.splitlines()] == [1.0, 1.0]


def test_a_process_that_ends_before_the_second_look_is_refused(process: FakeProcess) -> None:
    outcome = run(process, lambda: shutil.rmtree(process.folder), arguments=("--once", "--json"))
    assert outcome == faults.Outcome(2, "", f"pinfold: process {PID} has ended\n")


def interrupted() -> None:
    raise KeyboardInterrupt


def test_an_interrupt_ends_it_cleanly(process: FakeProcess) -> None:
    outcome = run(process, lambda: None, interrupted, arguments=("--json",))
    assert (outcome.status, outcome.err, outcome.out.count("\n")) == (0, "", 1)


def test_the_table_has_a_row_for_each_pool_thread_and_eventful_core(process: FakeProcess) -> None:
    interrupts(process, 100, 1000)
    process.neighbour(50, "[red]kworker[/]\x1b", 2)

    def later() -> None:
        interrupts(process, 130, 1250)
        process.neighbour(50, "[red]kworker[/]\x1b", 2, cpu_ns=SECOND // 10)
        counting(process, "net-0", "2", SECOND // 2, SECOND // 20, 7, 8, 9)()

    outcome = run(process, later)
    assert (outcome.status, outcome.err) == (0, "")
    rows = [line.split() for line in outcome.out.splitlines()]
    assert ["asio.net", "2", "50.0", "5.0", "7", "8", "9"] in rows
    assert ["net-0", str(process.tid("net-0")), "2", "50.0", "5.0", "7", "8", "9"] in rows
    assert ["no", "pool", "1", "0.0", "0.0", "0", "0", "0"] in rows
    said = " ".join(outcome.out.split())
    assert "[red]kworker[/]<U+001B> (50) 10.0%" in said and "280: LOC 250, 40 (eth0-rx-0) 30" in said
    assert "3-63 none" in said
    assert max(map(len, outcome.out.splitlines())) <= 120


def on_terminal(process: FakeProcess, *steps: Callable[[], object], height: int) -> str:
    """The display redrawn on a terminal of so many lines."""
    with mock.patch.dict(os.environ, {"LINES": str(height), "COLUMNS": "110", "TERM": "xterm"}):
        with mock.patch("rich.console.Console.is_terminal", new_callable=mock.PropertyMock, return_value=True):
            return run(process, *steps, arguments=()).out


def test_on_a_terminal_the_busiest_threads_fit_the_screen(process: FakeProcess) -> None:
    busy = [counting(process, f"risk-{index}", str(4 + index), SECOND // 2, 0, 1, 0, 0) for index in (11, 40)]
    text = on_terminal(process, lambda: [step() for step in busy], lambda: shutil.rmtree(process.folder), height=30)
    screen = text[text.index("\x1b[?1049h"):text.index("\x1b[?1049l")]
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen)
    assert "risk-11" in plain and "risk-40" in plain and "58 quieter" in plain and "risk-12" not in plain
    assert len(plain.splitlines()) <= 31
    after = text[text.index("\x1b[?1049l"):]
    assert "risk-12" in after, "the last frame stays, whole"


def test_without_rich_it_says_what_to_install_and_json_works(tmp_path: Path, process: FakeProcess) -> None:
    (tmp_path / "hide/rich").mkdir(parents=True)
    (tmp_path / "hide/rich/__init__.py").write_text("raise ModuleNotFoundError(name='rich')\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path / 'hide'}:{ROOT}"}
    outcome = subprocess.run([sys.executable, "-P", "-m", "codegen", "top", str(os.getpid()), "--once"],
                             env=environment, text=True, capture_output=True)
    assert outcome.returncode == 2
    assert re.fullmatch(r"pinfold: top needs the Python module rich, .* sudo apt-get install python3-rich.*;"
                        r" --json works without it\n", outcome.stderr)
    with mock.patch.dict(sys.modules, {"rich": None, "codegen.observing.display": None}):
        assert pool(data(process), "asio.net")["cpu_percent"] == 0.0


def test_this_kernel_counts_this_thread() -> None:
    folder = Path("/proc/self/task") / str(os.getpid())
    stat = read_stat(folder)
    assert stat is not None and not stat.kernel
    counted = counters.read(folder, stat)
    assert counted.cpu_ns > 0 and counted.voluntary is not None and counted.involuntary is not None
