"""Whatever a machine file holds, and whatever a topology wants of the machine."""

from __future__ import annotations

import os
import re
import subprocess
from functools import partial
from pathlib import Path
from random import Random

import pytest

import faults
import fuzzing
import mutations
import random_topologies
import topologies
from codegen.diagnostics import render
from codegen.machine import describe, hwloc, kernel_lists
from fuzzing import Texts
from test_fuzz import attempt, folder  # noqa: F401
from test_machine import MACHINES

SMALL = [(MACHINES / f"{name}.xml").read_text(encoding="utf-8")
         for name in ("two_cpus", "partial", "isolated", "hybrid", "devices")]
TOKENS = [
    "", "<", ">", "/>", '"', "&", "&lt;", "&#0;", "&#x1b;", "&e;", "\0", "\n", "-1", "0", "1", "65536", "4294967296",
    "9" * 30, "0x", "0xf...f", "0xffffffff", "0x00000000", ",", "0xffffffff,,0x1", "nan", "\u4e2d", "<object>",
    "</object>", '<object type="PU" os_index="0" cpuset="0x1"/>', '<info name="IsolatedCPUs" value="0-99999,x,3-1"/>',
    "Core", "PU", "NUMANode", "L3Cache", "Package", "OSDev", "Group", "Misc", "PCIDev", "Bridge", "Machine", "cpuset",
    "os_index", "type", "allowed_cpuset", "complete_cpuset", "nodeset", "osdev_type", "depth", "local_memory",
    'version="3.0"', 'version="1.0"', "<!-- ", "-->", "<![CDATA[", "<topology>", "</topology>", "<cpukind",
    '<!DOCTYPE a [<!ENTITY e "eeeeeeeeee">]>', '<?xml version="1.1" encoding="UTF-16"?>',
]
VALUES = ["", "0", "1", "3", "-1", "16", "65536", "4294967295", "9" * 30, "0x", "0x1", "0x00000002", "0xf...f",
          "0xffffffff,,0x1", "0xff,", ",", "0x00000000", "PU", "Core", "NUMANode", "L3Cache", "Machine", "Group",
          "OSDev", "0-3", "x y", "&amp;&lt;", "&#7;", "\u4e2d"]


def described(random: Random) -> str:
    text = random.choice(SMALL)
    if random.random() < 0.6:
        return mutations.attributes_edited(random, text, VALUES)
    damage = random.choice((mutations.stretches_replaced, mutations.words_exchanged))
    return damage(random, text, TOKENS) if random.random() < 0.8 else mutations.lines_rearranged(random, text)


def with_described_machine(random: Random) -> Texts:
    structure = random_topologies.structure(random, random_topologies.MACHINE_TERMS)
    structure["topology"] = {"name": "md", "machine": "machine.xml"}
    if random.random() < 0.7:
        del structure["process"]["cpuset"]
    return {"md.toml": random_topologies.written(structure), "machine.xml": described(random)}


