"""The notes of an ELF file, by its bytes alone: 32 and 64 bits, both byte orders, linked or not, stripped or not."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

MAGIC = b"\x7fELF"

_SECTION_NOTE, _SEGMENT_NOTE = 7, 4  # SHT_NOTE, PT_NOTE
_IN_FIRST_SECTION = 0xFFFF  # PN_XNUM: the number of segments stands in section 0

# What a file may ask to be gone through: holes cost it nothing. A program has some dozens of headers, an object with a
# section for each function some ten thousand; and some dozens of notes, of a few KiB without a topology.
_MOST_HEADERS = 1 << 18
_MOST_NOTES = 100_000
_MOST_BYTES = 64 << 20  # of notes


class Malformed(Exception):
    """The file contradicts itself; the message says how."""


@dataclass(frozen=True)
class Note:
    owner: str
    type: int
    content: bytes


def notes(data: bytes | mmap) -> Iterator[Note]:
    """In the order of the file, one by one: together they are at most as long as it, and as _MOST_BYTES. `data` begins
    with MAGIC. Raises Malformed."""
    return _File(data).notes()


@dataclass(frozen=True)
class _Table:
    """Where the entries of a header table stand."""

    offset: int
    size: int  # of an entry
    count: int

    def __post_init__(self) -> None:
        if self.count > _MOST_HEADERS:
            raise Malformed(f"it has {self.count} headers of one kind; {_MOST_HEADERS} are the most")


@dataclass(frozen=True)
class _Section:
    type: int
    offset: int
    size: int
    info: int
    alignment: int


class _File:
    def __init__(self, data: bytes | mmap) -> None:
        self.data = data
        self.order = "<"
        width, order = self._fields("BB", len(MAGIC), "the ELF header")
        if width not in (1, 2) or order not in (1, 2):
            raise Malformed(f"its class {width} and byte order {order} are none that ELF has")
        self.wide = width == 2
        self.order = "<" if order == 1 else ">"

    def notes(self) -> Iterator[Note]:
        """Those of note sections; where the sections were stripped off, those of note segments."""
        stretches = sorted(set(self._stretches()))
        total = sum(length for _, length, _ in stretches)
        if total > len(self.data):
            raise Malformed("its notes are longer than it is")  # many that overlap would take for ever
        if total > _MOST_BYTES:
            raise Malformed(f"its notes have {total} bytes; {_MOST_BYTES} are the most")
        found = (note for offset, length, alignment in stretches
                 for note in self._notes_in(offset, offset + length, 8 if alignment == 8 else 4))
        for number, note in enumerate(found):
            if number == _MOST_NOTES:
                raise Malformed(f"it has more than {_MOST_NOTES} notes")
            yield note

    def _stretches(self) -> list[tuple[int, int, int]]:
        """Offset, length and alignment of what holds notes."""
        # From e_phoff on: two offsets, then e_phentsize to e_shnum.
        segments_at, sections_at, segment_size, segments, section_size, sections = self._fields(
            "QQ6x4H" if self.wide else "II6x4H", 32 if self.wide else 28, "the ELF header")
        if sections_at:
            first = self._section(_Table(sections_at, section_size, 1), 0)
            sections = sections or first.size
            segments = first.info if segments == _IN_FIRST_SECTION else segments
        table = _Table(sections_at, section_size, sections if sections_at else 0)
        found = [(section.offset, section.size, section.alignment) for index in range(table.count)
                 if (section := self._section(table, index)).type == _SECTION_NOTE]
        return found or list(self._segments(_Table(segments_at, segment_size, segments if segments_at else 0)))

    def _section(self, table: _Table, index: int) -> _Section:
        layout = "4xI8x8xQQ4xIQ8x" if self.wide else "4xI4x4xII4xII4x"
        return _Section(*self._entry(table, index, layout, "section header"))

    def _segments(self, table: _Table) -> Iterator[tuple[int, int, int]]:
        layout = "I4xQ8x8xQ8xQ" if self.wide else "II4x4xI4x4xI"
        for index in range(table.count):
            type, offset, size, alignment = self._entry(table, index, layout, "program header")
            if type == _SEGMENT_NOTE:
                yield offset, size, alignment

    def _entry(self, table: _Table, index: int, layout: str, what: str) -> tuple[int, ...]:
        needed = struct.calcsize("<" + layout)
        if table.size < needed:
            raise Malformed(f"a {what} has {table.size} bytes and needs {needed}")
        return self._fields(layout, table.offset + index * table.size, f"{what} {index}")

    def _notes_in(self, start: int, end: int, alignment: int) -> Iterator[Note]:
        if end > len(self.data):
            raise Malformed(f"notes at byte {start} reach beyond its end")
        at = start
        while at + 12 <= end:
            owner_size, content_size, type = self._fields("III", at, "a note")
            owner_at = at + 12
            content_at = _aligned(owner_at + owner_size, alignment)
            if content_at + content_size > end:
                raise Malformed(f"the note at byte {at} reaches beyond its section")
            owner = bytes(self.data[owner_at:owner_at + owner_size]).rstrip(b"\0").decode("ascii", "replace")
            yield Note(owner, type, bytes(self.data[content_at:content_at + content_size]))
            at = _aligned(content_at + content_size, alignment)

    def _fields(self, layout: str, offset: int, what: str) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self.order + layout, self.data, offset)
        except (struct.error, OverflowError):
            raise Malformed(f"it ends before {what}") from None


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment
