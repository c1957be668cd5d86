"""The SVG and the HTML of `pinfold show`: well formed, complete, alone, and proof against what a topology says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import emit_cases
import pytest

from codegen import chains
from codegen.machine.model import Device
from codegen.model import Topology
from codegen.picture import geometry, layout, marks, names, page, svg
from test_show import CASES, written
import topologies

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</script></style></title><script>alert(1)</script>" onload="alert(2)\' & ]]> \u202e\u0007 Größe'


class Tags(HTMLParser):
    """Checks that tags are closed in order; collects elements with their attributes, and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.found if name in (attributes.get("class") or "").split()]


def resolved(folder: Path, machine: str) -> Topology:
    return topologies.topology(folder, written(folder, machine, CASES[machine]).read_text(encoding="utf-8"))


def hostile() -> Topology:
    pool = emit_cases.pool("asio", "net", (0, 1), description=HOSTILE, thread_name=HOSTILE, cores_text=HOSTILE)
    return emit_cases.topology(pool, name=HOSTILE, file=HOSTILE, inputs=(HOSTILE,))


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Topology:
    return resolved(tmp_path, request.param)


def numbers(topology: Topology) -> list[int]:
    machine = topology.machine
    if machine is None:
        return sorted({*(topology.process.cpuset or ()), *(cpu for pool in topology.pools for cpu in pool.cores)})
    return sorted([*(cpu.index for cpu in machine.cpus), *machine.offline])


def test_every_cpu_and_every_pool_is_in_the_svg_once(case: Topology) -> None:
    root = ElementTree.fromstring(svg.text(case))
    cells = [(int(each.attrib["data-cpu"]), each.attrib["data-pools"])
             for each in root.iter() if "data-cpu" in each.attrib]
    assert sorted(cpu for cpu, _ in cells) == numbers(case)
    legend = [group.attrib["data-pool"] for group in root.iter() if group.attrib.get("data-pool")]
    assert legend == [str(index) for index in range(len(case.pools))]
    for index, pool in enumerate(case.pools):
        assert {cpu for cpu, having in cells if str(index) in having.split()} == set(pool.cores)


def test_every_cpu_and_every_pool_is_in_the_page_once(case: Topology) -> None:
    tags = Tags(page.text([case]))
    assert sorted(int(found["data-cpu"] or "") for found in tags.with_class("cpu")) == numbers(case)
    rows = [attributes["data-pool"] for _, attributes in tags.found if "data-pool" in attributes]
    assert rows == [str(index) for index in range(len(case.pools))]
    for name in case.names:
        assert tags.texts.count(name.name) >= 1


def test_every_cpu_can_be_reached_by_keyboard_and_says_its_threads(tmp_path: Path) -> None:
    cpus = Tags(page.text([resolved(tmp_path, "devices")])).with_class("cpu")
    assert {found["tabindex"] for found in cpus} == {"0"}
    said = {found["data-cpu"]: found["aria-label"] for found in cpus}
    assert said["3"] == ("CPU 3, core 3, L3 32 MiB, NUMA node 0, 128 GiB, package 0; "
                         "native.poh: thread poh-0, fifo 50, park")
    assert (said["0"] or "").endswith("; no pool runs here")
    assert (said["31"] or "").endswith("; outside the process's cpuset")


