"""Every diagnostic, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codegen import examples
from codegen.catalogue import ENTRIES
import faults

FILES = list(faults.topologies())
CONFIGURATIONS = list(faults.configurations())
SPEAKING = [*FILES, *(file for file in CONFIGURATIONS if faults.expected(file))]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_check_prints_exactly_the_expected_text(file: Path) -> None:
    outcome = faults.check(file)
    assert outcome.err + outcome.out == file.with_suffix(".expected").read_text(encoding="utf-8")
    assert outcome.status == (1 if ": error[" in outcome.err else 0)


def test_every_diagnostic_has_a_file_that_shows_it() -> None:
    shown = "".join(map(faults.expected, SPEAKING))
    assert set(ENTRIES) == set(re.findall(r"(?:error|warning|note)\[(PF\d+)\]", shown))


@pytest.mark.parametrize("file", SPEAKING, ids=[file.name for file in SPEAKING])
def test_every_message_has_a_place_a_cause_and_a_remedy(file: Path) -> None:
    messages = re.split(r"^(?=\S+:\d+:\d+: (?:error|warning|note)\[)", faults.expected(file), flags=re.MULTILINE)[1:]
    assert messages
    for message in messages:
        place, _, cause = message.splitlines()[0].partition(" ")
        assert re.fullmatch(r"\S+:[1-9]\d*:[1-9]\d*:", place)
        assert re.fullmatch(r"(?:error|warning|note)\[PF\d{3}\]: .{8,}[^.]", cause)
        assert re.search(r"^   help: .{8,}$", message, re.MULTILINE), message


def test_the_examples_are_chosen_from_these_messages() -> None:
    assert faults.EXAMPLES.read_text(encoding="utf-8") == faults.chosen_examples(), (
        "stale: PYTHONPATH=. python3 tests/codegen/faults.py")
    assert set(examples.by_id()) == set(ENTRIES)


def test_every_expected_text_belongs_to_a_topology() -> None:
    assert {path.stem for path in faults.FOLDER.glob("*.expected")} == {file.stem for file in FILES}


@pytest.mark.parametrize("stem", [file.stem for file in FILES if file.stem not in ("ten_faults", "syntax_several")])
def test_one_fault_gives_one_diagnostic(stem: str) -> None:
    outcome = faults.check(faults.FOLDER / f"{stem}.toml")
    assert len(re.findall(r"^\S.*: (?:error|warning)\[", outcome.err, re.MULTILINE)) == 1, outcome.err


def test_ten_faults_give_ten_diagnostics_in_the_order_of_their_lines() -> None:
    outcome = faults.run(["check", "ten_faults.toml"])
    found = re.findall(r"^ten_faults\.toml:(\d+):\d+: error", outcome.err, re.MULTILINE)
    assert [int(line) for line in found] == [2, 6, 9, 14, 15, 18, 19, 22, 23, 26]
    assert outcome.status == 1
