"""`pinfold show`: the text of several machines, what it reads, and what it refuses."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import faults
import golden
import topologies

ROOT = Path(__file__).resolve().parents[2]
MACHINES = ROOT / "topology/machines"

POOLS = """
[asio.net]
cores = "1-2"
idle = "spin"
description = "market data in, orders out"
[native.poh]
cores = "3"
exclusive = true
policy = "fifo"
priority = 50
[native.old]
cores = "9"
enabled = false
fallback = "poh"
[tbb.lost]
cores = "9"
enabled = false
[aliases.asio]
gossip = "net"
[aliases.native]
clock = "old"
"""
CASES = {
    "two_packages": '[asio.io]\ncores = "take:6"\n[tbb.risk]\ncores = "hw:numa:1"\npolicy = "batch"\n'
                    '[native.default]\ncores = "rest"\npin = "set"\nthreads = 8\n',
    "hybrid": '[process]\ncores = "8-9"\n[native.fast]\ncores = "hw:cpukind:1"\n[tbb.slow]\ncores = "10-13"\n',
    "devices": '[process]\ncpuset = "0-11,16-27"\n' + POOLS,
    "partial": '[native.a]\ncores = "1-2"\nthreads = 1\n[native.b]\ncores = "2-3"\npin = "set"\n',
    "isolated": '[native.a]\ncores = "4-6"\n',
    "": '[process]\ncpuset = "0-3"\ncores = "0"\n' + POOLS.replace('"9"', '"3"'),
}


def written(folder: Path, machine: str, text: str, name: str = "md") -> Path:
    """A topology, beside the description of its machine if it has one."""
    named = f'machine = "{machine}.xml"\n' if machine else ""
    if machine:
        (folder / f"{machine}.xml").write_bytes((MACHINES / f"{machine}.xml").read_bytes())
    file = folder / f"{name}.toml"
    file.write_text(f'[topology]\nname = "{name}"\n{named}{text}', encoding="utf-8")
    return file


def shown(folder: Path, *options: str, file: str = "md.toml") -> str:
    outcome = faults.run(["show", file, *options], folder=folder)
    assert outcome.status == 0, outcome.err
    return outcome.out


@pytest.mark.parametrize("machine", CASES)
def test_shows_the_golden_text(tmp_path: Path, machine: str) -> None:
    written(tmp_path, machine, CASES[machine])
    text = shown(tmp_path)
    golden.assert_same(text, golden.FOLDER / "show" / f"{machine or 'no_machine'}.txt")
    assert max(map(len, text.splitlines())) <= 120


def test_the_map_of_128_cpus_fits_a_narrow_terminal(tmp_path: Path) -> None:
    written(tmp_path, "two_packages", CASES["two_packages"])
    drawn, _, _ = shown(tmp_path).partition("pool  ")
    assert max(map(len, drawn.splitlines())) <= 80
    assert len(drawn.splitlines()) < 40


def test_long_lists_and_descriptions_do_not_break_the_table(tmp_path: Path) -> None:
    text = CASES["two_packages"] + f'[native.more]\nthreads = 1\ndescription = "{"long " * 60}"\n'
    written(tmp_path, "two_packages", text)
    assert max(map(len, shown(tmp_path).splitlines())) == 120


def test_more_pools_than_letters_get_two_letters(tmp_path: Path) -> None:
    pools = "".join(f'[native.p{index}]\ncores = "{index}"\n' for index in range(40))
    written(tmp_path, "two_packages", pools)
    text = shown(tmp_path)
    assert " AA AB AC " in text and "BN  native.p39 " in text


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    written(tmp_path, "", '[native.a]\nthreads = 1\ndescription = "\\u001b[2J\\u202e"\n')
    assert "\x1b" not in shown(tmp_path) and "<U+001B>[2J<U+202E>" in shown(tmp_path)


def test_a_pool_without_cores_runs_where_main_does(tmp_path: Path) -> None:
    """Not where the kernel likes: but for policy deadline, which takes no narrower threads."""
    written(tmp_path, "", """[process]