@pytest.mark.parametrize("draw", [svg.text, lambda topology: page.text([topology])], ids=["svg", "html"])
def test_a_picture_needs_nothing_from_elsewhere(tmp_path: Path, draw: object) -> None:
    assert callable(draw)
    text = draw(resolved(tmp_path, "devices"))
    assert set(re.findall(r"\w+://[^\s\"'<]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|src=|url\((?!#)", text)
    assert set(re.findall(r"\bhref=\"([^\"]*)\"", text)) <= {"data:,"}
    assert set(re.findall(r"url\(#(\w+)\)", text)) <= set(re.findall(r"\bid=\"(\w+)\"", text))


def test_a_topology_cannot_break_out_of_the_svg() -> None:
    root = ElementTree.fromstring(svg.text(hostile()))
    assert not list(root.iter(f"{SVG}script")) and not [each for each in root.iter() if "onload" in each.attrib]
    assert "alert(1)" in "".join(root.itertext()) and "Größe" in "".join(root.itertext())
    assert "<U+202E><U+0007>" in "".join(root.itertext())


def test_a_topology_cannot_break_out_of_the_page() -> None:
    text = page.text([hostile()])
    tags = Tags(text)
    assert [tag for tag, _ in tags.found].count("script") == 1
    assert not [attributes for _, attributes in tags.found if "onload" in attributes]
    script = text[text.index("<script>"):]
    assert "alert" not in script
    assert "Größe" in text and "\u202e" not in text and "\x07" not in text


def test_the_page_has_the_value_of_every_key_that_was_written(tmp_path: Path) -> None:
    text = """[topology]
name = "md"
[process]
cpuset = "0-3,8"
cores = "0"
lock_memory = true
timer_slack_ns = 1
stray_tbb = "allow"
[native.a]
cores = "1-2"
"""
    table = page.text([topologies.topology(tmp_path, text)]).partition("Where values were written")[2]
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td>", re.sub(r">\s+<", "><", table))
    assert {row[1]: row[2] for row in rows if row[0] == "process"} == {
        "cpuset": "0-3,8", "cores": "0", "lock_memory": "true", "timer_slack_ns": "1", "stray_tbb": "allow"}


def test_a_page_shows_all_topologies_and_no_identifier_twice(tmp_path: Path) -> None:
    text = page.text([resolved(tmp_path, "isolated"), emit_cases.all_kinds()])
    tags = Tags(text)
    assert [tag for tag, _ in tags.found].count("section") == 2
    ids = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_overlaps_and_everything_is_on_the_page(case: Topology) -> None:
    drawing = geometry.place(layout.of(case))
    boxes = [(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height) for frame in drawing.frames]
    tiles = [(tile.x, tile.y, tile.x + geometry.TILE_WIDTH, tile.y + geometry.TILE_HEIGHT) for tile in drawing.tiles]
    for left, top, right, bottom in (*boxes, *tiles):
        assert 0 <= left < right <= drawing.width <= geometry.WIDTH and 0 <= top < bottom <= drawing.height
    for at, one in enumerate((*boxes, *tiles)):
        for other in (*boxes, *tiles)[at + 1:]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            inside = other[0] >= one[0] and other[1] >= one[1] and other[2] <= one[2] and other[3] <= one[3]
            assert apart or inside, (one, other)


def test_paper_breaks_between_packages(tmp_path: Path) -> None:
    """Each row of them is a picture of its own, as high as a page has room for; nothing is in two."""
    drawn = svg.map_of(resolved(tmp_path, "two_packages"))
    bands = list(svg.bands(drawn))
    packages = [[box.full for box in band.map.boxes if box.css == "package"] for band in bands]
    assert [len(titles) for titles in packages] == [1, 1]
    assert [cell.cpu for band in bands for cell in band.map.cells] == [cell.cpu for cell in drawn.cells]
    assert sum(len(band.map.boxes) for band in bands) == len(drawn.boxes)
    for band in bands:
        for box in band.map.boxes:
            assert band.y <= box.y and box.y + box.height <= band.y + band.height
    assert bands[-1].y + bands[-1].height == drawn.height
    text = page.text([resolved(tmp_path, "two_packages")])
    assert text.count('<svg class="band"') == 2 and re.search(r"\.band \{ break-inside: avoid", text)


def test_marks_are_unique_and_mnemonic_while_there_are_letters() -> None:
    few = [emit_cases.pool("asio", name) for name in ("net", "next", "tun", "nu", "n1")]
    assert [mark.letters for mark in marks.of(few)] == ["N", "E", "T", "U", "A"]
    many = marks.of([emit_cases.pool("asio", f"p{index}") for index in range(1000)])
    assert len({mark.letters for mark in many}) == 1000 and {len(mark.letters) for mark in many} == {3}


def test_a_device_belongs_to_the_smallest_part_that_has_all_its_cpus(tmp_path: Path) -> None:
    root = layout.of(resolved(tmp_path, "devices"))
    package = root.parts[0]
    assert isinstance(package, layout.Group)
    near = [layout.near(part) for part in package.parts if isinstance(part, layout.Group)]
    assert near == ["fabric mlx5_0, mlx5_1; network eth0, eth1; storage nvme0n1"]
    assert root.devices == ()


def test_a_device_near_no_cpu_or_all_belongs_to_the_machine(tmp_path: Path) -> None:
    case = resolved(tmp_path, "devices")
    assert case.machine is not None
    everywhere = tuple(range(32))
    devices = (Device("eth9", "network", "", "", everywhere), Device("lost", "other", "", "", ()))
    root = layout.of(replace(case, machine=replace(case.machine, devices=devices)))
    assert layout.near(root) == "network eth9; other lost"


class Looks:
    """How often lists that are made of it are gone through, and that no member of one is looked for by doing so."""

    def __init__(self) -> None:
        self.count = 0

    def list(self, items: Iterable[Any]) -> Any:
        looks = self

        class Watched(tuple[Any, ...]):
            def __iter__(self) -> Iterator[Any]:
                looks.count += 1
                return super().__iter__()

            def __contains__(self, item: object) -> bool:
                raise AssertionError("a list is searched")

            index = __contains__  # type: ignore[assignment]

        return Watched(items)


def test_no_cpu_is_looked_for_in_lists(tmp_path: Path) -> None:
    """There may be 65,536 of each."""
    looks = Looks()
    machine = resolved(tmp_path, "devices").machine
    assert machine is not None
    pools = [emit_cases.pool("native", name, looks.list(cpus)) for name, cpus in (("a", range(8)), ("b", range(6, 20)))]
    process = {"cpuset": looks.list(range(24)), "cores": looks.list(range(20, 24))}
    case = emit_cases.topology(*pools, emit_cases.pool("asio", "loose", threads=1), process=process,
                               machine=replace(machine, offline=looks.list((99,)), isolated=looks.list((3,))))
    units = {unit.cpu: unit for unit in layout.of(case).units}
    assert [unit.seats for unit in map(units.get, (7, 20, 30, 99)) if unit] == [
        (layout.Seat(0, 7), layout.Seat(1, 1)), (layout.Seat(2, None),), (), ()]
    assert [units[cpu].state for cpu in (7, 30, 99)] == [layout.FREE, layout.OUTSIDE, layout.OFFLINE]
    assert units[3].isolated and units[20].other_threads and not units[2].isolated and not units[2].other_threads


def test_devices_are_sorted_into_their_parts_in_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = resolved(tmp_path, "devices").machine
    assert machine is not None
    calls: list[layout.Group] = []
    units = layout.Group.units.fget  # type: ignore[attr-defined]

    def counted(group: layout.Group) -> Iterator[layout.Unit]:
        calls.append(group)
        yield from units(group)

    monkeypatch.setattr(layout.Group, "units", property(counted))

    def drawn(number: int) -> tuple[int, list[str]]:
        calls.clear()
        devices = tuple(Device(f"nvme{at}", "storage", "", "", (at % 16,)) for at in range(number))
        root = layout.of(emit_cases.topology(machine=replace(machine, devices=devices)))
        return len(calls), sorted(device.name for group in groups(root) for device in group.devices)

    (few, _), (many, names) = drawn(20), drawn(200)
    assert few == many and names == sorted(f"nvme{at}" for at in range(200))


def groups(group: layout.Group) -> list[layout.Group]:
    inner = [part for part in group.parts if isinstance(part, layout.Group)]
    return [group, *(found for part in inner for found in groups(part))]


def test_bands_are_cut_in_one_pass() -> None:
    """A map of 65,536 CPUs without a machine has thousands of them."""
    looks = Looks()
    drawn = svg.map_of(emit_cases.topology(emit_cases.pool("native", "a", tuple(range(320)))))
    found = list(svg.bands(replace(drawn, boxes=looks.list(drawn.boxes), cells=looks.list(drawn.cells))))
    assert len(found) == 20 and [len(band.map.cells) for band in found] == [16] * 20
    assert looks.count <= 4


def test_names_are_sorted_into_their_trees_in_one_pass() -> None:
    looks = Looks()
    case = emit_cases.other_names()
    aliases = [emit_cases.alias("tbb", f"z{number}", 0, "verify", line=99) for number in range(200)]
    many = replace(case, names=looks.list((*case.names, *aliases)), absent=looks.list(case.absent))
    verify = names.trees(many)[0].inner[0]
    assert [branch.label for branch in verify.inner] == ["gossip_consume", *(alias.name for alias in aliases)]
    assert [branch.label for branch in verify.inner[0].inner] == ["a_consume"]
    assert looks.count <= 6


def test_the_longest_chain_of_names_is_drawn(tmp_path: Path) -> None:
    aliases = "".join(f'b{number + 1} = "b{number}"\n' for number in range(chains.MOST_STEPS - 1))
    text = f'{topologies.HEAD}[asio.a]\nthreads = 1\n[aliases.asio]\nb0 = "a"\n{aliases}'
    page.text([topologies.topology(tmp_path, text)])
    branch = names.trees(topologies.topology(tmp_path, text))[0].inner[0]
    for number in range(chains.MOST_STEPS):
        branch, = branch.inner
        assert branch.label == f"b{number}"
    assert branch.inner == ()
