"""Files of every sort are read, or refused at the right place; one syntax error hides nothing else."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

import faults
from codegen import read
from codegen.diagnostics import render
from topologies import HEAD, attempt
from topologies import faults as faults_in

GOOD = HEAD + "[asio.a]\nthreads = 1\n"


def check(folder: Path, data: bytes) -> faults.Outcome:
    (folder / "md.toml").write_bytes(data)
    return faults.run(["check", "md.toml"], folder=folder)


@pytest.mark.parametrize("data", [
    GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode(), GOOD.rstrip().encode(),
], ids=["plain", "byte-order mark", "CRLF", "no last newline"])
def test_these_are_fine(tmp_path: Path, data: bytes) -> None:
    outcome = check(tmp_path, data)
    assert (outcome.status, outcome.out, outcome.err) == (0, "md.toml: ok, 1 pool\n", "")


@pytest.mark.parametrize(("data", "expected"), [
    (b"", "md.toml:1:1: error[PF011]"), (b"\n\n", "md.toml:1:1: error[PF011]"),
    (b"\0", "md.toml:1:1: error[PF003]"), (GOOD.encode() + b"x = \"\0\"", "md.toml:5:6: error[PF003]"),
    (b"\r\n\r\nx = \xff", "md.toml:3:5: error[PF002]"), (b"\xef\xbb\xbfx = 1\n\xff", "md.toml:2:1: error[PF002]"),
    (b"\xff\xfe[\0", "md.toml:1:1: error[PF002]"), (b"\xed\xa0\x80", "md.toml:1:1: error[PF002]"),
    (b"a\rb", "md.toml:1:2: error[PF003]"), (b"\r\nx = 1\r\n", "md.toml:2:1: error[PF006]"),
    (b"x = " + b"[" * 100_000, "md.toml:1:37: error[PF004]"), (b"x = " + b"{a=" * 100_000, "md.toml:1:"),
    (b"a." * 5000 + b"a = 1", "md.toml:1:65: error[PF004]"),
    (b"[" + b"a." * 5000 + b"a]", "md.toml:1:66: error[PF004]"),
    (b"x = " + b"9" * 5000, "md.toml:1:5: error[PF003]"), (b"x = 0x" + b"9" * 5000, "md.toml:1:1: error[PF006]"),
    (GOOD.encode() + b"stack_kib = 0x" + b"9" * 5000, "md.toml:5:13: error[PF009]"),
    (b"x = 2024-13-45", "md.toml:1:9: error[PF003]"), (b'x = "\\ud800"', "md.toml:1:"),
    (b'x = """', "md.toml:1:1: error[PF003]"), (b"x = [1,\n2,\n", "md.toml:1:1: error[PF003]"),
    (b"= 1", "md.toml:1:1: error[PF003]"), (b"[]", "md.toml:1:2: error[PF003]"),
    (b"[[asio.a]]", "md.toml:1:1: error[PF011]"),
    (b"[a]\n[a]", "md.toml:2:2: error[PF013]"), (b"a = {b = 1, b = 2}", "md.toml:1:"), (b"a.b = 1\n[a]", "md.toml:2:"),
], ids=lambda value: repr(value)[:24])
def test_these_are_refused_at_their_place(tmp_path: Path, data: bytes, expected: str) -> None:
    outcome = check(tmp_path, data)
    assert outcome.status == 1
    assert any(line.startswith(expected) for line in outcome.err.splitlines()), outcome.err


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for name, reason in [("none.toml", "no such file or directory"), (".", "is a directory"), ("a\0b", "not a usable")]:
        outcome = faults.run(["check", name], folder=tmp_path)
        assert outcome.status == 1
        assert f":1:1: error[PF001]: cannot read the file: {reason}" in outcome.err


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    (tmp_path / "md.toml").touch(mode=0)
    if os.geteuid() == 0:  # root may read everything
        monkeypatch.setattr(read, "open", refuse, raising=False)
    outcome = faults.run(["check", "md.toml"], folder=tmp_path)
    assert "error[PF001]: cannot read the file: permission denied" in outcome.err


