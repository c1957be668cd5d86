"""`diff`: what it finds, what it says, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import faults
from codegen import version
from topologies import HEAD

MACHINE = Path(__file__).resolve().parents[2] / "topology/machines/two_packages.xml"
PINFOLD = Path(__file__).resolve().parents[2] / "codegen/pinfold"
BASE = HEAD + """
[process]
cores = "0"
[cores]
io = "1-4"
[asio.net]
cores = "io"
[asio.file]
cores = "5"
[tbb.verify]
cores = "8-11"
[aliases.asio]
gossip = "file"
"""
PROD = """
[topology]
on_failure = "degrade"
[process]
lock_memory = true
[cores]
io = "1-3"
[asio.file]
enabled = false
fallback = "net"
[tbb.verify]
cores = "4,8-11"
policy = "batch"
[native.extra]
threads = 2
"""
EXPECTED = """\
topology
  on_failure  fail (default) -> degrade (prod.toml:3)

process
  lock_memory  false (default) -> true (prod.toml:5)

core sets
  io  1-4 (md.toml:7) -> 1-3 (prod.toml:7)

pools
  ~ asio.net
      cores      1-4 (md.toml:9; io: md.toml:7) -> 1-3 (md.toml:9; io: prod.toml:7)
      threads    4 (number of cores) -> 3 (number of cores)
      cpus lost  4
  - asio.file  disabled
      cpus lost  5
  ~ tbb.verify
      cores        8-11 (md.toml:13) -> 4,8-11 (prod.toml:12)
      threads      4 (number of cores) -> 5 (number of cores)
      policy       other (default) -> batch (prod.toml:13)
      cpus gained  4
  + native.extra  prod.toml:14

cpus
  cpu 4  asio.net -> tbb.verify
  cpu 5  asio.file -> no pool

