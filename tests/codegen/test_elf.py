"""Topologies in binaries: what the compiler makes, ELF files of every form, and files that are damaged."""

from __future__ import annotations

import itertools
import random
import shutil
import struct
import subprocess
from pathlib import Path

import emit_cases
import pytest

from codegen import document, elf, emit, recorded, report
from codegen.model import Topology
from codegen.read_document import Unreadable
import faults

TWO = (emit_cases.small(), emit_cases.all_kinds())


def noted(topology: Topology) -> str:
    """The part of the generated source that makes the note."""
    source = emit.texts(topology)["topology.cpp"]
    return source[source.index("asm(R"):source.index("// Facts that only")]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that links two topologies."""
    folder = tmp_path_factory.mktemp("program")
    for topology in TWO:
        (folder / f"{topology.name}.cpp").write_text(noted(topology), encoding="utf-8")
    (folder / "main.cpp").write_text("int main() {}\n", encoding="utf-8")
    command = ["g++", "main.cpp", *(f"{topology.name}.cpp" for topology in TWO), "-o", "server"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "server"


def test_an_unrun_binary_shows_every_topology_that_it_links(program: Path) -> None:
    program.chmod(0o444)
    outcome = faults.run(["show", "server"], folder=program.parent)
    assert outcome.status == 0
    assert [line for line in outcome.out.splitlines() if line.startswith("thread layout")] == [
        report.title(topology) for topology in TWO]
    chosen = faults.run(["show", "server", "--topology", "md", "--json"], folder=program.parent)
    assert chosen.out == document.readable(recorded_topologies(program)[1])
    refused = faults.run(["show", "server", "--json"], folder=program.parent)
    assert refused.status == 2 and "choose it with --topology: it has small, md" in refused.err


def recorded_topologies(program: Path) -> list[Topology]:
    found = recorded.read(program)
    assert not isinstance(found, bytes)
    return [each.topology for each in found]


def test_a_stripped_binary_still_tells_its_topologies(program: Path, tmp_path: Path) -> None:
    subprocess.run(["strip", "--strip-all", "-o", tmp_path / "stripped", program], check=True)
    assert recorded_topologies(tmp_path / "stripped") == recorded_topologies(program)


def test_a_binary_without_section_headers_still_tells_its_topologies(program: Path, tmp_path: Path) -> None:
    content = bytearray(program.read_bytes())
    content[40:48] = bytes(8)  # e_shoff
    content[60:64] = bytes(4)  # e_shnum, e_shstrndx
    (tmp_path / "headless").write_bytes(content)
    assert recorded_topologies(tmp_path / "headless") == recorded_topologies(program)


def test_an_object_file_tells_its_topology(program: Path) -> None:
    subprocess.run(["g++", "-c", "small.cpp"], cwd=program.parent, check=True)
    assert [topology.name for topology in recorded_topologies(program.parent / "small.o")] == ["small"]


def test_a_binary_is_compared_by_the_topology_that_is_called_as_the_other_side_is(program: Path) -> None:
    subprocess.run(["g++", "-c", "small.cpp"], cwd=program.parent, check=True)
    (program.parent / "small.json").write_text(document.readable(TWO[0]), encoding="utf-8")
    assert faults.run(["diff", "small.o", "small.json"], folder=program.parent) == faults.Outcome(0, "", "")
    for pair in (("server", "small.json"), ("small.json", "server")):
        assert faults.run(["diff", *pair], folder=program.parent) == faults.Outcome(0, "", "")
    (program.parent / "other.json").write_text(document.readable(TWO[0]).replace('"small"', '"other"', 1),
                                               encoding="utf-8")
    for pair in (("server", "other.json"), ("other.json", "server"), ("server", "server")):
        assert faults.run(["diff", *pair], folder=program.parent) == faults.Outcome(
            2, "", "pinfold: server has 2 topologies, small, md: write the one that is meant to a file, which diff "
            "takes, too: pinfold show --json --topology small server >small.json\n")


def test_a_binary_without_a_topology_is_refused_by_name(tmp_path: Path) -> None:
    shutil.copy("/bin/true", tmp_path / "true")
    outcome = faults.run(["show", "true"], folder=tmp_path)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == "pinfold: true: it is a binary without a topology: it has no note of owner 'pinfold'\n"


def note(order: str, content: bytes, owner: bytes = b"pinfold\0", type: int = 1) -> bytes:
    padding = -len(content) % 4
    return struct.pack(f"{order}III", len(owner), len(content), type) + owner + content + bytes(padding)


def file(wide: bool, order: str, notes: bytes, *, sections: bool = True, segments: bool = True) -> bytes:
    """An ELF file with a section and a segment that hold the same notes, its headers behind them."""
    size, section_size, segment_size = (64, 64, 56) if wide else (52, 40, 32)
    segments_at = size + len(notes)
    sections_at = segments_at + segment_size
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    word = "Q" if wide else "I"
    header = struct.pack(f"{order}HHI{word}{word}{word}IHHHHHH", 2, 62, 1, 0, segments_at if segments else 0,
                         sections_at if sections else 0, 0, size, segment_size, int(segments), section_size,
                         2 if sections else 0, 0)
    segment = (struct.pack(f"{order}IIQQQQQQ", 4, 4, size, 0, 0, len(notes), len(notes), 4) if wide else
               struct.pack(f"{order}IIIIIIII", 4, size, 0, 0, len(notes), len(notes), 4, 4))
    section = struct.pack(f"{order}II{word}{word}{word}{word}II{word}{word}", 1, 7, 2, 0, size, len(notes), 0, 0, 4, 0)
    return identity + header + notes + segment + bytes(section_size) + section


FORMS = list(itertools.product((False, True), "<>"))


@pytest.mark.parametrize(("wide", "order"), FORMS)
@pytest.mark.parametrize(("sections", "segments"), [(True, True), (True, False), (False, True)])
def test_notes_are_read_from_sections_or_segments_of_every_form(
    wide: bool, order: str, sections: bool, segments: bool,
) -> None:
    notes = note(order, b"abcde") + note(order, b"", b"GNU\0", 3) + note(order, b"second")
    found = list(elf.notes(file(wide, order, notes, sections=sections, segments=segments)))
    assert found == [elf.Note("pinfold", 1, b"abcde"), elf.Note("GNU", 3, b""), elf.Note("pinfold", 1, b"second")]


def test_a_file_without_notes_has_none() -> None:
    assert not list(elf.notes(file(True, "<", b"", sections=False, segments=False)))


@pytest.mark.parametrize(("damage", "reason"), [
    (lambda good: good[:10], "it ends before the ELF header"),
    (lambda good: good[:4] + b"\7" + good[5:], "its class 7 and byte order 1 are none that ELF has"),
    (lambda good: good[:-100], "it ends before section header"),
    (lambda good: good[:58] + b"\1\0" + good[60:], "a section header has 1 bytes and needs 64"),
    (lambda good: good[:68] + b"\xff\xff\xff\xff" + good[72:], "the note at byte 64 reaches beyond its section"),
])
def test_a_damaged_file_is_refused_with_the_reason(tmp_path: Path, damage: object, reason: str) -> None:
    assert callable(damage)
    content = damage(file(True, "<", note("<", document.compact(emit_cases.small()).encode())))
    with pytest.raises(elf.Malformed, match=reason):
        list(elf.notes(content))
    (tmp_path / "server").write_bytes(content)
    outcome = faults.run(["show", "server"], folder=tmp_path)
    assert outcome.status == 2 and outcome.err.startswith("pinfold: server: it is a malformed ELF file: ")


@pytest.mark.parametrize(("wide", "order"), FORMS)
def test_no_damage_makes_it_fail_otherwise(wide: bool, order: str) -> None:
    source = random.Random(7)
    good = file(wide, order, note(order, b"abcde"))
    for _ in range(3000):
        damaged = bytearray(good)
        for _ in range(source.randint(1, 6)):
            damaged[source.randrange(4, len(damaged))] = source.choice((0, 1, 0x7F, 0x80, 0xFF, source.randrange(256)))
        try:
            list(elf.notes(bytes(damaged[:source.choice((len(damaged), source.randrange(4, len(damaged))))])))
        except elf.Malformed:
            pass


def test_a_note_that_is_no_topology_is_refused(tmp_path: Path) -> None:
    (tmp_path / "server").write_bytes(file(True, "<", note("<", b"[]")))
    with pytest.raises(Unreadable, match="not a resolved topology"):
        recorded.read(tmp_path / "server")
    (tmp_path / "server").write_bytes(file(True, "<", note("<", b"{}", type=9)))
    with pytest.raises(Unreadable, match="has type 9"):
        recorded.read(tmp_path / "server")


def large(notes: int = 0, headers: int = 2) -> bytes:
    """A file of zeros in a note section of so many bytes, and a first section that tells how many there are."""
    found = bytearray(file(True, "<", bytes(notes), segments=False))
    first = len(found) - 128
    found[60:62] = bytes(2)  # e_shnum
    found[first + 32:first + 40] = struct.pack("<Q", headers)
    return bytes(found)


@pytest.mark.parametrize(("content", "reason"), [
    (large(notes=(64 << 20) + 1), "its notes have 67108865 bytes; 67108864 are the most"),
    (large(notes=12 * 100_001), "it has more than 100000 notes"),
    (large(headers=262_145), "it has 262145 headers of one kind; 262144 are the most"),
], ids=["bytes", "notes", "headers"])
def test_a_file_that_is_long_because_it_is_hollow_is_refused(content: bytes, reason: str) -> None:
    """Its holes cost who sends it nothing."""
    with pytest.raises(elf.Malformed, match=reason):
        list(elf.notes(content))


def test_a_file_as_large_as_may_be_is_read() -> None:
    assert len(list(elf.notes(large(notes=12 * 100_000)))) == 100_000


def test_more_topologies_than_a_program_has_are_refused(tmp_path: Path) -> None:
    notes = note("<", document.compact(emit_cases.small()).encode()) * 101
    (tmp_path / "server").write_bytes(file(True, "<", notes))
    with pytest.raises(Unreadable, match="it has 101 topologies, and 100 are the most"):
        recorded.read(tmp_path / "server")