def test_no_description_harms(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Without hwloc's tools, which take a hundred times as long as all else, and refuse most of these."""
    (folder / "machine.xml").touch()

    def check(texts: Texts) -> bool:
        monkeypatch.setattr(hwloc, "export", lambda file: texts["machine.xml"])
        monkeypatch.setattr(hwloc.Exported, "cpus_at", lambda exported, locations: cpus_at(texts, locations))
        monkeypatch.setattr(hwloc.Exported, "count", lambda exported, type, location: len(type))
        topology = attempt(folder, texts)
        if topology is not None:
            assert topology.machine is not None
            usable = set(topology.machine.usable)
            assert all(usable.issuperset(pool.cores) for pool in topology.pools)
        return topology is not None

    assert fuzzing.search("described machines", 0.2, with_described_machine, check)


def cpus_at(texts: Texts, locations: list[str]) -> dict[str, tuple[int, ...]]:
    usable = describe.machine(texts["machine.xml"], "").usable
    return {location: usable[:len(location) % 7] for location in locations if len(location) % 7}


def test_no_machine_file_harms(folder: Path) -> None:  # noqa: F811
    assert fuzzing.search("machine files", 0.015, files, partial(attempt_with_file, folder))


def files(random: Random) -> Texts:
    data = described(random).encode("utf-8", "surrogateescape")
    if random.random() < 0.3:
        data = mutations.bits_flipped(random, data)
    if random.random() < 0.2:
        data = data[:random.randint(0, len(data))]
    if random.random() < 0.1:
        data = data.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-8-sig", "utf-7")))
    cores = random.choice(("take:1", "rest", "hw:core:0", "hw:core:0,hw:numa:0.pu:0", "0"))
    return {"md.toml": f'{topologies.HEAD}machine = "machine.xml"\n[native.a]\ncores = "{cores}"\n',
            "machine.xml": data.decode("latin-1")}


def attempt_with_file(folder: Path, texts: Texts) -> bool:  # noqa: F811
    (folder / "machine.xml").unlink(missing_ok=True)
    (folder / "machine.xml").write_bytes(texts["machine.xml"].encode("latin-1"))
    return attempt(folder, texts) is not None


LOCATION_TOKENS = [
    "core", "pu", "numa", "package", "l2", "l3", "machine", "os", "pci", "cpukind", "group", "misc", "bridge", "all",
    "odd", "even", "root", ":", ":", ":", ".", "-", "=", "~", "^", "x", "0", "1", "3", "7", "4294967296", "99999999",
    "0x", "0xff", "f...f", "--version", "-q", "[", "]", "[8086:]", "eth0", "cuda0", "0000:3b:00.0", "/", "%s", "$(id)",
    "\\u0000", "\\u4e2d", "\\\\", "a" * 300,
]


def wanting(random: Random) -> Texts:
    """One topology with many locations: all are looked up at once."""
    pools = []
    for number in range(8):
        location = random.choice(("numa:0", "core:0-1.pu:0", "pci=0000:3b:00.0", "os=eth0", "core:0", "pu:1:2"))
        pieces = re.split(r"([:.=-])", location)
        for _ in fuzzing.some(random, 0, 3):
            pieces[random.randrange(len(pieces))] = random.choice(LOCATION_TOKENS)
        pools.append(f'[native.a{number}]\ncores = "hw:{"".join(pieces)}"\n')
    return {"md.toml": f'{topologies.HEAD}machine = "{MACHINES / "devices"}.xml"\n{"".join(pools)}'}


def test_no_location_harms(folder: Path) -> None:  # noqa: F811
    fuzzing.search("topologies with locations", 0.005, wanting, partial(attempt, folder))


@pytest.mark.parametrize(("location", "help"), [
    ("core:0-99999999", "it has core:0 to core:15"),
    ("core:0:2000000000", "it has core:0 to core:15"),
    ("core:4294967296", "it has core:0 to core:15"),
    ("core:0-9.pu:0-9.l2:0-9", "it names 1000 objects; the machine has "),
    ("core:3-1", "the range 3-1 is reversed: write 1-3"),
    ("core:0:-1", "ranges of objects are 3, 0-3"),
    ("core:0--3", "ranges of objects are 3, 0-3"),
    ("xcore:0", "a location is one such as"),
    ("misc:0", "it has no misc at all"),
])
def test_what_hwloc_calc_would_walk_for_ever_or_misread_is_refused(tmp_path: Path, location: str, help: str) -> None:
    text = f'{topologies.HEAD}machine = "{MACHINES / "devices"}.xml"\n[native.a]\ncores = "0,hw:{location}"\n'
    _, problems = topologies.attempt(tmp_path, text)
    assert [problem.id for problem in problems] == ["PF029"]
    assert f"help: {help}" in "".join(map(render, problems))


@pytest.mark.parametrize("location", [
    "--version", "\\u0000", "core:\\u0000", pytest.param("a" * 200000, id="long"), "\\u4e2d", "~core:0"])
def test_what_is_no_word_of_hwlocs_never_reaches_it(tmp_path: Path, location: str) -> None:
    text = f'{topologies.HEAD}machine = "{MACHINES / "devices"}.xml"\n[native.a]\ncores = "hw:{location}"\n'
    assert [fault[:5] for fault in topologies.faults(tmp_path, text)] == ["PF020"]


@pytest.mark.parametrize(("name", "reason"), [
    ("pipe", "it is not a regular file"),
    ("endless", "it is not a regular file"),
    ("folder", "it is a directory"),
    ("loop", "too many levels of symbolic links"),
    ("huge", "it is larger than 64 MiB"),
    ("empty", "hwloc does not understand it"),
    ("x" * 300, "file name too long"),
])
def test_what_is_no_machine_file_is_refused_at_once(tmp_path: Path, name: str, reason: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "empty").touch()
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(65 << 20)
    _, problems = topologies.attempt(tmp_path, f'{topologies.HEAD}machine = "{name}"\n[native.a]\ncores = "rest"\n')
    assert [(problem.id, problem.text.partition(" cannot be read: ")[2]) for problem in problems] == [("PF028", reason)]


def test_a_machine_file_may_have_the_name_of_an_option(tmp_path: Path) -> None:
    for name in ("-", "--version"):
        (tmp_path / name).write_text(SMALL[0], encoding="utf-8")
        (tmp_path / "md.toml").write_text(
            f'{topologies.HEAD}machine = "{name}"\n[native.a]\ncores = "hw:core:0"\n', encoding="utf-8")
        assert faults.run(["check", "md.toml"], folder=tmp_path).err == ""


def test_a_file_that_changes_while_it_is_read_is_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "machine.xml"
    file.write_text((MACHINES / "devices.xml").read_text(encoding="utf-8"), encoding="utf-8")
    export = hwloc.export

    def changing(path: Path | None) -> str:
        text = export(path)
        file.write_text(SMALL[0], encoding="utf-8")
        return text

    monkeypatch.setattr(hwloc, "export", changing)
    text = f'{topologies.HEAD}machine = "machine.xml"\n[native.a]\ncores = "hw:core:7"\n'
    assert topologies.topology(tmp_path, text).pools[0].cores == (7, 23)


@pytest.mark.parametrize(("before", "after"), [
    ('type="PU" os_index="0"', 'type="PU" os_index="4294967295"'),
    ('type="PU" os_index="0"', "os_index = '65536' type='PU'"),
    ('type="PU" os_index="0"', 'type="PU" os_index="-2"'),
    ('type="NUMANode" os_index="0"', 'type="NUMANode" os_index="0004294967294"'),
    ('type="PU" os_index="0"', 'type="PU" os_index="+4294967290"'),
    ('type="PU" os_index="0"', 'type="PU" os_index="&#9;4294967290"'),
    ('type="PU" os_index="0"', 'type="PU" os_index="&#52;294967290"'),
    ('type="PU" os_index="0"', 'type="PU" name="a>" os_index="4294967290"'),
    ('type="PU" os_index="0"', """type="PU" name="os_index='5'" os_index="4294967290\""""),
])
def test_a_number_that_would_make_masks_of_gigabytes_never_reaches_hwloc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str,
) -> None:
    def started(*_: object, **__: object) -> None:
        raise AssertionError("it is started")

    monkeypatch.setattr(subprocess, "run", started)
    text = (MACHINES / "devices.xml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "m.xml").write_text(text.replace(before, after, 1), encoding="utf-8")
    _, problems = topologies.attempt(tmp_path, f'{topologies.HEAD}machine = "m.xml"\n[native.a]\ncores = "rest"\n')
    assert [problem.text for problem in problems] == [
        "the machine 'm.xml' cannot be read: numbers of CPUs and NUMA nodes are 0..65535; it has others"]


def test_what_hwloc_says_is_read_to_a_limit_and_waited_for_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hwloc, "_MAX_FILE", 500)
    with pytest.raises(hwloc.Unusable, match="lstopo-no-graphics makes more than "):
        hwloc.export(None)
    monkeypatch.setattr(hwloc, "_PATIENCE", 0)
    with pytest.raises(hwloc.Unusable, match="lstopo-no-graphics did not answer within 0 seconds"):
        hwloc.export(None)


