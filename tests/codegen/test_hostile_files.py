"""Files that are made to take for ever or to fill the memory: refused, in a process that may have little of either."""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 500 << 20  # bytes of addresses, those of the interpreter among them
PATIENCE = 60  # seconds, many times what any of them takes
MIB = 1 << 20


def sections(notes: bytes, starts: list[int]) -> bytes:
    """A 64-bit ELF file, a note section from each start to the end of the notes; their number in section 0."""
    end = 64 + len(notes)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, end, 0, 64, 56, 0, 64, 0, 0)
    table = [struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, len(starts) + 1, 0, 0, 0, 0)]
    table += [struct.pack("<IIQQQQIIQQ", 1, 7, 2, 0, 64 + at, len(notes) - at, 0, 0, 4, 0) for at in starts]
    return header + notes + b"".join(table)


def overlapping_sections() -> bytes:
    note = struct.pack("<III", 4, 0, 3) + b"GNU\0"
    return sections(note * 8000, list(range(0, 8000 * len(note), len(note))))


def notes_within_notes() -> bytes:
    size, step = 2 * MIB, 400
    notes = bytearray(size)
    for at in range(0, size - 16, step):
        notes[at:at + 16] = struct.pack("<III", 8, size - at - 20, 1) + b"pinf"
        notes[at + 16:at + 20] = b"old\0"
    return sections(bytes(notes), list(range(0, size - 16, step)))


SHOWN: dict[str, Callable[[], bytes]] = {
    "overlapping_sections": overlapping_sections,
    "notes_within_notes": notes_within_notes,
    "a_note_of_4_GiB": lambda: sections(struct.pack("<III", 2**32 - 1, 2**32 - 1, 1) * 2, [0]),
    "deep.json": lambda: b"[" * 5 * MIB,
    "empty_lists.json": lambda: b"[" + b"[]," * 3 * MIB + b"0]",
    "a_long_number.json": lambda: b'{"format":' + b"9" * 3 * MIB,
    "large.json": lambda: b"[" + b" " * 17 * MIB,
}
IMPORTED: dict[str, Callable[[], bytes]] = {
    "deep.toml": lambda: b"a=" + b"[" * (MIB - 9),
    "dots.toml": lambda: b"a" + b".a" * (MIB // 2 - 9) + b"=1",
    "twice.toml": lambda: b"a=1\n" * (MIB // 4 - 9),
    "broken.toml": lambda: b"a=\n" * (MIB // 3 - 9),
    "quotes.toml": lambda: b'a="""' + b'"' * (MIB - 9),
    "large.toml": lambda: b"#" * 2 * MIB,
    "members.json": lambda: b"{" + b",".join(b'"%d":[1]' % number for number in range(MIB // 30)) + b"}",
    "deep.json": lambda: b'{"a":' * (MIB // 5 - 9),
    "escapes.json": lambda: b'{"a":"' + b"\\\\" * (MIB // 2 - 9) + b'"}',
}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    def confine() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    return subprocess.run([sys.executable, "-m", "codegen", *arguments], cwd=ROOT, text=True, capture_output=True,
                          timeout=PATIENCE, preexec_fn=confine)


def assert_refused(outcome: subprocess.CompletedProcess[str]) -> None:
    assert outcome.returncode in (1, 2), outcome.stderr[-2000:]
    assert "Traceback" not in outcome.stderr and outcome.stderr.count("\n") < 200
    assert outcome.stdout == ""


@pytest.mark.parametrize("name", SHOWN)
def test_show_refuses(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SHOWN[name]())
    assert_refused(run("show", tmp_path / name))


@pytest.mark.parametrize("name", ["zero", "zero.json"])
def test_show_ends_on_a_file_that_does_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/dev/zero")
    assert_refused(run("show", tmp_path / name))


@pytest.mark.parametrize("name", IMPORTED)
def test_import_refuses(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(IMPORTED[name]())
    assert_refused(run("import", "agave" if name < "m" else "loom", tmp_path / name))
