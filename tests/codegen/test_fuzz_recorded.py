"""Whatever a binary or a topology.json holds: `show` and `diff` say what is wrong with it, or show it."""

from __future__ import annotations

import json
import re
import struct
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

import emit_cases
import faults
import fuzzing
import mutations
from codegen import document
from fuzzing import Texts
from test_elf import file, note
from test_show import CASES, written

EXTREMES: list[object] = [
    None, True, -1, 0, 1, 3, 4096, 65536, 2**31, 2**63, -2**63, 10**30, 1.5, float("inf"), float("nan"), "", "a", "\0",
    "\u202e\x1b[2J", "\ud800", "*/", "</script>", "x" * 5000, "default", "tbb", [], [0], [0] * 300, [2**40], {},
    {"a": 1}, [[[[]]]], {"file": "x"}, list(range(300)),
]
TOKENS = ["{", "}", "[", '"', ",", "1e999", "9" * 5000, "NaN", "null", "\\ud800", "\0"]
FORMS: tuple[list[str], ...] = (["--json"], ["--svg", "-"], ["--html", "-"], [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recorded")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Of topologies with and without machines."""
    machine = "two_packages"
    text = faults.run(["show", "--json", str(written(tmp_path_factory.mktemp("written"), machine, CASES[machine]))]).out
    return [document.compact(emit_cases.all_kinds()), document.compact(emit_cases.other_names()),
            document.compact(emit_cases.small()), text]


def attempt(folder: Path, texts: Texts) -> bool:
    """Of whatever name, and whoever asks, the answer is a picture or a reason."""
    (name, content), = texts.items()
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_bytes(content.encode("latin-1"))
    fine = False
    for form in FORMS:
        outcome = faults.run(["show", name, "--no-environment", *form], folder=folder)
        fine = outcome.status == 0
        assert bool(outcome.out) == fine
        if not fine:
            assert outcome.status in (1, 2)
            assert re.match(r"pinfold: |[^\n]*: error\[PF\d{3}\]: ", outcome.err), outcome.err
            break
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", outcome.out)
        outcome.out.encode("utf-8", "surrogateescape")
    status = faults.run(["diff", name, name, "--no-environment"], folder=folder).status
    assert status == (0 if fine else 2)
    return fine


def changed(random: Random, documents: list[str]) -> str:
    """A document with members changed, lost, doubled and new."""
    values = json.loads(random.choice(documents))
    for _ in fuzzing.some(random, 1, 3):
        holder: Any = values
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = random.choice(keys)
            inner = holder[key]
            if isinstance(inner, (dict, list)) and inner and random.random() < 0.9:
                holder = inner
                continue
            edit = random.random()
            if edit < 0.7:
                holder[key] = random.choice(EXTREMES)
            elif edit < 0.8:
                del holder[key]
            elif isinstance(holder, dict):
                holder[random.choice(keys) if edit < 0.9 else "new"] = inner
            else:
                holder.extend(holder[:])
            break
    return json.dumps(values)


def test_no_document_harms(folder: Path, documents: list[str]) -> None:
    def make(random: Random) -> Texts:
        if random.random() < 0.8:
            return {"topology.json": changed(random, documents)}
        name = random.choice(("topology.json", "topology"))
        return {name: mutations.file_damaged(random, random.choice(documents), TOKENS)}

    assert fuzzing.search("documents", 0.006, make, partial(attempt, folder))


def binary(random: Random, documents: list[str]) -> str:
    """With notes that are not all pinfold's, and headers, sizes and offsets that are not all what they were."""
    order = random.choice("<>")
    notes = b""
    for _ in fuzzing.some(random, 0, 3):
        content = random.choice(documents) if random.random() < 0.8 else changed(random, documents)
        notes += note(order, content.encode("utf-8", "surrogatepass"), random.choice((b"pinfold\0", b"GNU\0")))
    data = bytearray(file(random.random() < 0.5, order, notes, sections=random.random() < 0.8))
    headers = [*range(4, 64), *range(max(len(data) - 184, 4), len(data)), *range(64, min(76, len(data)))]
    for _ in fuzzing.some(random, 0, 3):
        at = random.choice([place for place in headers if place < len(data)])
        size, code = random.choice(((1, "B"), (2, "H"), (4, "I"), (8, "Q")))
        value = random.choice((0, 1, 4, 64, 0xFFFF, len(data), len(data) - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
        data[at:at + size] = struct.pack(f"{order}{code}", value % 256**size)
    return bytes(data[:len(data) if random.random() < 0.8 else random.randint(5, len(data))]).decode("latin-1")


def test_no_binary_harms(folder: Path, documents: list[str]) -> None:
    assert fuzzing.search("binaries", 0.006, lambda random: {"server": binary(random, documents)},
                          partial(attempt, folder))
