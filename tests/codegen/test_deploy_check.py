"""`deploy --check`: a host against a topology, on hosts that are made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import faults
import hosts
from codegen.deploying.host import SYS_NICE
from codegen.machine.kernel_lists import cpu_list, cpu_mask
from test_deploy import GOLDEN

Files = Mapping[str, str | None]

PARTITION = "sys/fs/cgroup/pinfold-pinned/"
PINNED: Files = {  # all that pinned.toml asks for
    "proc/cmdline": "ro isolcpus=managed_irq,2-3 nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0-1,4-11",
    "proc/irq/default_smp_affinity": "ff3",
    "proc/irq/24/smp_affinity_list": "0-1,4-11",
    "sys/devices/system/cpu/nohz_full": "2-3",
    f"{PARTITION}cpuset.cpus.partition": "isolated",
    f"{PARTITION}cpuset.cpus.effective": "1-3",
}
RIGHTS: Files = {  # all that rights.toml asks for
    "proc/cmdline": "isolcpus=managed_irq,domain,1-3 nohz_full=1-3 rcu_nocbs=1-3 irqaffinity=0,4-11",
    "proc/irq/default_smp_affinity": "ff1",
    "proc/irq/24/smp_affinity_list": "0",
    "proc/irq/25/smp_affinity_list": "4-11",
    "sys/devices/system/cpu/nohz_full": "1-3",
    "sys/devices/system/cpu/isolated": "1-3",
    "proc/sys/kernel/sched_rt_runtime_us": "-1",
    "dev/cpu_dma_latency": "",
    "proc/self/status": hosts.status("0-11", capabilities=1 << SYS_NICE),
    "proc/self/limits": hosts.limits(memory="unlimited", nice="25", priority="50"),
}


def check(folder: Path, case: str, files: Files, *arguments: str) -> faults.Outcome:
    root = hosts.host(folder, files)
    return faults.run(["deploy", f"{case}.toml", "--check", "--root", str(root), *arguments], folder=GOLDEN)


def states(folder: Path, case: str, files: Files, *arguments: str) -> dict[str, str]:
    """What is not as wanted: subject and state."""
    outcome = check(folder, case, files, "--json", *arguments)
    found = {finding["subject"]: finding["state"] for finding in json.loads(outcome.out)["findings"]}
    assert outcome.status == (0 if set(found.values()) == {"ok"} else 1)
    return {subject: state for subject, state in found.items() if state != "ok"}


def test_a_host_that_has_everything_is_ok(tmp_path: Path) -> None:
    outcome = check(tmp_path / "pinned", "pinned", PINNED)
    assert outcome.status == 0, outcome.out
    assert outcome.out.startswith("this host and pinned.toml: 10 findings, 0 differ\n")
    assert states(tmp_path / "rights", "rights", RIGHTS, "--isolate", "isolcpus") == {}
    assert states(tmp_path / "plain", "plain", {}) == {}


def test_a_plain_host_differs_in_everything_with_place_and_remedy(tmp_path: Path) -> None:
    outcome = check(tmp_path, "pinned", {})
    assert outcome.status == 1
    golden = GOLDEN / "pinned.check"
    assert outcome.out == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("files, subject", [
    ({"proc/cmdline": "isolcpus=managed_irq,2 nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0"}, "/proc/cmdline isolcpus"),
    ({"proc/cmdline": "isolcpus=2-3 nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0"}, "/proc/cmdline isolcpus"),
    ({"proc/cmdline": "isolcpus=managed_irq,2-3 nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0-2"},
     "/proc/cmdline irqaffinity"),
    ({"proc/cmdline": "isolcpus=managed_irq,2-3 rcu_nocbs=2-3 irqaffinity=0"}, "/proc/cmdline nohz_full"),
    ({"sys/devices/system/cpu/online": "0-2"}, "CPUs online"),
    ({"sys/devices/system/cpu/nohz_full": "2"}, "/sys/devices/system/cpu/nohz_full"),
    ({"proc/irq/default_smp_affinity": "00000000,00000ff7"}, "/proc/irq/default_smp_affinity"),
    ({"proc/irq/7/smp_affinity_list": "3-4"}, "interrupts that may run on 2-3"),
    ({f"{PARTITION}cpuset.cpus.partition": "root"}, "cpuset partition"),
    ({f"{PARTITION}cpuset.cpus.partition": "isolated invalid (Cpu list in cpuset.cpus not exclusive)"},
     "cpuset partition"),
    ({f"{PARTITION}cpuset.cpus.effective": "1-2"}, "cpuset partition"),
    ({"proc/self/limits": hosts.limits(processes="1")}, "processes and threads of the user"),
])
def test_one_difference_is_one_finding(files: Files, subject: str, tmp_path: Path) -> None:
    assert states(tmp_path, "pinned", {**PINNED, **files}) == {subject: "differs"}


@pytest.mark.parametrize("files, subject", [
    ({"proc/self/limits": hosts.limits(memory="8388608", nice="25", priority="50")}, "locked memory"),
    ({"proc/self/limits": hosts.limits(memory="unlimited", priority="99", timeout="200000", nice="40")},
     "realtime time without a pause"),
    ({"proc/self/status": hosts.status("0,4-11", capabilities=1 << SYS_NICE)}, "CPUs allowed to this shell"),
    ({"proc/sys/kernel/sched_rt_runtime_us": "950000"}, "/proc/sys/kernel/sched_rt_runtime_us"),
    ({"sys/devices/system/cpu/isolated": "1-2"}, "/sys/devices/system/cpu/isolated"),
])
def test_one_missing_right_is_one_finding(files: Files, subject: str, tmp_path: Path) -> None:
    assert states(tmp_path, "rights", {**RIGHTS, **files}, "--isolate", "isolcpus") == {subject: "differs"}


def test_a_capability_stands_in_for_the_limits_and_nothing_for_the_capability(tmp_path: Path) -> None:
    without: Files = {"proc/self/limits": hosts.limits(memory="unlimited")}
    assert states(tmp_path / "held", "rights", {**RIGHTS, **without}, "--isolate", "isolcpus") == {}
    bare: Files = {**RIGHTS, **without, "proc/self/status": hosts.status("0-11")}
    assert states(tmp_path / "bare", "rights", bare, "--isolate", "isolcpus") == {
        "realtime priority": "differs", "nice limit": "differs", "CAP_SYS_NICE": "differs"}


def test_isolcpus_under_threads_that_share_cpus_differs(tmp_path: Path) -> None:
    found = states(tmp_path, "roaming", {"sys/devices/system/cpu/isolated": "3-4,7-8"})
    assert found["CPUs without load balancing under the threads of asio.net"] == "differs"
    assert "CPUs without load balancing under the blocking threads of asio.file" not in found


@pytest.mark.parametrize("path", [
    "sys/devices/system/cpu/online", "sys/devices/system/cpu/nohz_full", "proc/cmdline", "proc/self/limits",
    "proc/irq/default_smp_affinity", f"{PARTITION}cpuset.cpus.partition",
])
@pytest.mark.parametrize("text", [None, "garbage"])
def test_a_file_that_does_not_say_is_named(path: str, text: str | None, tmp_path: Path) -> None:
    outcome = check(tmp_path, "pinned", {**PINNED, path: text})
    assert outcome.status == 1 and outcome.err == ""
    if text is None:
        assert f"/{path}: No such file or directory" in outcome.out and "unknown  " in outcome.out
    else:
        assert f"/{path.removesuffix('/cpuset.cpus.partition')}" in outcome.out


def test_a_process_is_looked_at_in_its_own_cgroup_or_above(tmp_path: Path) -> None:
    files: Files = {
        **PINNED, f"{PARTITION}cpuset.cpus.partition": None, f"{PARTITION}cpuset.cpus.effective": None,
        **hosts.threads(42, "1-3"), "proc/42/limits": hosts.limits(), "proc/42/cgroup": "0::/md.service/a\n",
        "sys/fs/cgroup/md.service/a/cpuset.cpus.partition": "member",
        "sys/fs/cgroup/md.service/cpuset.cpus.partition": "isolated",
        "sys/fs/cgroup/md.service/cpuset.cpus.effective": "1-3",
    }
    outcome = check(tmp_path, "pinned", files, "--pid", "42")
    assert outcome.status == 0, outcome.out
    assert "cpuset partition: isolated with 1-3 (/sys/fs/cgroup/md.service)\n" in outcome.out
    assert "CPUs allowed to process 42: 1-3\n" in outcome.out
    assert "/proc/43/task: No such file or directory" in check(tmp_path, "pinned", files, "--pid", "43").out
    for text in (None, "CapEff:\tzz\n"):
        outcome = check(tmp_path / str(bool(text)), "pinned", {**files, "proc/42/task/42/status": text}, "--pid", "42")
        assert outcome.status == 1
        assert "unknown  CPUs allowed to process 42: wanted 1-3; /proc/42/task" in outcome.out
    hybrid: Files = {**files, "proc/42/cgroup": "3:cpuset:/\n"}
    assert "/proc/42/cgroup: names no cgroup v2" in check(tmp_path, "pinned", hybrid, "--pid", "42").out


@pytest.mark.parametrize("masks, state, found", [
    (["1", "2", "3"], "ok", "1-3"),  # main() stays on [process] cores, each worker on its own
    (["1-3"], "ok", "1-3"),  # not started yet
    (["1", "2"], "differs", "1-2"),
])
def test_the_threads_of_a_running_process_have_its_cpus_between_them(
    masks: list[str], state: str, found: str, tmp_path: Path,
) -> None:
    outcome = check(tmp_path, "pinned", {**PINNED, **hosts.threads(42, *masks)}, "--json", "--pid", "42")
    assert [(finding["state"], finding["found"]) for finding in json.loads(outcome.out)["findings"]
            if finding["subject"] == "CPUs allowed to process 42"] == [(state, found)]


def test_cpus_that_a_pool_keeps_for_later_may_have_no_thread(tmp_path: Path) -> None:
    """Those of managed threads, and beyond the threads of a pool."""
    text = """topology.name = "md"