names
  asio.file     asio.file -> asio.net
  asio.gossip   asio.file -> asio.net
  native.extra  none -> native.extra
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "md.toml").write_text(BASE, encoding="utf-8")
    (tmp_path / "prod.toml").write_text(PROD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("x = 1\n", encoding="utf-8")
    return tmp_path


def diff(folder: Path, *arguments: str, environment: str = "") -> faults.Outcome:
    return faults.run(["diff", *arguments], folder=folder, environment=environment)


def generated(folder: Path, *arguments: str) -> str:
    assert faults.run(["generate", "md.toml", *arguments, "--out", "out"], folder=folder).status == 0
    return "out/md/topology.json"


def test_a_topology_without_and_with_its_layers(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "--overlay", "prod.toml")
    assert (outcome.status, outcome.out, outcome.err) == (1, EXPECTED, "")


def test_the_other_way_round_pools_come_back(folder: Path) -> None:
    outcome = diff(folder, generated(folder, "--overlay", "prod.toml"), "md.toml")
    assert outcome.status == 1
    assert "  + asio.file  was disabled; md.toml:10\n      cpus gained  5\n" in outcome.out
    assert "  - native.extra  not declared\n" in outcome.out
    assert "cpu 4  tbb.verify -> asio.net\n" in outcome.out


def test_equal_layouts_print_nothing_and_exit_with_0(folder: Path) -> None:
    text = BASE.replace('"io"', "[1, 2, 3, 4]").replace("\n[", "\n\n# a comment\n[")
    (folder / "same.toml").write_text(text, encoding="utf-8")
    for other in ("same.toml", generated(folder), "md.toml"):
        outcome = diff(folder, "md.toml", other)
        assert (outcome.status, outcome.out, outcome.err) == (0, "", ""), other


def test_layers_belong_to_the_second_topology(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "md.toml", "--set", "asio.net.idle=busy")
    assert (outcome.status, outcome.out) == (1, "pools\n  ~ asio.net\n      idle  park (default) -> busy (--set)\n")
    outcome = diff(folder, "md.toml", "--base-overlay", "prod.toml", "--set", "asio.net.idle=busy")
    assert outcome.out == "pools\n  ~ asio.net\n      idle  park (default) -> busy (--set)\n"


def test_the_environment_counts_for_both_sides(folder: Path) -> None:
    assert diff(folder, "md.toml", "md.toml", environment="asio.net.idle=busy").status == 0
    outcome = diff(folder, generated(folder), "md.toml", environment="asio.net.idle=busy")
    assert outcome.out == "pools\n  ~ asio.net\n      idle  park (default) -> busy (PINFOLD_SET)\n"
    assert diff(folder, generated(folder), "md.toml", "--no-environment", environment="asio.net.idle=busy").status == 0


def test_the_order_of_cores_and_of_start_counts(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "--set", "asio.net.cores=4,1-3")
    assert outcome.out == "pools\n  ~ asio.net\n      cores  1-4 (md.toml:9; io: md.toml:7) -> 4,1-3 (--set)\n"
    (folder / "turned.toml").write_text(HEAD + "[tbb.a]\nthreads = 1\n[tbb.b]\nthreads = 1\n", encoding="utf-8")
    (folder / "straight.toml").write_text(HEAD + "[tbb.b]\nthreads = 1\n[tbb.a]\nthreads = 1\n", encoding="utf-8")
    outcome = diff(folder, "turned.toml", "straight.toml")
    assert (outcome.status, outcome.out) == (1, "order of start\n  pools  tbb.a, tbb.b -> tbb.b, tbb.a\n")


def test_another_machine_is_a_difference(folder: Path) -> None:
    machine = os.path.relpath(MACHINE, folder)
    outcome = diff(folder, "md.toml", "--set", f"topology.machine={machine}")
    assert outcome.out == f"topology\n  machine  none (default) -> {machine} (--set)\n"


def test_a_core_set_that_only_one_side_has_is_written_there(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "--set", "cores.spare=20", "--set", "tbb.verify.cores=8-11,!spare")
    assert "core sets\n  spare  none -> 20 (--set)\n" in outcome.out


def test_a_name_that_leads_elsewhere_is_a_difference(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "--set", "aliases.asio.gossip=net")
    assert outcome.out == "names\n  asio.gossip  asio.file -> asio.net\n"


def test_json_has_what_the_text_has(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "--overlay", "prod.toml", "--json")
    found = json.loads(outcome.out)
    assert outcome.status == 1 and not found["same"]
    assert found["process"] == [
        {"key": "lock_memory", "old": False, "new": True, "old_from": "default", "new_from": "prod.toml:5"}]
    assert [(pool["pool"], pool["change"], pool["gained"], pool["lost"]) for pool in found["pools"]] == [
        ("asio.net", "changed", [], [4]), ("asio.file", "removed", [], [5]), ("tbb.verify", "changed", [4], []),
        ("native.extra", "added", [], [])]
    assert found["cpus"][0] == {"cpus": [4], "old": ["asio.net"], "new": ["tbb.verify"]}
    assert json.loads(diff(folder, "md.toml", "md.toml", "--json").out)["same"]


def test_errors_of_either_side_are_reported_as_check_does(folder: Path) -> None:
    for arguments in (["bad.toml", "md.toml"], ["md.toml", "bad.toml"]):
        outcome = diff(folder, *arguments)
        assert (outcome.status, outcome.out) == (2, "")
        assert outcome.err == faults.run(["check", "bad.toml"], folder=folder).err
    outcome = diff(folder, "md.toml", "--overlay", "bad.toml")
    assert outcome.status == 2 and outcome.err.startswith("bad.toml:1:1: error[PF006]")


@pytest.mark.parametrize(("arguments", "text"), [
    (["md.toml"], "diff needs a second topology, or layers over the first one: --overlay FILE or --set KEY=VALUE"),
    (["md.toml", "empty.json"], "empty.json: it is not JSON: Expecting value: line 1 column 1 (char 0)"),
    (["md.toml", "other.json"],
     "other.json: it is JSON, but not a resolved topology: it has no member 'format'"),
    (["md.toml", "later.json"], "later.json: pinfold of an unknown version wrote it in format 9, and pinfold "
     f"{version.text()} reads format 1: use the pinfold that wrote it"),
    (["md.toml", "resolved.json", "--set", "a.b=1"],
     "resolved.json is resolved already; layers need the topology that it was made of"),
])
def test_what_cannot_be_compared_is_said(folder: Path, arguments: list[str], text: str) -> None:
    (folder / "empty.json").write_text("", encoding="utf-8")
    (folder / "other.json").write_text("[]", encoding="utf-8")
    (folder / "resolved.json").write_bytes((folder / generated(folder)).read_bytes())
    (folder / "later.json").write_text('{"format": 9}', encoding="utf-8")
    outcome = diff(folder, *arguments)
    assert (outcome.status, outcome.out, outcome.err) == (2, "", f"pinfold: {text}\n")


def test_the_options_of_other_commands_hold_for_both_sides(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "bad.toml", "--absolute")
    assert outcome.err.startswith(f"{folder}/bad.toml:1:1: error[PF006]")
    outcome = diff(folder, "md.toml", "--set", 'topology.machine="host"', "--cross-compiling")
    assert outcome.status == 2 and "error[PF076]" in outcome.err


def test_a_file_that_is_missing_is_reported_as_check_does(folder: Path) -> None:
    outcome = diff(folder, "md.toml", "none.json")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("none.json:1:1: error[PF001]: cannot read the file: no such file or directory\n")


JSON_VALUES: st.SearchStrategy[Any] = st.sampled_from([
    None, True, 0, -1, 9, 2.5, "", "x\ny", [], [1], ["a"], [[1]], {}, {"a": 1}])


@pytest.fixture(scope="module")
def damage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the topology, and its JSON."""
    folder = tmp_path_factory.mktemp("damage")
    (folder / "md.toml").write_text(BASE, encoding="utf-8")
    return folder, (folder / generated(folder)).read_text(encoding="utf-8")


@settings(max_examples=600, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_json_file_is_compared_or_refused(damage: tuple[Path, str], data: st.DataObject) -> None:
    folder, text = damage
    (folder / "damaged.json").write_text(json.dumps(damaged(json.loads(text), data)), encoding="utf-8")
    outcome = diff(folder, "md.toml", "damaged.json")
    assert outcome.status in (0, 1) and not outcome.err or outcome.status == 2 and outcome.err.count("\n") == 1


def damaged(value: Any, data: st.DataObject) -> Any:
    """One value somewhere in it replaced, or lost."""
    if not isinstance(value, (dict, list)) or not value or data.draw(st.integers(0, 5)) == 5:
        return data.draw(JSON_VALUES)
    key = data.draw(st.sampled_from(sorted(value))) if isinstance(value, dict) else data.draw(
        st.integers(0, len(value) - 1))
    if data.draw(st.integers(0, 9)) == 9:
        del value[key]
    else:
        value[key] = damaged(value[key], data)
    return value


def through_pipes(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=folder, env={**os.environ, "P": str(PINFOLD)}, text=True,
                          capture_output=True, timeout=60)


@pytest.mark.parametrize("command", [
    '"$P" diff <(cat md.toml) md.toml', '"$P" diff md.toml <(cat md.toml)', '"$P" diff <(cat md.toml) <(cat md.toml)',
    '"$P" diff <(cat out/md/topology.json) md.toml',
])
def test_pipes_are_compared_as_the_files_are(folder: Path, command: str) -> None:
    generated(folder)
    outcome = through_pipes(folder, command)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_a_pipe_is_read_once_for_both_sides(folder: Path) -> None:
    outcome = through_pipes(folder, '"$P" diff <(cat md.toml) --set process.lock_memory=true')
    assert outcome.returncode == 1 and "lock_memory" in outcome.stdout, outcome.stderr


def test_a_pipe_is_shown_and_a_binary_in_one_refused(folder: Path) -> None:
    assert through_pipes(folder, '"$P" show --json /dev/stdin <md.toml').returncode == 0
    assert through_pipes(folder, 'cat md.toml | "$P" show --json /dev/stdin').returncode == 0
    outcome = through_pipes(folder, '"$P" show <(cat /bin/true)')
    assert outcome.returncode == 2 and outcome.stderr.endswith("it is a binary in a pipe: name its file\n")
