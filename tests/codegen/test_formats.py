"""Diagnostics in the forms that programs read: each says the same, in its reader's grammar."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import faults
from codegen import cli, diagnostics, formats

FILES = list(faults.topologies())
WRAPPER = Path(__file__).resolve().parents[2] / "codegen/pinfold"

# How editors and build tools find a problem in a compiler's output.
VS_CODE_GCC = re.compile(r"^(?P<file>.*?):(?P<line>\d+):(?P<column>\d*):?\s+(?:fatal\s+)?"
                         r"(?P<severity>warning|error|info):\s+(?P<message>.*)$")
QT_CREATOR_GCC = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):(?:(?P<column>\d+):)?\s+(?:fatal )?"
                            r"(?P<severity>warning|error|note):\s(?P<message>.+)$")
VIM_GCC = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+):(?P<severity> (?:error|warning)):"
                     r"(?P<message>.*)$")
CTEST_GCC = re.compile(r"^(?P<file>[^ :]+):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<severity>error|warning):"
                       r" (?P<message>.*)$")
VS_CODE_MSVC = re.compile(r"^(?:\s*\d+>)?(?P<file>\S.*?)\((?P<line>\d+),(?P<column>\d+)\)\s*:\s+(?:fatal )?"
                          r"(?P<severity>error|warning|info)\s+(?P<id>\w+\d+)\s*:\s*(?P<message>.*)$")


def check(name: str, form: str, *arguments: str) -> faults.Outcome:
    return faults.run(["check", name, "--format", form, *arguments])


@pytest.mark.parametrize("pattern", [VS_CODE_GCC, QT_CREATOR_GCC, VIM_GCC, CTEST_GCC],
                         ids=["VS Code", "Qt Creator", "Vim", "CTest"])
def test_readers_of_gcc_find_each_problem(pattern: re.Pattern[str]) -> None:
    found = [match for line in check("ten_faults.toml", "gcc").err.splitlines() if (match := pattern.match(line))
             and match["severity"].strip() != "note"]
    assert [int(match["line"]) for match in found] == [2, 6, 9, 14, 15, 18, 19, 22, 23, 26]
    assert {(match["file"], match["severity"].strip()) for match in found} == {("ten_faults.toml", "error")}
    assert found[3]["column"] == "1" and found[3]["message"].strip() == "unknown key 'thread' in [asio.net] [PF006]"


def test_files_have_absolute_paths_where_an_ide_must_find_them(tmp_path: Path) -> None:
    (tmp_path / "over.toml").write_text("[asio.net]\ntreads = 1\n", "utf-8")
    outcome = check("pools_overlap.toml", "gcc", "--absolute", "--overlay", os.path.relpath(tmp_path / "over.toml",
                                                                                            faults.FOLDER))
    places = [match["file"] for line in outcome.err.splitlines() if (match := VS_CODE_GCC.match(line))]
    assert places == [str(faults.FOLDER / "pools_overlap.toml"), str(tmp_path / "over.toml")]
    generated = tmp_path / "out"
    faults.run(["generate", "pools_overlap.toml", "--absolute", "--out", str(generated)])
    assert str(faults.FOLDER) not in "".join(path.read_text() for path in (generated / "md").iterdir())


def test_readers_of_msvc_find_each_problem() -> None:
    found = [match for line in check("ten_faults.toml", "msvc").err.splitlines() if (match := VS_CODE_MSVC.match(line))]
    assert [int(match["line"]) for match in found] == [2, 6, 9, 14, 15, 18, 19, 22, 23, 26]
    assert (found[3]["id"], found[3]["message"]) == ("PF006", "unknown key 'thread' in [asio.net]")


def test_notes_and_help_are_notes_of_gcc_and_msvc_with_places() -> None:
    assert check("exclusive_shared_with_pool.toml", "gcc").err == """\
exclusive_shared_with_pool.toml:9:9: error: core 4 is exclusive to [asio.net], and [tbb.work] names it too [PF046]
    9 | cores = "4-8"
      |         ^^^^^
exclusive_shared_with_pool.toml:5:9: note: the cores of [asio.net]
    5 | cores = "1-4"
      |         ^^^^^
exclusive_shared_with_pool.toml:9:9: note: give them different cores, or remove exclusive from [asio.net]
"""
    assert check("pools_overlap.toml", "msvc").err == """\