cpuset = "0-3"
cores = "0"
[native.free]
threads = 2
[native.due]
threads = 1
policy = "deadline"
deadline = { runtime_us = 10, deadline_us = 20, period_us = 40 }
[native.own]
cores = "1"
""")
    text = shown(tmp_path)
    assert re.search(r"native.free +2 +0 of the process ", text)
    assert re.search(r"native.due +1 +anywhere ", text)
    assert re.search(r"^0-3 +F O · ·$", text, re.MULTILINE)
    assert "CPU 0\nnative.free: 2 threads on [process] cores" in shown(tmp_path, "--svg", "-")
    assert faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path).status == 0
    for file in ("topology.hpp", "topology.txt"):
        assert re.search(r"native.free +2 +0 of the process ", (tmp_path / "md" / file).read_text(encoding="utf-8"))
    assert "cpu 0  native.free (not pinned)" in (tmp_path / "md/topology.txt").read_text(encoding="utf-8")


def test_metrics_have_a_column_where_some_pool_has_them(tmp_path: Path) -> None:
    written(tmp_path, "", '[asio.net]\nthreads = 2\nmetrics = "counters"\n[native.poh]\nthreads = 1\n')
    faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path)
    written(tmp_path, "", '[asio.net]\nthreads = 2\n', "plain")
    faults.run(["generate", "plain.toml", "--out", "."], folder=tmp_path)
    for text in (shown(tmp_path), (tmp_path / "md/topology.txt").read_text(encoding="utf-8")):
        assert re.search(r"policy  idle  metrics  +(stack|thread names)", text)
        assert re.search(r"asio.net +2 +anywhere +other +park  counters ", text)
        assert re.search(r"native.poh +1 +anywhere +other +park  off ", text)
    for text in (shown(tmp_path, file="plain.toml"), (tmp_path / "plain/topology.txt").read_text(encoding="utf-8")):
        assert "metrics" not in text
    assert ", park, metrics counters" in shown(tmp_path, "--svg", "-")
    page = shown(tmp_path, "--html", "-")
    assert ">metrics<" in page
    assert ">metrics<" not in shown(tmp_path, "--html", "-", file="plain.toml")


@pytest.mark.parametrize("option", ["--svg", "--html"])
def test_a_picture_does_not_replace_what_it_is_drawn_from(tmp_path: Path, option: str) -> None:
    file = written(tmp_path, "partial", "[native.a]\ncores = \"1\"\n")
    (tmp_path / "more.toml").write_text("[native.a]\nnice = 1\n", encoding="utf-8")
    (tmp_path / "link.svg").symlink_to(file)
    for name in ("md.toml", "./more.toml", "partial.xml", "link.svg"):
        before = (tmp_path / name).read_bytes()
        outcome = faults.run(["show", "md.toml", "--overlay", "more.toml", option, name], folder=tmp_path)
        assert (outcome.status, outcome.out, outcome.err) == (
            2, "", f"pinfold: {name} is what the picture is drawn from; write that to another file\n")
        assert (tmp_path / name).read_bytes() == before
    assert faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path).status == 0
    document = (tmp_path / "md/topology.json").read_bytes()
    outcome = faults.run(["show", "md/topology.json", option, "md/topology.json"], folder=tmp_path)
    assert outcome.status == 2 and (tmp_path / "md/topology.json").read_bytes() == document
    for _ in range(2):
        assert shown(tmp_path, option, "picture") == "", "yesterday's picture may be replaced"


def test_a_file_cannot_be_svg_and_html(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    outcome = faults.run(["show", "md.toml", "--svg", "x", "--html", "x"], folder=tmp_path)
    assert (outcome.status, outcome.err) == (2, "pinfold: x cannot be both SVG and HTML\n")


def on_terminal(folder: Path, **environment: str) -> str:
    leader, follower = pty.openpty()
    subprocess.run([ROOT / "codegen/pinfold", "show", "md.toml"], cwd=folder, stdout=follower, check=True,
                   env={**os.environ, "PYTHONIOENCODING": "utf-8", "PINFOLD_PYTHON": sys.executable, **environment})
    os.close(follower)
    return os.read(leader, 100_000).decode("utf-8")


def test_pools_have_colours_on_terminals_unless_told_otherwise(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    assert "\x1b[1;38;5;75mN\x1b[0m" in on_terminal(tmp_path, NO_COLOR="")
    assert "\x1b" not in on_terminal(tmp_path, NO_COLOR="1")


def test_colour_can_be_asked_for(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    assert "\x1b[1;38;5;75mN\x1b[0m" in shown(tmp_path, "--color", "always")
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown(tmp_path, "--color", "always")) == shown(tmp_path)


def test_where_the_output_knows_no_lines_trees_are_drawn_with_letters(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    text = on_terminal(tmp_path, NO_COLOR="1", PYTHONIOENCODING="ascii").replace("\r\n", "\n")
    assert "  asio\n  `- net\n     `- gossip  alias (file)\n" in text
    assert "\\" not in text


def test_a_document_is_shown_like_the_topology_that_it_came_from(tmp_path: Path) -> None:
    written(tmp_path, "devices", CASES["devices"])
    assert faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path).status == 0
    assert shown(tmp_path, file="md/topology.json") == shown(tmp_path)
    assert shown(tmp_path, "--html", "-", file="md/topology.json") == shown(tmp_path, "--html", "-")


def test_json_is_the_document_that_generate_writes(tmp_path: Path) -> None:
    written(tmp_path, "hybrid", CASES["hybrid"])
    faults.run(["generate", "md.toml", "--out", "."], folder=tmp_path)
    assert shown(tmp_path, "--json") == (tmp_path / "md/topology.json").read_text(encoding="utf-8")
    assert shown(tmp_path, "--json", file="md/topology.json") == shown(tmp_path, "--json")


def test_pictures_go_to_files_or_to_standard_output(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    assert shown(tmp_path, "--svg", "a.svg", "--html", "a.html") == ""
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == shown(tmp_path, "--svg", "-")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == shown(tmp_path, "--html", "-")


def refusal(folder: Path, *arguments: str) -> str:
    outcome = faults.run(["show", *arguments], folder=folder)
    assert outcome.status == 2 and outcome.out == "" and outcome.err.startswith("pinfold: ")
    assert outcome.err.count("\n") == 1
    return outcome.err


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    (tmp_path / "lib.a").write_bytes(b"!<arch>\n")
    assert "cannot write none/a.svg: No such file" in refusal(tmp_path, "md.toml", "--svg", "none/a.svg")
    assert "only one of --json" in refusal(tmp_path, "md.toml", "--svg", "-", "--json")
    assert "md.toml has no topology 'x': it has md" in refusal(tmp_path, "md.toml", "--topology", "x")
    assert "other.json: it is JSON, but not a resolved topology" in refusal(tmp_path, "other.json")
    assert "name a program that links it" in refusal(tmp_path, "lib.a")
    (tmp_path / "md.json").write_text(shown(tmp_path, "--json"), encoding="utf-8")
    assert "--overlay and --set change only a topology file" in refusal(tmp_path, "md.json", "--set", "a.b=1")


def test_faults_of_a_topology_are_reported_as_by_check(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(topologies.HEAD + "[asio.a]\n", encoding="utf-8")
    for file in ("bad.toml", "none.toml", "."):
        there, here = (faults.run([command, file], folder=tmp_path) for command in ("check", "show"))
        assert (here.status, here.err, here.out) == (1, there.err, "")


def test_another_pinfolds_document_is_shown_with_a_note(tmp_path: Path) -> None:
    written(tmp_path, "", CASES[""])
    old = json.loads(shown(tmp_path, "--json")) | {"pinfold": "0.0.1"}
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    outcome = faults.run(["show", "old.json"], folder=tmp_path)
    assert outcome.status == 0 and outcome.out == shown(tmp_path)
    assert outcome.err.startswith("pinfold: note: pinfold 0.0.1 wrote old.json; this is ")
