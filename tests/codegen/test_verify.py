"""`verify`: processes that are made up, with one deviation each, and what is said of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import emit_cases
import topologies
from codegen import cli
from codegen.model import Deadline, Topology
from codegen.observing import cpu_map, proc, verification
from processes import PID, FakeProcess
from verifying import refusal, run

FILE = """
[process]
cpuset = "0-63"
cores = "0-1"
[asio.net]
cores = "2-5"
[asio.file]
cores = "6-8"
threads = 1
blocking_threads = 2
[tbb.risk]
cores = "16-63"
policy = "batch"
nice = 5
[native.poh]
cores = "9"
policy = "fifo"
priority = 50
[native.crew]
cores = "10-13"
threads = 1
max_threads = 3
[native.loose]
threads = 2
"""


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Topology:
    return topologies.topology(tmp_path_factory.mktemp("declared"), topologies.HEAD + FILE)


@pytest.fixture
def process(tmp_path: Path, declared: Topology) -> FakeProcess:
    """It runs as declared."""
    return FakeProcess(tmp_path, declared, main="0-1").start()


def data(process: FakeProcess, *arguments: str) -> Any:
    outcome = run(process, "--json", *arguments)
    found = json.loads(outcome.out)
    assert outcome.status == (1 if found["drift"] else 0)
    return found


def drift(process: FakeProcess, *arguments: str) -> list[tuple[str, str]]:
    return [(finding["kind"], finding["subject"]) for finding in data(process, *arguments)["findings"]
            if finding["severity"] == "drift"]


def finding(process: FakeProcess, kind: str) -> Any:
    found = [each for each in data(process)["findings"] if each["kind"] == kind]
    assert len(found) == 1, found
    return found[0]


def test_a_process_of_64_cpus_that_is_as_declared_has_no_drift(process: FakeProcess) -> None:
    outcome = run(process)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(f"process {PID}, server: topology md (md.toml), the only one of the binary\n\n")
    assert outcome.out.endswith("\nno drift: 59 threads as declared\n")
    assert "!" not in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 120
    rows = {line.split()[0]: line.split()[1:] for line in outcome.out.splitlines() if line.startswith("   ")}
    assert rows["net-3"] == ["asio.net", str(process.tid("net-3")), "5", "5", "other", "other", "5"]
    assert rows["file-b1"] == ["asio.file", str(process.tid("file-b1")), "7-8", "7-8", "other", "other", "7"]
    assert rows["risk-47"][2:] == ["63", "63", "batch", "nice", "5", "batch", "nice", "5", "63"]
    assert rows["poh-0"][2:] == ["9", "9", "fifo", "50", "fifo", "50", "9"]
    assert rows["loose-1"][2:] == ["0-1", "0-1", "other", "other", "0"]
    assert rows["server"] == [str(PID), "0-1", "other", "0", "main"]


def test_a_moved_thread_is_marked_and_named_with_the_way_back(process: FakeProcess) -> None:
    tid = process.thread("net-1", "0-63", cpu=40, tid=process.tid("net-1"))
    outcome = run(process, "--color", "always")
    assert outcome.status == 1
    lines = [line for line in outcome.out.splitlines() if "net-1" in line]
    assert lines[0].startswith("\x1b[31m!  net-1")
    assert lines[1] == (f"  \x1b[31mdrift\x1b[0m  asio.net thread 1: net-1 ({tid}) may run on 0-63; declared 3,"
                        " [asio.net] cores (md.toml:8)")
    assert f"remedy: taskset -pc 3 {tid}, and look for what moved it" in outcome.out
    assert "drift: 1 finding; 59 of 59 threads there\n" in outcome.out


@pytest.mark.parametrize(("name", "changed", "kind", "said", "way"), [
    ("poh-0", {"policy": "other"}, "policy", "is other; declared fifo 50, [native.poh] policy (md.toml:19)",
     "chrt -f -p 50"),
    ("poh-0", {"policy": "fifo", "priority": 49}, "priority", "is fifo 49; declared fifo 50", "chrt -f -p 50"),
    ("poh-0", {"policy": "rr", "priority": 50}, "policy", "is rr 50; declared fifo 50", "chrt -f -p 50"),
    ("risk-9", {"policy": "batch", "nice": 0}, "nice", "is batch nice 0; declared batch nice 5", "renice -n 5 -p"),
    ("risk-9", {"policy": "idle", "nice": 5}, "policy", "is idle nice 5; declared batch nice 5", "chrt -b -p 0"),
    ("net-0", {"policy": "fifo", "priority": 1}, "policy", "is fifo 1; declared other", "chrt -o -p 0"),
])
def test_another_schedule_is_named_by_its_first_difference(
    process: FakeProcess, name: str, changed: dict[str, Any], kind: str, said: str, way: str,
) -> None:
    tid = process.tid(name)
    cpus = {"poh-0": "9", "risk-9": "25", "net-0": "2"}[name]
    process.thread(name, cpus, tid=tid, **changed)
    found = finding(process, kind)
    assert f"{name} ({tid}) {said}" in found["text"] and found["remedy"].startswith(f"{way} {tid}")
    assert found["tids"] == [tid] and len(drift(process)) == 1


def test_nice_counts_only_where_it_is_declared(process: FakeProcess) -> None:
    process.thread("net-0", "2", nice=7, tid=process.tid("net-0"))
    assert drift(process) == []


def test_what_a_degraded_start_left_out_is_drift_with_the_right_that_it_lacked(tmp_path: Path) -> None:
    text = topologies.HEAD + 'on_failure = "degrade"\n[native.poh]\ncores = "9"\npolicy = "fifo"\npriority = 50\n'
    process = FakeProcess(tmp_path, topologies.topology(tmp_path, text))
    process.thread("poh-0", "9")
    remedy = finding(process, "policy")["remedy"]
    assert "RLIMIT_RTPRIO 50" in remedy and "running.problems()" in remedy


def test_a_deadline_is_compared_where_the_kernel_tells_it(tmp_path: Path) -> None:
    text = (topologies.HEAD + '[process]\ncores = "0"\n[native.poh]\nthreads = 1\npolicy = "deadline"\n'
            "deadline = { runtime_us = 100, deadline_us = 200, period_us = 200 }\n")
    process = FakeProcess(tmp_path, topologies.topology(tmp_path, text), main="0")
    process.thread("poh-0", "0-63", policy="deadline")
    opened = proc.open_process(tmp_path, PID)
    for known, kinds in ((None, []), (Deadline(100, 200, 200), []), (Deadline(90, 200, 200), ["deadline"])):
        with mock.patch.object(proc, "_nobody", lambda tid, known=known: known):
            asked = proc.open_process(opened.root, PID)
        found = verification.look(asked, None, None)
        assert [each.kind for each in found.drift] == kinds
    assert "chrt -d --sched-runtime 100000 --sched-deadline 200000 --sched-period 200000 -p 0" in found.drift[0].remedy


def test_missing_threads_are_counted_by_pool(process: FakeProcess) -> None:
    for name in ("net-1", "net-2", "file-b0"):
        process.end(process.tid(name))
    assert drift(process) == [("missing", "asio.net"), ("missing", "asio.file")]
    found = data(process)
    assert found["findings"][0]["text"] == "2 of 4 threads are missing: net-1, net-2"
    assert {"topology": "md", "pool": "asio.net", "declared": 4, "found": 2} in found["pools"]
    assert [thread["actual"] for thread in found["threads"] if thread["name"] == "net-1"] == [None]


def test_a_topology_that_does_not_run_is_one_finding(tmp_path: Path, declared: Topology) -> None:
    process = FakeProcess(tmp_path, declared, main="0-1")
    assert drift(process) == [("missing", "topology 'md'")]
    assert finding(process, "missing")["text"] == "none of its 59 threads is there"


def test_a_thread_that_inherited_a_name_is_the_younger_one(process: FakeProcess) -> None:
    child = process.thread("net-0", "2")
    assert drift(process) == [("double", "asio.net thread 0")]
    assert finding(process, "double")["tids"] == [child]
    assert {"topology": "md", "pool": "asio.net", "declared": 4, "found": 5} in data(process)["pools"]


def test_a_renamed_thread_is_looked_for_on_its_core(process: FakeProcess) -> None:
    tid = process.thread("rx", "4", tid=process.tid("net-2"))
    assert drift(process) == [("missing", "asio.net")]
    assert f"its core is that of rx ({tid})" in finding(process, "missing")["remedy"]


def test_threads_of_no_pool_belong_to_the_cores_of_the_process(process: FakeProcess) -> None:
    process.thread("logger", "0-1")
    assert drift(process) == []
    astray = [process.thread("logger", "0-63"), process.thread("stray", "0-63")]
    assert drift(process) == [("process_cores", "threads of no pool")]
    found = finding(process, "process_cores")
    assert found["tids"] == astray
    assert found["text"].endswith("may run on 0-63; declared 0-1, [process] cores (md.toml:6)")


def test_managed_threads_have_names_and_cores_of_their_own(process: FakeProcess) -> None:
    process.thread("decoder", "12")
    assert drift(process) == []
    assert "decoder" in run(process).out and "may be a managed thread of native.crew" in run(process).out
    process.thread("decoder", "12-13")
    assert drift(process) == [("process_cores", "threads of no pool")]


def test_a_cpu_that_went_offline_is_named_for_its_pool_and_its_threads(process: FakeProcess) -> None:
    process.host("sys/devices/system/cpu/online", "0-2,4-63")
    process.host("sys/fs/cgroup/cpuset.cpus.effective", "0-2,4-63")
    process.thread("net-1", "0-2,4-63", cpu=5, tid=process.tid("net-1"))
    assert drift(process) == [("affinity", "asio.net thread 1"), ("offline", "asio.net")]
    assert finding(process, "offline")["text"] == "CPU 3 is offline (online: 0-2,4-63)"
    assert finding(process, "affinity")["remedy"].startswith("give it CPU 3 back, then taskset -pc 3 ")


@pytest.mark.parametrize(("membership", "file"), [
    ("0::/md.service/pool", "sys/fs/cgroup/md.service/cpuset.cpus.effective"),
    ("3:cpuset:/md.service\n0::/", "sys/fs/cgroup/cpuset/md.service/cpuset.effective_cpus"),
])
def test_a_cpuset_that_shrank_is_named_with_its_file(process: FakeProcess, membership: str, file: str) -> None:
    process.write("cgroup", f"{membership}\n".encode())
    process.host(file, "0-8,10-63")
    assert drift(process) == [("cpuset", "native.poh")]
    assert finding(process, "cpuset")["text"] == (
        f"CPU 9 is outside of the process's cpuset (/{file}: 0-8,10-63)")


def test_a_sleeping_thread_seen_elsewhere_is_a_note_and_a_running_one_drift(process: FakeProcess) -> None:
    tid = process.thread("net-1", "3", cpu=9, tid=process.tid("net-1"))
    assert drift(process) == []
    assert "it sleeps since before it got its affinity" in finding(process, "cpu")["text"]
    process.thread("net-1", "3", cpu=9, state="R", tid=tid)
    assert drift(process) == [("cpu", "asio.net thread 1")]


def test_interrupts_on_the_cores_of_a_pool_are_a_note(process: FakeProcess) -> None:
    header = " ".join(f"CPU{cpu}" for cpu in range(64))
    counts = ["0"] * 64
    counts[3] = "7"
    rows = [f"{number}: {' '.join(counts)} PCI-MSIX-0000:3b:00.0 1-edge eth0-TxRx-{number}" for number in range(40, 50)]
    rows += [f"60: {' '.join(['0'] * 64)} PCI-MSIX-0000:3b:00.0 1-edge eth0-never",
             f"LOC: {' '.join(['9'] * 64)} Local timer interrupts"]
    process.host("proc/interrupts", "\n".join([header, *rows]))
    for number in (*range(40, 50), 60):
        process.host(f"proc/irq/{number}/effective_affinity_list", "3" if number != 41 else "6")
    outcome = run(process)
    assert outcome.status == 0
    said = " ".join(outcome.out.split())
    assert "note asio.net: 9 interrupts on its cores: 40 (eth0-TxRx-40) on 3, 42 (eth0-TxRx-42) on 3," in said
    assert "on 3 and 1 more" in said and "eth0-never" not in said
    assert "note asio.file: 1 interrupt on its cores: 41 (eth0-TxRx-41) on 6" in said
    assert said.count("remedy: if they disturb it") == 1, "two findings in a row have it"


@pytest.mark.parametrize(("arguments", "environment", "options"), [
    (["./server"], ["PINFOLD_CPU_MAP=0-63:0-1"], []),
    (["./server", "--pinfold-cpu-map=0-63:0-1"], ["PINFOLD_CPU_MAP=0:1"], []),
    (["./server", "x", "--pinfold-cpu-map", "0-63:0-1", "--", "--pinfold-cpu-map=0:1"], [], []),
    (["./server", "--pinfold-cpu-map=0:1"], [], ["--cpu-map", "0-63:0-1"]),
])
def test_the_cpu_map_comes_from_the_option_else_the_arguments_else_the_environment(
    tmp_path: Path, declared: Topology, arguments: list[str], environment: list[str], options: list[str],
) -> None:
    small = cpu_map.parse("0-63:0-1", "test")
    process = FakeProcess(tmp_path, declared, cpus=2, arguments=arguments, environment=environment, main="0-1")
    process.start(small)
    assert drift(process, *options) == []
    assert data(process, *options)["cpu_map"]["text"] == "0-63:0-1"
    assert "CPU map 0-63:0-1 from " in run(process, *options).out
    assert run(process, "--cpu-map", "").status == 1


def test_a_map_of_the_process_that_is_none_is_said(tmp_path: Path, declared: Topology) -> None:
    process = FakeProcess(tmp_path, declared, environment=["PINFOLD_CPU_MAP=1"])
    outcome = run(process)
    assert outcome.status == 2 and "Say with --cpu-map which one it runs with" in outcome.err


def second(folder: Path, text: str, name: str = "risk") -> Topology:
    return topologies.topology(folder, topologies.HEAD.replace("md", name) + text)


def test_the_topologies_whose_threads_are_there_are_those_that_run(tmp_path: Path, declared: Topology) -> None:
    other = second(tmp_path, '[tbb.sums]\ncores = "14-15"\n')
    process = FakeProcess(tmp_path, declared, other, main="0-1").start(only=declared)
    assert data(process)["topologies"] == ["md"]
    assert "topology md (md.toml), its threads run\n" in run(process).out
    process.thread("sums-0", "14")
    assert drift(process) == [("missing", "tbb.sums")]
    assert "topologies md (md.toml), risk (md.toml), their threads run\n" in run(process).out
    assert "!  sums-1   risk tbb.sums" in run(process).out


def test_where_names_do_not_tell_the_topology_is_asked_for(tmp_path: Path) -> None:
    one, two = (second(tmp_path, '[tbb.sums]\ncores = "14"\n', name) for name in ("one", "two"))
    process = FakeProcess(tmp_path, one, two)
    outcome = run(process)
    assert outcome.status == 2 and "no thread that runs has a name of theirs: choose one with --topology" in outcome.err
    process.thread("sums-0", "14")
    outcome = run(process)
    assert outcome.status == 2 and "may be of one, two, which name theirs alike: choose one with" in outcome.err
    assert drift(process, "--topology", "two") == []
    assert "has no topology 'three': it has one, two" in run(process, "--topology", "three").err


def test_of_topologies_that_share_names_the_one_whose_threads_are_all_there_runs(tmp_path: Path) -> None:
    small, large = (second(tmp_path, f'[tbb.sums]\ncores = "{cores}"\n', name)
                    for name, cores in (("small", "14"), ("large", "12-13")))
    process = FakeProcess(tmp_path, small, large).start(only=small)
    assert (data(process)["topologies"], drift(process)) == (["small"], [])
    assert "small (md.toml), the only one whose threads are all there\n" in run(process).out
    process.thread("sums-1", "13")
    assert data(process)["topologies"] == ["large"]


def test_what_cannot_be_verified_is_said(process: FakeProcess) -> None:
    with mock.patch.object(Path, "read_bytes", side_effect=PermissionError):
        assert f"/proc/{PID}/cmdline cannot be read: look as the user of process {PID}" in refusal(process)
    with mock.patch("codegen.recorded.read", side_effect=PermissionError):
        assert f"/proc/{PID}/exe cannot be read: look as" in refusal(process)
    shutil.copy("/bin/true", process.folder / "exe")
    assert f"process {PID}: it is a binary without a topology" in refusal(process)
    (process.folder / "exe").unlink()
    assert f"process {PID} has ended" in refusal(process)
    process.stat(f"proc/{PID}", PID, "kthreadd", state="S", cpu=0, cpu_ns=0, kernel=True)
    assert f"process {PID}: it is a thread of the kernel" in refusal(process)
    process.write("status", b"Tgid:\t17\n")
    assert f"{PID} is a thread of process 17" in refusal(process)
    shutil.rmtree(process.folder)
    assert f"there is no process {PID}" in refusal(process)


@pytest.mark.parametrize("arguments", [["x"], ["-1"], ["1", "--watch", "0"], ["1", "--watch", "x"], [],
                                       ["1", "--cpu-map", "1-2"]])
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        cli.main(["verify", *arguments])
    assert exit.value.code == 2


def test_a_name_cannot_steer_the_terminal_or_break_the_reading(process: FakeProcess) -> None:
    process.thread("a) R (\x1b[2J b", "0-1")
    outcome = run(process)
    assert outcome.status == 0 and "a) R (<U+001B>[2J b" in outcome.out


def test_threads_that_end_while_they_are_read_are_left_out(process: FakeProcess) -> None:
    for state in ("Z", "X"):
        process.thread("logger", "0-63", state=state)
    (process.folder / f"task/{process.thread('gone', '0-63')}/stat").unlink()
    (process.folder / f"task/{process.thread('gone', '0-63')}/status").unlink()
    assert drift(process) == []


def test_a_binary_of_another_pinfold_is_verified_with_a_note(process: FakeProcess) -> None:
    content = (process.folder / "exe").read_bytes()
    (process.folder / "exe").write_bytes(content.replace(b'"pinfold":"0.1.0"', b'"pinfold":"0.0.9"'))
    outcome = run(process)
    assert outcome.status == 0 and outcome.err.startswith("pinfold: note: pinfold 0.0.9 built the binary")


def test_binaries_with_more_threads_than_the_kernel_has_numbers_for_are_refused(tmp_path: Path) -> None:
    many = emit_cases.topology(*(emit_cases.pool("native", f"p{at}", threads=4096) for at in range(600)))
    process = FakeProcess(tmp_path, replace(many, name="one"), replace(many, name="two"))
    assert f"process {PID}: its topologies have 4915200 threads, and 4194304 are the most" in refusal(process)