pools_overlap.toml(8,9): warning PF050: [asio.net] and [tbb.work] share core 4
pools_overlap.toml(5,9): note: the cores of [asio.net]
pools_overlap.toml(8,9): note: give each pool its own cores
"""


def test_github_gets_one_escaped_workflow_command_for_each_problem(tmp_path: Path) -> None:
    (tmp_path / "a,b:50%.toml").write_text('[topology]\nname = "md"\n[asio.a]\nthreads = 1\nx = "100%"\n', "utf-8")
    outcome = faults.run(["check", "a,b:50%.toml", "--format", "github"], folder=tmp_path)
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("::error file=a%2Cb%3A50%25.toml,line=5,col=1,endColumn=2,title=PF006::"
                                  "unknown key 'x' in [asio.a]%0Ahelp: keys: cores, pin")
    assert check("pools_overlap.toml", "github").err == (
        "::warning file=pools_overlap.toml,line=8,col=9,endColumn=14,title=PF050::"
        "[asio.net] and [tbb.work] share core 4%0Anote: pools_overlap.toml:5:9: the cores of [asio.net]"
        "%0Ahelp: give each pool its own cores\n")


def test_github_gets_no_file_for_what_is_none() -> None:
    outcome = check("pools_overlap.toml", "github", "--set", "asio.net.nice=100%")
    assert "\n::error title=PF008::--set:1:15: 'nice' must be an integer, not a string%0A" in outcome.err


def test_ides_get_no_file_for_what_is_none() -> None:
    gcc = check("pools_overlap.toml", "gcc", "--set", "asio.net.nice=100%").err
    assert "\npinfold: error: --set:1:15: 'nice' must be an integer, not a string [PF008]\n" in gcc
    assert "\npinfold: note: for example nice = 5\n" in gcc
    msvc = check("pools_overlap.toml", "msvc", "--set", "asio.net.nice=100%").err
    assert "\npinfold : error PF008: --set:1:15: 'nice' must be an integer, not a string\n" in msvc
    for form, origin in (("gcc", "pools_overlap.toml:8:9"), ("msvc", "pools_overlap.toml(8,9)")):
        output = check("pools_overlap.toml", form, "--set", 'asio.net.cores="4"').err
        assert f"\n{origin}: note: --set:1:16: the cores of [asio.net]\n" in output
        assert not re.search(r"^--set", output, re.MULTILINE)


@pytest.mark.parametrize("form", ["text", "gcc", "msvc", "github"])
def test_a_name_neither_steers_the_terminal_nor_forges_a_message(tmp_path: Path, form: str) -> None:
    name = r'"a\u001b[31m\nmd.toml:1:1: error: forged"'
    (tmp_path / "md.toml").write_text(f'[topology]\nname = "md"\n[asio.{name}]\nfallback = "b"\n[tbb.b]\n'
                                      f'fallback = {name}\nthread_name = {name}\n', "utf-8")
    lines = faults.run(["check", "md.toml", "--format", form], folder=tmp_path).err.splitlines()
    assert any("forged" in line for line in lines)
    assert not any(line.startswith("md.toml:1:1: error: forged") or not line.isprintable() for line in lines)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_json_says_what_the_text_says(file: Path) -> None:
    text, outcome = faults.check(file), faults.check(file, "--format", "json")
    assert (outcome.status, outcome.err) == (text.status, "")
    found = json.loads(outcome.out)
    assert (found["file"], found["errors"] > 0) == (file.name, text.status == 1)
    assert found["errors"] + found["warnings"] == len(found["diagnostics"])
    assert ("pools" in found) == (text.status == 0)
    shown = iter(text.err.splitlines())
    for problem in found["diagnostics"]:
        place = f"{problem['file']}:{problem['line']}:{problem['column']}"
        assert f"{place}: {problem['severity']}[{problem['id']}]: {problem['message']}" in shown
        for note in problem["notes"]:
            where = f"{note['file']}:{note['line']}:{note['column']}: " if "file" in note else ""
            assert f"   note: {where}{note['message']}" in shown
        assert f"   help: {problem['help']}" in shown
        assert problem["end_column"] > problem["column"]


def test_in_json_the_whole_answer_is_one_document(tmp_path: Path) -> None:
    kinds = json.loads(faults.run(["kinds", "pools_overlap.toml", "--format", "json"]).out)
    assert (kinds["kinds"], kinds["name"], kinds["warnings"]) == (["asio", "tbb"], "md", 1)
    assert kinds["files"] == [str(faults.FOLDER / "pools_overlap.toml")]
    generate = ["generate", "pools_overlap.toml", "--format", "json", "--out", str(tmp_path)]
    assert json.loads(faults.run(generate).out)["diagnostics"][0]["id"] == "PF050"
    assert (tmp_path / "md/topology.hpp").is_file()
    assert json.loads(faults.run([*generate, "--set", "x=1"]).out)["errors"] == 1


@pytest.mark.parametrize("form", [name for name in formats.NAMES if name != "json"])
def test_every_other_form_leaves_standard_output_to_the_answer(form: str) -> None:
    outcome = faults.run(["kinds", "pools_overlap.toml", "--format", form])
    assert (outcome.status, outcome.out) == (0, f"asio;tbb\nmd\n{faults.FOLDER / 'pools_overlap.toml'}\n")
    assert "PF050" in outcome.err
    assert check("ten_faults.toml", form).status == 1


def coloured(arguments: Sequence[str], environment: str, *, terminal: bool) -> bool:
    command: list[str | Path] = [WRAPPER, "check", "ten_faults.toml", *arguments]
    variables = {**os.environ, "NO_COLOR": environment}
    if not terminal:
        return b"\x1b[" in subprocess.run(command, cwd=faults.FOLDER, env=variables, capture_output=True).stderr
    leader, follower = pty.openpty()
    subprocess.run(command, cwd=faults.FOLDER, env=variables, stderr=follower)
    os.close(follower)
    return b"\x1b[" in os.read(leader, 100_000)


def test_colours_are_asked_for_refused_or_left_to_the_terminal() -> None:
    assert coloured([], "", terminal=True) and not coloured([], "1", terminal=True)
    assert coloured(["--color", "always"], "1", terminal=False) and not coloured([], "", terminal=False)
    assert not coloured(["--color", "never"], "", terminal=True)
    assert not coloured(["--color", "always", "--format", "gcc"], "", terminal=False)


def test_every_command_s_help_tells_its_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("", "check", "generate", "kinds", "explain"):
        with pytest.raises(SystemExit, match="^0$"):
            cli.main([*command.split(), "--help"])
        assert "Exit code 0: done" in " ".join(capsys.readouterr().out.split())


def test_what_a_command_says_of_itself_cannot_steer_the_terminal() -> None:
    said = faults.run(["explain", "\x1b[31m\r\u202e"]).err
    assert said == "pinfold: there is no diagnostic \ufffd[31m\ufffd\ufffd; pinfold explain lists them all\n"
    assert diagnostics.remark("\x07") == "pinfold: note: \ufffd\n"
