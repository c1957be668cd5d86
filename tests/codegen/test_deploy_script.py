"""The cpuset script, run on folders that look like a cgroup hierarchy."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "golden/deploy/roaming/cpuset.sh"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    group = tmp_path / "pinfold-roaming"
    group.mkdir()
    for path, text in {
        tmp_path / "cgroup.controllers": "cpuset cpu io memory pids",
        tmp_path / "cgroup.subtree_control": "cpu memory pids",
        group / "cpuset.cpus": "",
        group / "cpuset.cpus.partition": "member",
        group / "cgroup.procs": "",
    }.items():
        path.write_text(f"{text}\n", encoding="utf-8")
    return tmp_path


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", SCRIPT, *arguments], env={**os.environ, "CGROUP_ROOT": str(root)}, text=True,
                          capture_output=True)


def state(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8").strip() for path in (root / "pinfold-roaming").iterdir()}


def test_the_script_makes_the_partition_and_may_run_again(root: Path) -> None:
    for _ in range(2):
        outcome = run(root)
        assert (outcome.returncode, outcome.stderr) == (0, "")
        assert outcome.stdout == f"{root}/pinfold-roaming: cpuset.cpus 1-10, partition root\n"
        assert state(root) == {"cpuset.cpus": "1-10", "cpuset.cpus.partition": "root", "cgroup.procs": ""}
    assert (root / "cgroup.subtree_control").read_text(encoding="utf-8") == "+cpuset\n"


def test_the_script_moves_processes(root: Path) -> None:
    assert run(root, "4711").returncode == 0
    assert state(root)["cgroup.procs"] == "4711"


def test_the_script_says_what_the_kernel_made_of_the_partition(root: Path) -> None:
    file = root / "pinfold-roaming/cpuset.cpus.partition"
    file.unlink()
    file.symlink_to("/dev/null")
    outcome = run(root)
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr == f"cpuset.sh: {root}/pinfold-roaming wants to be 'root' and is ''\n"


def test_the_script_names_what_is_missing(root: Path) -> None:
    (root / "pinfold-roaming/cpuset.cpus").unlink()
    assert run(root).stderr == (f"cpuset.sh: {root}/pinfold-roaming/cpuset.cpus is missing: the kernel has no such"
                                " setting\n")
    (root / "cgroup.controllers").write_text("hugetlb\n", encoding="utf-8")
    assert "cgroup.controllers has no cpuset" in run(root).stderr
    (root / "cgroup.controllers").unlink()
    assert "is no cgroup v2 hierarchy" in run(root).stderr


def test_the_script_takes_the_group_away_once(root: Path) -> None:
    assert "cannot be removed" in run(root, "--remove").stderr
    for path in (root / "pinfold-roaming").iterdir():
        path.unlink()
    for _ in range(2):
        assert run(root, "--remove").returncode == 0
    assert not (root / "pinfold-roaming").exists()