@pytest.mark.parametrize(("fault", "expected"), [
    ("name = md", ["PF003 2:8", "PF006 7:1"]),  # not also: [topology] has no name
    ("name = \"md\"\nname = \"me\"", ["PF013 3:1", "PF006 8:1"]),
    ("name = \"md\"\nx y = 1", ["PF003 3:3", "PF006 8:1"]),
    ("name = \"md\n", ["PF003 2:11", "PF006 8:1"]),
    ("name = \"md\"\n[asio", ["PF003 3:6", "PF006 8:1"]),
    ("name = \"md\"\n[tbb.x]\ncores = [1,\nthreads = 2", ["PF003 5:1", "PF006 10:1"]),
])
def test_a_syntax_error_hides_no_other_fault_and_causes_none(tmp_path: Path, fault: str, expected: list[str]) -> None:
    assert faults_in(tmp_path, f"[topology]\n{fault}\n\n[asio.a]\nthreads = 1\n\nnonsense = 1\n") == expected


def test_terminal_escapes_of_the_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    outcome = check(tmp_path, b'[topology]\nname = "\\u001b[31m" # \x7f\n"\\u001b" = 1\n')
    assert "\x1b" not in outcome.err and "\x7f" not in outcome.err


def test_carets_stand_under_wide_characters_and_tabs(tmp_path: Path) -> None:
    _, problems = attempt(tmp_path, GOOD + "\n\t'\u4e2d' = 1")
    shown = render(next(iter(problems))).splitlines()
    assert shown[1:3] == ["    6 |  '\u4e2d' = 1", "      |  ^^^^"]


def test_long_lines_are_shown_in_part(tmp_path: Path) -> None:
    outcome = check(tmp_path, GOOD.encode() + b'description = "' + b"x" * 500 + b'"; y = 1\n')
    line, carets = outcome.err.splitlines()[1:3]
    assert len(line) < 170 and line[carets.index("^")] == ";"


@pytest.mark.parametrize("text", [
    GOOD + "cores = [\n" + "1,\n" * 60_000, GOOD + "x y = 1\n" * 20_000, GOOD + "cores = [" + "1," * 90_000 + "'x']\n",
    GOOD + 'description = """\n' + "[\n" * 90_000, GOOD + "# \n" * 60_000 + "= 1\n" * 20,
], ids=["unclosed array", "errors everywhere", "long array", "unclosed string", "errors at the end"])
def test_large_files_take_no_long_time(tmp_path: Path, text: str) -> None:
    before = time.process_time()
    outcome = check(tmp_path, text.encode())
    assert outcome.status == 1 and "error[PF" in outcome.err
    assert time.process_time() - before < 20  # seconds on a slow machine; what is quadratic takes minutes


def test_a_file_of_any_size_is_refused_at_once(tmp_path: Path) -> None:
    with open(tmp_path / "huge.toml", "wb") as file:
        file.truncate(10**12)
    outcome = faults.run(["check", "huge.toml"], folder=tmp_path)
    assert outcome.err.startswith("huge.toml:1:1: error[PF056]: the file is larger than 1024 KiB")
    assert check(tmp_path, GOOD.encode() + b"#" * (read.MAX_BYTES - len(GOOD))).status == 0


@pytest.mark.parametrize("text", [
    " " * 20_000 + "!", "a" + " " * 20_000 + "!", "\t" * 20_000, '"' * 20_001, "a." * 5_000 + "a = 1",
    "[" + "a." * 5_000 + "a]", "x = {" + "a." * 5_000 + "a = 1}", "a" * 100_000, '"a".' * 5_000 + "a = 1",
    'x = "' + "a." * 50_000 + '"', "# " + "a." * 50_000,
], ids=range(11))
def test_a_long_line_takes_no_longer_than_its_length(tmp_path: Path, text: str) -> None:
    started = time.process_time()
    attempt(tmp_path, HEAD + text + "\n")
    assert time.process_time() - started < 2


def test_keys_of_too_many_parts_are_refused_before_tomllib_sees_them(tmp_path: Path) -> None:
    deep = ".".join("a" * 40)
    assert "PF004 3:65" in faults_in(tmp_path, f"{HEAD}{deep} = 1\n")
    assert "PF004 3:66" in faults_in(tmp_path, f"{HEAD}[{deep}]\n")
    assert "PF004 1:65" in faults_in(tmp_path, GOOD, settings=[f"{deep}=1"])
    text = f'{GOOD}description = """\n{deep} = 1 \'{deep}\'"""  # {deep}\n'
    assert faults_in(tmp_path, text) == []
