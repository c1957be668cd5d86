"""Topologies that were resolved before: topology.json, and the notes of binaries that link a topology."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path

from codegen import elf, read_document
from codegen.read import MAX_BYTES
from codegen.read_document import Recorded, Unreadable

OWNER, TYPE = "pinfold", 1  # of the note, as the generated source writes it
MAX_DOCUMENT = 16 << 20  # bytes: thousands of pools on a machine of thousands of CPUs have room
_MOST_TOPOLOGIES = 100  # of a binary: a program has one, and a library of each kind that it links may have another

_ARCHIVE = b"!<arch>\n"


def read(path: Path) -> Sequence[Recorded] | bytes:
    """All topologies that the file holds; if it is neither JSON nor a binary, its bytes, since a pipe gives them but
    once, and of a file that is too large for a topology the first ones. Raises Unreadable and OSError."""
    with path.open("rb") as file:
        beginning = file.read(64)
        if beginning.startswith(elf.MAGIC):
            if not path.is_file():
                raise Unreadable("it is a binary in a pipe: name its file")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _of_binary(data)
        if beginning.startswith(_ARCHIVE):
            raise Unreadable("it is a library's archive: name a program that links it")
        if path.suffix == ".json" or beginning.lstrip().startswith(b"{"):
            return [_document(beginning + file.read(MAX_DOCUMENT))]
        return beginning + file.read(MAX_BYTES + 1)


def _of_binary(data: mmap.mmap) -> Sequence[Recorded]:
    try:
        own = [note for note in elf.notes(data) if note.owner == OWNER]
    except elf.Malformed as error:
        raise Unreadable(f"it is a malformed ELF file: {error}") from None
    if not own:
        raise Unreadable(f"it is a binary without a topology: it has no note of owner '{OWNER}'")
    unknown = [note.type for note in own if note.type != TYPE]
    if unknown:
        raise Unreadable(f"its note of owner '{OWNER}' has type {unknown[0]}, which this pinfold does not know")
    if len(own) > _MOST_TOPOLOGIES:
        raise Unreadable(f"it has {len(own)} topologies, and {_MOST_TOPOLOGIES} are the most")
    return [_document(note.content) for note in own]


def _document(text: bytes) -> Recorded:
    if len(text) > MAX_DOCUMENT:
        raise Unreadable(f"it is larger than {MAX_DOCUMENT >> 20} MiB, so it is no resolved topology")
    return read_document.read(text)
