"""Topologies for a described machine: what they may name, and what take and rest choose."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import faults
import topologies
from codegen import reference
from codegen.diagnostics import render

MACHINES = Path(__file__).resolve().parent.parent.parent / "topology/machines"
FILES = sorted(MACHINES.glob("*.xml"))


def head(machine: str, process: str = "") -> str:
    return f'{topologies.HEAD}machine = "{MACHINES / machine}.xml"\n[process]\n{process}\n'


def cores(folder: Path, machine: str, expression: str, process: str = "") -> tuple[int, ...]:
    text = head(machine, process) + f'[native.only]\ncores = "{expression}"\npin = "thread"\n'
    return topologies.topology(folder, text).pools[0].cores


@pytest.mark.parametrize(("machine", "location", "cpus"), [
    ("two_packages", "numa:1", [*range(32, 64), *range(96, 128)]),
    ("two_packages", "package:0.core:0-3.pu:0", [0, 1, 2, 3]),
    ("two_packages", "l3:1", [*range(8, 16), *range(72, 80)]),
    ("two_packages", "package:all.core:0-1", [0, 1, 64, 65, 32, 33, 96, 97]),
    ("eight_nodes", "numa:7", list(range(56, 64))),
    ("hybrid", "cpukind:0", list(range(8, 16))),
    ("hybrid", "cpukind:1", [0, 2, 4, 6, 1, 3, 5, 7]),
    ("devices", "os=cuda0", [*range(8, 16), *range(24, 32)]),
    ("devices", "pci=0000:3b:00.0", [*range(8), *range(16, 24)]),
    ("partial", "package:0", [1, 2, 4, 3, 5]),
])
def test_a_location_selects_its_usable_cpus_one_of_each_core_first(
    tmp_path: Path, machine: str, location: str, cpus: list[int],
) -> None:
    assert list(cores(tmp_path, machine, f"hw:{location}")) == cpus


def refused(folder: Path, machine: str, location: str) -> str:
    """The remedy."""
    _, problems = topologies.attempt(folder, head(machine) + f'[native.only]\ncores = "hw:{location}"\n')
    assert [problem.id for problem in problems] == ["PF029"], location
    return next(problem.help or "" for problem in problems)


@pytest.mark.parametrize("kind", ["junk", "0.core:0-1", "0-1", "all", "1junk", "-1", "=", "x=", ""])
def test_a_kind_of_cpus_is_a_number_or_an_info(tmp_path: Path, kind: str) -> None:
    assert refused(tmp_path, "hybrid", f"cpukind:{kind}").startswith("a kind of CPUs is named alone")


def test_a_kind_of_cpus_is_found_by_its_info(tmp_path: Path) -> None:
    assert cores(tmp_path, "hybrid", "hw:cpukind:CoreType=IntelAtom") == tuple(range(8, 16))
    assert refused(tmp_path, "hybrid", "cpukind:CoreType=Other") == "it has cpukind:0 to cpukind:1"
    assert refused(tmp_path, "two_cpus", "cpukind:0") == "it has no cpukind at all"


@pytest.mark.parametrize(("location", "help"), [
    ("core=3", "did you mean 'core:3'?"),
    ("numa:0.core=3", "did you mean 'numa:0.core:3'?"),
    ("core=3-1", "the range 3-1 is reversed: write 1-3"),
    ("core=4294967297", "it has core:0 to core:15"),
    ("core=0-4000000000", "it has core:0 to core:15"),
])
def test_an_equals_sign_is_for_devices(tmp_path: Path, location: str, help: str) -> None:
    assert refused(tmp_path, "devices", location) == help


@pytest.mark.parametrize("location", ["os=eth0", "OS=eth0", "osdev=eth0", "net=eth0", "pci=0000:3b:00.0", "os[net]:0"])
def test_a_device_has_several_names(tmp_path: Path, location: str) -> None:
    assert cores(tmp_path, "devices", f"hw:{location}") == (*range(8), *range(16, 24))


@pytest.mark.parametrize(("location", "help"), [
    ("core:14:4", "it has core:0 to core:15"),
    ("numa:1.core:6:4", "'numa:1' has core:0 to core:7"),
    ("package:all.core:30:4", "not every object of 'package:all' has 'core:30:4'"),
    ("core:3:0", "3:0 names no object"),
    ("numa:0.core:9-", "'numa:0' has core:0 to core:7"),
    ("os:4-9", "it has os:0 to os:5"),
    ("os:4:9", "it has os:0 to os:5"),
    ("gpu:0", "devices of one type are counted as hw:os[gpu]:0, or named: hw:os=eth0"),
    ("0x3", "CPUs are named by their numbers, not by a mask: 0-3"),
])
def test_all_objects_of_a_range_are_there(tmp_path: Path, location: str, help: str) -> None:
    assert refused(tmp_path, "devices", location) == help


@pytest.mark.parametrize(("location", "cpus"), [
    ("core:12:4", [12, 13, 14, 15, 28, 29, 30, 31]),
    ("numa:1.core:6-", [14, 15, 30, 31]),
    ("os:5:1", [*range(8, 16), *range(24, 32)]),
])
def test_a_range_may_reach_to_the_end(tmp_path: Path, location: str, cpus: list[int]) -> None:
    assert list(cores(tmp_path, "devices", f"hw:{location}"))[:len(cpus)] == cpus


@pytest.mark.parametrize(("machine", "location", "help"), [
    ("two_packages", "numa:1.core:60-70", "'numa:1' has core:0 to core:31"),
    ("two_packages", "numa:2.core:0", "it has numa:0 to numa:1"),
    ("hybrid", "core:8.pu:1", "'core:8' has pu:0"),
    ("hybrid", "core:0-11.pu:1", "not every object of 'core:0-11' has 'pu:1'"),
    ("eight_nodes", "9:0-2", "a level is named by what it consists of: numa:0, core:0 or pu:0"),
    ("devices", "core:0.numa:0", "numa is not below 'core:0', but above it"),
    ("devices", "os=eth0.core:0", "what is near a device cannot be narrowed: write hw:os=eth0"),
])
def test_advice_is_about_the_step_that_is_missing(tmp_path: Path, machine: str, location: str, help: str) -> None:
    assert refused(tmp_path, machine, location) == help


def test_a_location_may_be_removed_and_may_make_up_a_set_and_the_cpuset(tmp_path: Path) -> None:
    assert cores(tmp_path, "hybrid", "0-9,!hw:cpukind:0") == tuple(range(8))
    text = head("devices", 'cpuset = "hw:numa:0"') + '[cores]\nnear = "hw:os=eth0,!0,!16"\n[asio.net]\ncores = "near"\n'
    net = topologies.topology(tmp_path, text + '[tbb.rest]\ncores = "rest"\n').pools
    assert net[0].cores == (*range(1, 8), *range(17, 24))
    assert net[1].cores == (0, 16)


@pytest.mark.parametrize(("expression", "cpus"), [
    ("take:4", (0, 1, 64, 65)),
    ("take:3", (0, 1, 64)),
    ("take:80", (*range(32), *range(64, 96), *range(32, 40), *range(96, 104))),
])
def test_take_gives_whole_cores_of_one_node_one_cpu_of_each_first(
    tmp_path: Path, expression: str, cpus: tuple[int, ...],
) -> None:
    assert cores(tmp_path, "two_packages", expression) == cpus


@pytest.mark.parametrize(("expression", "cpus", "reason"), [
    ("0,take:1", (0, 64), "64: 1 CPU beside the pool's own of NUMA node 0"),
    ("5,take:1", (5, 69), "69: 1 CPU beside the pool's own of NUMA node 0"),
    ("take:1,take:1", (0, 64),
     "0: 1 CPU of shared cores of NUMA node 0, 64: 1 CPU beside the pool's own of NUMA node 0"),
    ("40,take:5", (40, 104, 41, 42, 105, 106),
     "104,41-42,105-106: 2 whole cores and 1 CPU beside the pool's own of NUMA node 1"),
])
def test_take_completes_the_cores_that_the_pool_has_already(
    tmp_path: Path, expression: str, cpus: tuple[int, ...], reason: str,
) -> None:
    text = head("two_packages") + f'[native.only]\ncores = "{expression}"\n'
    found = topologies.topology(tmp_path, text).pools[0]
    assert (found.cores, found.origins["cores"].note) == (cpus, reason)


def test_take_mixes_no_kinds_of_cpus_and_prefers_the_powerful(tmp_path: Path) -> None:
    text = head("hybrid") + '[asio.a]\ncores = "take:4"\n[tbb.b]\ncores = "take:6"\n[tbb.c]\ncores = "rest"\n'
    found = topologies.topology(tmp_path, text).pools
    assert [(pool.cores, pool.origins["cores"].note.partition(": ")[2]) for pool in found] == [
        ((0, 2, 1, 3), "2 whole cores of kind IntelCore"),
        ((8, 9, 10, 11, 12, 13), "6 whole cores of kind IntelAtom"),
        ((4, 6, 14, 15, 5, 7), "4 whole cores of kinds IntelAtom, IntelCore")]


def test_take_straddles_no_caches_while_one_has_enough(tmp_path: Path) -> None:
    text = head("two_packages") + '[asio.a]\ncores = "take:8"\n[tbb.b]\ncores = "take:12"\n[tbb.c]\ncores = "take:8"\n'
    assert [pool.cores for pool in topologies.topology(tmp_path, text).pools] == [
        (*range(4), *range(64, 68)), (*range(8, 14), *range(72, 78)), (*range(4, 8), *range(68, 72))]


def test_take_leaves_large_blocks_to_those_who_need_them(tmp_path: Path) -> None:
    pools = [f'[native.{name}]\ncores = "take:{number}"\n' for name, number in (("a", 2), ("b", 6), ("c", 8), ("d", 2))]
    found = topologies.topology(tmp_path, head("eight_nodes") + "".join(pools))
    assert [pool.cores for pool in found.pools] == [(0, 1), tuple(range(2, 8)), tuple(range(8, 16)), (16, 17)]


def test_take_prefers_a_node_with_whole_cores_to_a_fuller_one_without(tmp_path: Path) -> None:
    text = head("devices") + '[native.odd]\ncores = "0-7"\n[native.next]\ncores = "take:2"\n'
    assert topologies.topology(tmp_path, text).pools[1].cores == (8, 24)


def test_pools_that_take_one_cpu_get_cores_of_their_own_while_there_are_any(tmp_path: Path) -> None:
    pools = "".join(f'[native.{name}]\ncores = "take:1"\n' for name in "abc")
    found = topologies.topology(tmp_path, head("hybrid", 'cpuset = "0-3"') + pools)
    assert [pool.cores for pool in found.pools] == [(0,), (2,), (1,)]


def test_rest_gives_all_that_is_left_in_the_machine(tmp_path: Path) -> None:
    text = head("devices") + '[native.some]\ncores = "0-6,16-22"\n[native.all]\ncores = "rest"\n'
    assert topologies.topology(tmp_path, text).pools[1].cores == (7, 23, *range(8, 16), *range(24, 32))


def test_the_report_and_the_header_say_why_these_cores(tmp_path: Path) -> None:
    (tmp_path / "md.toml").write_text(
        head("two_packages") + '[asio.net]\ncores = "take:5"\n[tbb.rest]\ncores = "rest"\n', encoding="utf-8")
    faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path)
    report = (tmp_path / "md/topology.txt").read_text(encoding="utf-8")
    assert 'cores "take:5" = 0-2,64-65: 2 whole cores and 1 CPU of shared cores of NUMA node 0 (md.toml:7)' in report
    assert "61 whole cores and 1 CPU of shared cores of NUMA nodes 0, 1" in report
    assert "2 whole cores and 1 CPU of shared cores" in (tmp_path / "md/topology.hpp").read_text(encoding="utf-8")


def test_the_json_document_describes_the_machine(tmp_path: Path) -> None:
    (tmp_path / "md.toml").write_text(head("devices") + "[native.a]\nthreads = 1\n", encoding="utf-8")
    faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path)
    machine = json.loads((tmp_path / "md/topology.json").read_text(encoding="utf-8"))["machine"]
    assert len(machine["cpus"]) == 32
    assert machine["cpus"][1] == [16, 0, 0, 0, 0, 0, 1]
    assert [device["name"] for device in machine["devices"] if device["type"] == "network"] == ["eth0", "eth1"]


def test_an_optional_pool_gives_way_where_the_machine_lacks_its_cores(tmp_path: Path) -> None:
    text = head("partial") + ('[native.big]\ncores = "5-7"\noptional = true\nfallback = "default"\n'
                              '[native.default]\ncores = "1"\n')
    found = topologies.topology(tmp_path, text)
    assert [pool.name for pool in found.pools] == ["default"]
    assert found.absent[0].reason == "needs cores 6-7; the machine has 1-5"


def test_siblings_of_pools_that_are_not_pinned_or_overlap_anyway_are_no_news(tmp_path: Path) -> None:
    text = head("devices") + '[native.a]\ncores = "0"\n[native.b]\ncores = "16"\npin = "none"\n'
    assert topologies.faults(tmp_path, text) == []
    text = head("devices") + '[native.a]\ncores = "0,16"\n[native.b]\ncores = "16"\n'
    assert [fault[:5] for fault in topologies.faults(tmp_path, text)] == ["PF050"]


def test_split_cores_are_one_warning_however_many_pools_share_them(tmp_path: Path) -> None:
    text = head("two_packages") + "".join(f'[native.p{index}]\ncores = "{64 * (index % 2)}"\n' for index in range(10))
    _, problems = topologies.attempt(tmp_path, text)
    (split,) = (problem for problem in problems if problem.id == "PF054")
    assert "core 64 of [native.p1] and 0 of [native.p0]" in split.text
    assert "as are those of 8 other pools" in split.text
    assert len(split.notes) == 7


@pytest.mark.parametrize(("expressions", "remedies"), [
    (["take:1", "take:1", "take:3", "rest"], ["take:2", "take:2", "take:4"]),
    (["take:2", "take:2", "take:4", "rest"], []),
    (["0,take:1", "take:2,take:2", "rest"], []),
    (["5,take:2", "rest"], ["take:3"]),
    (["odd", "rest"], ["take:2"]),
    (["0-62,64-126", "take:1", "rest"], ["take:2"]),
    (["0-63", "take:2"], ["give both to one pool"]),
])
def test_the_remedy_for_split_cores_is_the_take_that_splits_none(
    tmp_path: Path, expressions: list[str], remedies: list[str],
) -> None:
    pools = "".join(f'[native.p{index}]\ncores = "{cores}"\n' for index, cores in enumerate(expressions))
    _, problems = topologies.attempt(tmp_path, f'{head("two_packages")}[cores]\nodd = "take:1"\n{pools}')
    assert [problem.id for problem in problems] == ["PF054"] * len(remedies)
    begin = "siblings share one core's execution units and caches: "
    assert [problem.help for problem in problems] == [
        begin + (f"{remedy} splits no core here" if remedy.startswith("take") else remedy) for remedy in remedies]


def test_a_machine_file_is_relative_to_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod/host.xml").write_bytes((MACHINES / "two_cpus.xml").read_bytes())
    (tmp_path / "md.toml").write_text(f'{topologies.HEAD}[native.a]\ncores = "rest"\n', encoding="utf-8")
    (tmp_path / "prod/overlay.toml").write_text('[topology]\nmachine = "host.xml"\n', encoding="utf-8")
    assert faults.run(["check", "md.toml", "--overlay", "prod/overlay.toml"], folder=tmp_path).status == 0
    assert faults.run(["check", "md.toml", "--set", "topology.machine=prod/host.xml"], folder=tmp_path).status == 0
    assert faults.run(["check", "md.toml", "--set", "topology.machine=host.xml"], folder=tmp_path).status == 1


def test_a_machine_file_is_found_through_a_linked_folder_as_the_system_finds_it(tmp_path: Path) -> None:
    for folder, machine in (("releases", "two_cpus"), ("site", "devices")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "prod.xml").write_bytes((MACHINES / f"{machine}.xml").read_bytes())
    (tmp_path / "releases/v2").mkdir()
    (tmp_path / "releases/v2/md.toml").write_text(
        f'{topologies.HEAD}machine = "../prod.xml"\n[native.a]\ncores = "hw:pu:all"\n', encoding="utf-8")
    (tmp_path / "site/cur").symlink_to("../releases/v2")
    for file in ("site/cur/md.toml", str(tmp_path / "site/cur/md.toml")):
        outcome = faults.run(["show", "--json", file], folder=tmp_path)
        found = json.loads(outcome.out)
        assert found["pools"][0]["cores"] == [0, 1], outcome.err
        assert found["machine"]["label"].endswith("releases/prod.xml")


def test_where_a_missing_machine_file_was_looked_for_is_said(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/md.toml").write_text(
        f'{topologies.HEAD}machine = "../prod.xml"\n[native.a]\nthreads = 1\n', encoding="utf-8")
    (tmp_path / "md.toml").write_text((tmp_path / "inner/md.toml").read_text(encoding="utf-8"), encoding="utf-8")
    outcome = faults.run(["check", "inner/md.toml"], folder=tmp_path)
    assert "note: it was looked for at prod.xml\n" in outcome.err
    assert "note:" not in faults.run(["check", "md.toml"], folder=tmp_path).err


def test_the_generated_files_depend_on_the_machine_file(tmp_path: Path) -> None:
    (tmp_path / "md.toml").write_text(head("two_cpus") + "[native.a]\nthreads = 1\n", encoding="utf-8")
    faults.run(["generate", "md.toml", "--out", ".", "--depfile", "stamp.d"], folder=tmp_path)
    assert str(MACHINES / "two_cpus.xml") in (tmp_path / "stamp.d").read_text(encoding="utf-8")


def test_the_host_is_a_machine(tmp_path: Path) -> None:
    text = f'{topologies.HEAD}machine = "host"\n[native.a]\ncores = "hw:pu:0"\n[native.b]\nthreads = 1\n'
    found = topologies.topology(tmp_path, text)
    assert found.machine is not None and found.machine.label == "host"
    assert found.pools[0].cores == (found.machine.usable[0],)


def test_without_hwloc_the_remedy_is_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _, problems = topologies.attempt(tmp_path, head("two_cpus") + "[native.a]\nthreads = 1\n")
    text = "".join(map(render, problems))
    assert "lstopo-no-graphics is not installed" in text
    assert "sudo apt-get install hwloc-nox" in text


def test_what_the_environment_says_to_hwloc_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWLOC_XMLFILE", str(MACHINES / "eight_nodes.xml"))
    assert len(cores(tmp_path, "two_cpus", "hw:pu:all")) == 2


@pytest.mark.parametrize(("content", "said", "help"), [
    ("junk", "Failed to parse XML input with the minimalistic parser", "is what lstopo writes there: lstopo machine.x"),
    ('<?xml version="1.0"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n<topology version="3.0">\n</topology>\n',
     "cannot import XML version 3.0 > 2", "there in the form of version 2: lstopo --export-xml-flags v2 machine.xml"),
])
def test_what_hwloc_says_is_quoted_to_the_end_of_a_sentence_and_a_newer_version_has_its_remedy(
    tmp_path: Path, content: str, said: str, help: str,
) -> None:
    (tmp_path / "m.xml").write_text(content, encoding="utf-8")
    _, problems = topologies.attempt(tmp_path, f'{topologies.HEAD}machine = "m.xml"\n[native.a]\nthreads = 1\n')
    text = "".join(map(render, problems))
    assert f"note: it says: {said}\n" in text and help in text


def test_a_machine_that_cannot_be_read_hides_no_other_problem_and_makes_no_new_one(tmp_path: Path) -> None:
    pools = '[native.a]\ncores = "hw:numa:0"\n[native.b]\ncores = "take:2"\n[c]\n'
    text = f'{topologies.HEAD}machine = "none.xml"\n{pools}'
    assert topologies.faults(tmp_path, text) == ["PF028 3:11", "PF007 8:2"]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_machine_file_is_one_that_hwloc_takes(file: Path) -> None:
    answer = subprocess.run(["hwloc-info", "--input", str(file)], capture_output=True, text=True, check=True)
    assert answer.stderr == "" and "Machine" in answer.stdout


@pytest.mark.parametrize(("sets", "expression"), [("", "hw:os=cuda0"), ('gpu = "hw:os=cuda0"', "gpu"),
                                                  ('gpu = "hw:os=cuda0"\nnear = "1,gpu"', "2,near,take:1")])
def test_a_location_that_the_machine_lacks_is_asked_for_only_where_it_is_needed(
    tmp_path: Path, sets: str, expression: str,
) -> None:
    text = head("two_packages") + (f'[cores]\n{sets}\n[native.default]\ncores = "rest"\n'
                                   f'[native.gpu]\ncores = "{expression}"\nfallback = "default"\n')
    found = topologies.topology(tmp_path, f"{text}optional = true\n")
    assert [(pool.name, pool.reason) for pool in found.absent] == [
        ("gpu", "needs hw:os=cuda0; the machine has none")]
    assert len(found.pools[0].cores) == 128 and found.core_sets == {}
    assert topologies.topology(tmp_path, f"{text}enabled = false\n").absent[0].reason == "disabled"
    assert [fault[:5] for fault in topologies.faults(tmp_path, text)] == ["PF029"]


def test_a_location_in_a_set_names_who_needs_it_and_is_reported_once(tmp_path: Path) -> None:
    pools = "".join(f'[native.{name}]\ncores = "gpu"\npin = "none"\nthreads = 1\n' for name in "ab")
    _, problems = topologies.attempt(tmp_path, head("two_packages", 'cores = "hw:os=eth7"')
                                     + f'[cores]\ngpu = "hw:os=cuda0"\n{pools}')
    assert [(problem.id, [note.text for note in problem.notes]) for problem in problems] == [
        ("PF029", []), ("PF029", ["[native.a] uses the set"])]


def test_the_cpuset_cannot_do_without_its_locations(tmp_path: Path) -> None:
    text = head("two_packages", 'cpuset = "hw:numa:7"') + '[native.a]\ncores = "take:1"\n'
    assert topologies.faults(tmp_path, text) == ["PF029 5:11"]


def test_the_reason_tells_what_a_pool_removes_of_what_its_set_was_given(tmp_path: Path) -> None:
    text = head("two_packages") + '[cores]\nsome = "take:4"\n[asio.net]\ncores = "some,!65"\n'
    found = topologies.topology(tmp_path, text).pools[0]
    assert found.cores == (0, 1, 64)
    assert found.origins["cores"].note == "0-1,64-65 less 65: 2 whole cores of NUMA node 0"


def test_the_page_shows_a_reason_as_the_report_gives_it(tmp_path: Path) -> None:
    text = head("two_packages") + '[asio.net]\ncores = "take:5"\n'
    pool = topologies.topology(tmp_path, text).pools[0]
    assert f'"take:5" = {pool.origins["cores"].note}' in reference.page()


def test_a_cpuset_that_is_not_of_the_machine_is_the_only_fault(tmp_path: Path) -> None:
    text = head("two_cpus", 'cpuset = "0-3"') + '[native.a]\ncores = "0,take:2"\n[native.b]\ncores = "rest"\n'
    assert topologies.faults(tmp_path, text) == ["PF018 5:11"]


def test_siblings_outside_of_the_cpuset_are_not_shared(tmp_path: Path) -> None:
    pools = '[native.one]\ncores = "take:2"\n[native.all]\ncores = "rest"\n'
    (tmp_path / "md.toml").write_text(head("two_packages", 'cpuset = "0-31"') + pools, encoding="utf-8")
    outcome = faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path)
    assert outcome.status == 0, outcome.err
    report = (tmp_path / "md/topology.txt").read_text(encoding="utf-8")
    assert "0-1: 2 whole cores of NUMA node 0" in report and "2-31: 30 whole cores of NUMA node 0" in report
