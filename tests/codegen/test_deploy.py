"""`deploy`: the pieces of golden topologies, and that each is fit for the tool that reads it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import faults
import golden
from topologies import HEAD

GOLDEN = golden.FOLDER / "deploy"
CASES = sorted(path.stem for path in GOLDEN.glob("*.toml"))
FILES = {"kernel": "cmdline.txt", "systemd": "10-pinfold.conf", "cgroup": "cpuset.sh", "kubernetes": "kubernetes.yaml",
         "docker": "docker.txt"}

# Of systemd.exec(5), systemd.resource-control(5) and systemd.service(5).
DIRECTIVES = {"CPUAffinity", "AllowedCPUs", "Slice", "ExecStartPre", "LimitRTPRIO", "LimitRTTIME", "LimitNICE",
              "LimitMEMLOCK", "RestrictRealtime", "AmbientCapabilities", "TasksMax"}


def deploy(case: str, *arguments: str) -> faults.Outcome:
    outcome = faults.run(["deploy", f"{case}.toml", *arguments], folder=GOLDEN)
    assert ": error[" not in outcome.err
    return outcome


def deployed(folder: Path, text: str, *arguments: str) -> str:
    (folder / "md.toml").write_text(HEAD + text, encoding="utf-8")
    outcome = faults.run(["deploy", "md.toml", *arguments], folder=folder)
    assert outcome.status == 0, outcome.err
    return outcome.out


@pytest.mark.parametrize("case", CASES)
def test_out_writes_the_golden_files(case: str, tmp_path: Path) -> None:
    assert deploy(case, "--out", str(tmp_path)).status == 0
    golden.assert_same_folder(tmp_path, GOLDEN / case)
    assert os.access(tmp_path / "cpuset.sh", os.X_OK)


@pytest.mark.parametrize("case", CASES)
def test_one_piece_alone_is_the_file(case: str, tmp_path: Path) -> None:
    for name, file in FILES.items():
        path = GOLDEN / case / file
        assert deploy(case, "--only", name).out == (path.read_text(encoding="utf-8") if path.exists() else "")


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_the_readme_and_names_the_line_of_every_setting(case: str) -> None:
    page = deploy(case).out
    assert page == (GOLDEN / case / "README").read_text(encoding="utf-8")
    lines = (GOLDEN / f"{case}.toml").read_text(encoding="utf-8").splitlines()
    found = re.findall(rf"(\w+) \({case}\.toml:(\d+)\)", page)
    assert found
    for key, line in found:
        assert re.match(rf"{key}\b", lines[int(line) - 1]), (key, line)


@pytest.mark.parametrize("case", CASES)
def test_the_script_is_sound_shell(case: str) -> None:
    script = GOLDEN / case / "cpuset.sh"
    subprocess.run(["sh", "-n", script], check=True)
    subprocess.run(["shellcheck", script], check=True)


@pytest.mark.parametrize("case", CASES)
def test_the_drop_in_consists_of_directives_that_systemd_knows(case: str) -> None:
    text = (GOLDEN / case / "10-pinfold.conf").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines[0] == "[Service]"
    assert {line.split("=", 1)[0] for line in lines[1:]} <= DIRECTIVES


@pytest.mark.parametrize("case", CASES)
def test_the_drop_in_s_cpus_replace_those_of_the_unit(case: str) -> None:
    """Lists of CPUs add up over a unit and its drop-ins, until one is empty."""
    lines = (GOLDEN / case / "10-pinfold.conf").read_text(encoding="utf-8").splitlines()
    for name in ("CPUAffinity", "AllowedCPUs"):
        values = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
        assert len(values) == 2 and values[0] == "" and values[1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here to verify its drop-in")
@pytest.mark.parametrize("case", CASES)
def test_systemd_has_nothing_to_say_about_the_drop_in(case: str, tmp_path: Path) -> None:
    text = (GOLDEN / case / "10-pinfold.conf").read_text(encoding="utf-8")
    unit = tmp_path / "server.service"
    unit.write_text(f"{text}ExecStart=/bin/true\n", encoding="utf-8")
    outcome = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert str(unit) not in outcome.stderr


@pytest.mark.parametrize("case", CASES)
def test_the_pod_is_guaranteed_and_maps_the_topologys_cpus(case: str) -> None:
    pod = yaml.safe_load((GOLDEN / case / "kubernetes.yaml").read_text(encoding="utf-8"))
    container, = pod["spec"]["containers"]
    assert (pod["kind"], container["name"]) == ("Pod", case)
    assert container["resources"]["requests"] == container["resources"]["limits"]
    cpus = json.loads(deploy(case, "--json").out)["cpus"]["process"]
    first, last = map(int, cpus.split("-"))
    assert container["resources"]["limits"]["cpu"] == str(last - first + 1)
    echo = container["command"][2].replace("exec /usr/bin/PROGRAM", "echo $PINFOLD_CPU_MAP")
    mapped = subprocess.run([*container["command"][:2], echo], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(rf"{cpus}:[\d,-]+\n", mapped)


@pytest.mark.parametrize("text, capabilities", [
    ("[process]\nlock_memory = true\n", "cap_ipc_lock"),
    ("[native.b]\ncores = \"2\"\nnice = -1\n", "cap_sys_nice"),
    ("[process]\nlock_memory = true\n[native.b]\ncores = \"2\"\nnice = -1\n", "cap_sys_nice,cap_ipc_lock"),
])
def test_the_pod_says_how_a_program_that_is_not_root_gets_its_capabilities(
    text: str, capabilities: str, tmp_path: Path,
) -> None:
    pod = deployed(tmp_path, text + '[native.a]\ncores = "1"\n', "--only", "kubernetes")
    assert f"setcap {capabilities}+ep PROGRAM" in " ".join(pod.replace("#", " ").split())


def test_json_holds_every_setting_with_its_place() -> None:
    data = json.loads(deploy("pinned", "--json").out)
    assert data["format"] == 1 and data["topology"] == "pinned"
    kernel = next(piece for piece in data["pieces"] if piece["name"] == "kernel")
    assert kernel["settings"][1]["name"] == "nohz_full"
    assert {"table": "native.feed", "keys": [["exclusive", "pinned.toml:11"], ["idle", "pinned.toml:12"],
                                             ["cores", "pinned.toml:10"]]} in kernel["settings"][1]["why"]


def test_the_kernels_remarks_go_to_stderr_when_the_line_is_alone() -> None:
    outcome = deploy("roaming", "--only", "kernel", "--isolate", "isolcpus")
    assert outcome.out == ("isolcpus=managed_irq,domain,7-8 nohz_full=7-8 rcu_nocbs=2-8 irqaffinity=0-1,9-11\n")
    assert "pinfold: note: CPUs 2-6 cannot be in isolcpus: the threads of asio.net share 2-4" in outcome.err


def test_threads_that_share_a_set_forbid_isolcpus_and_an_isolated_partition(tmp_path: Path) -> None:
    pool = '[process]\ncores = "0"\n[asio.a]\ncores = "1-2"\nexclusive = true\npin = "{}"\n'
    for pin, state in (("thread", "isolated"), ("set", "root")):
        text = pool.format(pin)
        assert f"\npartition={state}\n" in deployed(tmp_path, text, "--only", "cgroup", "--cpus", "0-3")
        line = deployed(tmp_path, text, "--only", "kernel", "--isolate", "isolcpus")
        assert ("domain" in line) == (pin == "thread")


def test_threads_that_no_pool_owns_count_as_sharing(tmp_path: Path) -> None:
    pool = '[asio.a]\ncores = "1-2"\nexclusive = true\n'
    text = deployed(tmp_path, pool, "--only", "cgroup", "--cpus", "0-3")
    assert "\npartition=root\n" in text and "threads that no pool owns share all CPUs of the process" in text


def test_a_cpu_that_two_pools_use_keeps_its_tick(tmp_path: Path) -> None:
    pools = ('[process]\ncores = "0"\n[native.a]\ncores = "1-2"\nidle = "busy"\n'
             '[native.b]\ncores = "2"\npolicy = "fifo"\npriority = 3\n')
    assert "nohz_full=1 rcu_nocbs=1-2" in deployed(tmp_path, pools, "--only", "kernel")


@pytest.mark.parametrize("pool, tickless", [
    ('[asio]\na = { cores = "1", exclusive = true, blocking_threads = 2 }', ""),
    ('[asio]\na = { cores = "1-2", exclusive = true, threads = 1, blocking_threads = 1 }', "1-2"),
    ('[asio]\na = { cores = "1-2", exclusive = true, threads = 1, blocking_threads = 2 }', "1"),
    ('[native]\na = { cores = "1", exclusive = true, pin = "set", threads = 4 }', ""),
    ('[native]\na = { cores = "1", exclusive = true, pin = "set", threads = 1 }', "1"),
    ('[native]\na = { cores = "1-3", exclusive = true, threads = 1, max_threads = 2 }', "1-3"),
    ('[native]\na = { cores = "1-3", exclusive = true, threads = 1, max_threads = 3 }', "2-3"),
    ('[native]\na = { cores = "1-3", exclusive = true, threads = 2 }', "1-2"),
])
def test_the_tick_stops_where_exactly_one_thread_runs(pool: str, tickless: str, tmp_path: Path) -> None:
    line = deployed(tmp_path, f'[process]\ncores = "0"\n{pool}\n', "--only", "kernel", "--cpus", "0-7")
    assert re.findall(r"nohz_full=(\S+)", line) == ([tickless] if tickless else [])


@pytest.mark.parametrize("cpus, isolate, left, few", [
    ("0-7", "partition", "0,4-7", False),
    ("0-7", "isolcpus", "0-1,4-7", False),  # 2-3 are dedicated
    ("0-3", "partition", "0", True),
    ("0-31", "partition", "0,4-31", False),
])
def test_a_partition_takes_all_cpus_of_the_process_from_others(
    cpus: str, isolate: str, left: str, few: bool, tmp_path: Path,
) -> None:
    pools = '[process]\ncores = "1"\n[native.a]\ncores = "2-3"\nexclusive = true\n'
    page = deployed(tmp_path, pools, "--cpus", cpus, "--isolate", isolate)
    assert re.search(rf"^  left to other processes  {left} +of {cpus}$", page, re.MULTILINE)
    assert re.search(r"^  left to interrupts +0-1(,\S+)? +of", page, re.MULTILINE)
    assert ("and leaves them CPU 0" in page) == few


def test_interrupts_go_to_all_cpus_of_the_host_that_are_not_isolated(tmp_path: Path) -> None:
    pool = '[process]\ncores = "0"\n[native.a]\ncores = "1"\nidle = "busy"\n'
    assert deployed(tmp_path, pool, "--only", "kernel").endswith("irqaffinity=0\n")
    assert deployed(tmp_path, pool, "--only", "kernel", "--cpus", "0-7").endswith("irqaffinity=0,2-7\n")


def test_the_topologys_machine_says_which_cpus_the_host_has_and_which_share_a_core(tmp_path: Path) -> None:
    machine = GOLDEN.parents[2] / "topology/machines/two_packages.xml"
    pool = f'machine = "{machine}"\n[process]\ncores = "0"\n[native.a]\ncores = "1-2"\nidle = "busy"\n'
    page = deployed(tmp_path, pool)
    assert "irqaffinity=0,3-127\n" in page and "CPUs 65-66 share cores with isolated CPUs" in page
    assert "only multiples of 2 CPUs: ask for" in page
    assert "irqaffinity=0,3\n" in deployed(tmp_path, pool, "--only", "kernel", "--cpus", "0-3")


def test_deadline_threads_get_a_partition_without_isolated_cpus(tmp_path: Path) -> None:
    pools = ('[process]\ncpuset = "1-2"\n[native.a]\nthreads = 1\npolicy = "deadline"\n'
             'deadline = { runtime_us = 1, deadline_us = 5, period_us = 9 }\n').replace("= 1,", "= 2,")
    drop_in = deployed(tmp_path, pools, "--only", "systemd")
    assert "echo root >" in drop_in and "AmbientCapabilities=CAP_SYS_NICE" in drop_in
    assert deployed(tmp_path, pools, "--only", "kernel") == ""


def test_a_topology_without_cpus_asks_only_for_threads(tmp_path: Path) -> None:
    page = deployed(tmp_path, "[asio.a]\nthreads = 2\n")
    assert "CPUAffinity" not in page and "TasksMax=66" in page and page.count("nothing is needed") == 3


def test_faulty_input_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "md.toml").write_text(HEAD + "[asio.a]\nthreads = 2\n", encoding="utf-8")
    for arguments, message in (
        (["--cpus", "0-x"], "--cpus takes a list like 0-15,32-47, not '0-x'"),
        (["--cpus", ""], "--cpus takes a list like 0-15,32-47, not ''"),
        (["--json", "--only", "kernel"], "--json prints everything, so it goes with neither --only nor --out"),
        (["--pid", "1"], "--pid and --root say what --check looks at, and it is not given"),
        (["--out", "md.toml"], "cannot write md.toml: File exists"),
    ):
        outcome = faults.run(["deploy", "md.toml", *arguments], folder=tmp_path)
        assert (outcome.status, outcome.out, outcome.err) == (2, "", f"pinfold: {message}\n")


def test_a_faulty_topology_deploys_nothing(tmp_path: Path) -> None:
    (tmp_path / "md.toml").write_text(HEAD + "[asio.a]\n", encoding="utf-8")
    outcome = faults.run(["deploy", "md.toml", "--out", "out"], folder=tmp_path)
    assert outcome.status == 1 and "PF031" in outcome.err and not (tmp_path / "out").exists()