@pytest.mark.parametrize(("text", "cpus"), [
    ("0-2,2,7", (0, 1, 2, 7)), ("0-65536,3", (3,)), ("", ()), ("x,3-1", ()), (",".join(["0-65535"] * 5), ()),
])
def test_a_list_of_cpus_of_the_kernel_is_no_longer_than_a_kernel_writes_it(text: str, cpus: tuple[int, ...]) -> None:
    assert kernel_lists.cpus_listed(text) == cpus


def test_a_mask_has_no_more_words_than_there_are_cpus() -> None:
    text = (MACHINES / "two_cpus.xml").read_text(encoding="utf-8")
    long = re.sub('complete_cpuset="[^"]*"', f'complete_cpuset="0x1{",0x0" * 2048}"', text, count=1)
    with pytest.raises(hwloc.Unusable, match="hwloc makes nonsense of it: CPU numbers are 0..65535"):
        describe.machine(long, "")


def test_a_description_may_nest_its_objects_deeply_and_hang_many_devices_on_one() -> None:
    text = (MACHINES / "two_cpus.xml").read_text(encoding="utf-8")
    last = text.rindex("</object>")
    devices = "".join(f'<object type="OSDev" name="eth{at}" osdev_type="2"/>' for at in range(3))
    opening = '<object type="Misc">' * 5000
    deep = f"{text[:last]}{opening}{devices}{'</object>' * 5000}{text[last:]}"
    found = describe.machine(deep, "").devices[-3:]
    assert [device.name for device in found] == ["eth0", "eth1", "eth2"]
    assert found[0].cpus == (0, 1) and found[0].cpus is found[1].cpus is found[2].cpus
