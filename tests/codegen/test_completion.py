"""What bash and fish complete after `pinfold`: bash calls its script's function with a line, fish is asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import faults
from codegen.manual import bash, fish
from codegen.start_problems import START_PROBLEMS
from test_manual import parsers

ROOT = Path(__file__).resolve().parents[2]
TOPOLOGY = """[topology]
name = "md"
[asio.net]
threads = 1
[ tbb.risk ] # where prices are made
threads = 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("completion")
    (found / "script").write_text(faults.run(["completion", "bash"]).out, encoding="utf-8")
    (found / "md.toml").write_text(TOPOLOGY, encoding="utf-8")
    (found / "md two.toml").write_text(TOPOLOGY, encoding="utf-8")
    (found / "made").mkdir()
    return found


def completed(folder: Path, line: str) -> list[str]:
    """Of the last word of the line, which bash splits at blanks, and around = and :."""
    words = [part for word in line.split(" ") for part in (re.findall(r"[=:]|[^=:]+", word) or [""])]
    script = ('set -u; source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pinfold'
              '; ((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"')
    outcome = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], cwd=folder, text=True,
                             capture_output=True, timeout=20)
    assert (outcome.returncode, outcome.stderr) == (0, ""), line
    return outcome.stdout.splitlines()


def test_commands(folder: Path) -> None:
    assert completed(folder, "pinfold ") == [*parsers(), "--help"]
    assert completed(folder, "pinfold dis") == ["discover"]
    assert completed(folder, "pinfold nonsense ") == completed(folder, "pinfold nonsense --") == []


@pytest.mark.parametrize("command", parsers())
def test_options_of_every_command(folder: Path, command: str) -> None:
    options = {flag for action in parsers()[command]._actions for flag in action.option_strings if len(flag) > 2}
    assert set(completed(folder, f"pinfold {command} -")) == options


@pytest.mark.parametrize(("line", "words"), [
    ("pinfold check --format ", ["text", "json", "gcc", "msvc", "github"]),
    ("pinfold check --format=g", ["gcc", "github"]),
    ("pinfold import ", ["agave", "loom"]),
    ("pinfold deploy md.toml --only ku", ["kubernetes"]),
    ("pinfold discover --kinds asio,n", ["asio,native"]),
    ("pinfold verify 1 --watch 2 --col", ["--color"]),
    ("pinfold verify --cpu-map 0:1 --watch=2 --col", ["--color"]),
])
def test_words_that_an_argument_takes(folder: Path, line: str, words: list[str]) -> None:
    assert completed(folder, line) == words


@pytest.mark.parametrize("line", [
    "pinfold check md", "pinfold check --overlay md", "pinfold check --overlay=md", "pinfold diff md.toml md",
    "pinfold import loom md", "pinfold generate --format gcc md",
])
def test_files(folder: Path, line: str) -> None:
    assert sorted(completed(folder, line)) == ["md two.toml", "md.toml"]


def test_folders_where_only_they_will_do(folder: Path) -> None:
    assert completed(folder, "pinfold generate md.toml --out m") == ["made"]


def test_nothing_where_no_argument_is_left_and_where_words_are_free(folder: Path) -> None:
    for line in ("check md.toml ", "schema ", "show --topology ", "verify --cpu-map 0:"):
        assert completed(folder, f"pinfold {line}") == [], line


def test_ids_of_messages(folder: Path) -> None:
    assert completed(folder, "pinfold explain PF2") == list(START_PROBLEMS)


def test_processes(folder: Path) -> None:
    assert str(os.getpid()) in completed(folder, "pinfold top ")


def test_settings_of_the_pools_of_the_topology_on_the_line_and_their_words(folder: Path) -> None:
    keys = completed(folder, "pinfold check md.toml --set ")
    assert {key.rpartition(".")[0] for key in keys} == {"topology", "process", "asio.net", "tbb.risk"}
    assert all(key.endswith("=") for key in keys)
    assert completed(folder, "pinfold check md.toml --set asio.net.blocking") == ["asio.net.blocking_threads="]
    assert completed(folder, "pinfold check --set topology.on") == ["topology.on_failure="]
    assert completed(folder, "pinfold check md.toml --set asio.net.pin=") == ["thread", "set", "none"]
    assert completed(folder, "pinfold check --set=tbb.risk.enabled=t") == ["true"]


def test_what_completes_an_argument_is_decided_for_each_and_no_other() -> None:
    values = {str(action.metavar or action.dest.upper()) for parser in parsers().values() for action in parser._actions
              if action.nargs != 0 and not action.choices}
    assert values == set(bash.COMPLETED) == set(fish.COMPLETED)


def in_fish(folder: Path, line: str) -> list[str]:
    """The words, without what fish says of them."""
    script = folder / "pinfold.fish"
    script.write_text(faults.run(["completion", "fish"]).out, encoding="utf-8")
    command = ["fish", "--no-config", "-c", 'source pinfold.fish; complete -C "$argv"', line]
    outcome = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=20,
                             env={**os.environ, "HOME": str(folder)})
    assert (outcome.returncode, outcome.stderr) == (0, ""), line
    return [each.partition("\t")[0] for each in outcome.stdout.splitlines()]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is missing")
def test_fish_completes_the_same_but_for_settings(folder: Path) -> None:
    assert set(in_fish(folder, "pinfold ")) == set(parsers())
    for command, parser in parsers().items():
        options = {flag for action in parser._actions for flag in action.option_strings if len(flag) > 2}
        assert set(in_fish(folder, f"pinfold {command} --")) == options
    for line in ("check --format ", "check --format=g", "deploy md.toml --only ku", "generate md.toml --out m",
                 "explain PF2", "check md.toml --set asio", "verify --cpu-map ", "schema "):
        value = line.rpartition(" ")[2].partition("=")[0] + "=" if "=" in line else ""
        found = [word.removeprefix(value).rstrip("/") for word in in_fish(folder, f"pinfold {line}")]
        assert sorted(found) == sorted([] if "--set" in line else completed(folder, f"pinfold {line}")), line
    assert sorted(in_fish(folder, "pinfold check --overlay md")) == ["md two.toml", "md.toml"]
    assert set(in_fish(folder, "pinfold import a")) == {"agave"}