process.cores = "0"
native.spawner = { cores = "1-2", threads = 0, max_threads = 2 }
native.few = { cores = "3-5", threads = 1 }
native.shared = { cores = "6-7", pin = "set", threads = 1 }
"""
    (tmp_path / "md.toml").write_text(text, encoding="utf-8")

    def states_with(*masks: str) -> list[str]:
        root = hosts.host(tmp_path / "-".join(masks), hosts.threads(42, *masks))
        arguments = ["deploy", "md.toml", "--check", "--json", "--pid", "42", "--root", str(root)]
        outcome = faults.run(arguments, folder=tmp_path)
        return [finding["state"] for finding in json.loads(outcome.out)["findings"]
                if finding["subject"] == "CPUs allowed to process 42"]

    assert states_with("0", "3", "6-7") == ["ok"]
    assert states_with("0", "3", "6") == ["differs"]


def test_a_shell_outside_the_partition_may_lack_its_cpus(tmp_path: Path) -> None:
    assert states(tmp_path, "pinned", {**PINNED, "proc/self/status": hosts.status("0,4-11")}) == {}


def test_parameters_may_say_all_and_the_last_cpu(tmp_path: Path) -> None:
    line = "isolcpus=managed_irq,1-N nohz_full=1-15 rcu_nocbs=all irqaffinity=0"
    assert states(tmp_path, "pinned", {**PINNED, "proc/cmdline": line}) == {}


def test_many_interrupts_are_counted(tmp_path: Path) -> None:
    many: dict[str, str | None] = {f"proc/irq/{number}/smp_affinity_list": "2" for number in range(30, 40)}
    assert "37 (2) and 2 more" in check(tmp_path, "pinned", {**PINNED, **many}).out


def test_the_running_host_can_be_compared() -> None:
    outcome = faults.run(["deploy", "pinned.toml", "--check"], folder=GOLDEN)
    assert outcome.status in (0, 1) and outcome.out.startswith("this host and pinned.toml: ") and not outcome.err


def test_lists_and_masks_are_read_as_the_kernel_writes_them() -> None:
    assert cpu_list("0-2,8") == {0, 1, 2, 8}
    assert cpu_list("0-7:2/4") == {0, 1, 4, 5}
    assert cpu_list("") == cpu_list("(null)") == frozenset()
    assert cpu_mask("3") == {0, 1}
    assert cpu_mask("1,00000002") == {1, 32}
    for text in ("a", "1-", "0-3:2", "3-2", "-1", "1,,2"):
        with pytest.raises(ValueError):
            cpu_list(text)
