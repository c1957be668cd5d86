"""What a process says of itself, and what is typed, reaches a terminal as text and never as commands to it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import topologies
from codegen import cli
from codegen.model import Origin, Topology
from processes import PID, FakeProcess
from verifying import refusal, run

HOSTILE = "\x1b[2J\u202e"
FILE = """
[process]
cores = "0-1"
[asio.net]
cores = "2-5"
[tbb.risk]
cores = "16-63"
policy = "batch"
"""


@pytest.fixture
def declared(tmp_path: Path) -> Topology:
    return topologies.topology(tmp_path, topologies.HEAD + FILE)


def test_neither_the_process_nor_its_binary_can_steer_the_terminal(tmp_path: Path, declared: Topology) -> None:
    """Whatever a finding quotes: files and thread names of the topology, names and the map of the process."""
    pools = tuple(replace(pool, thread_name=HOSTILE, origin=Origin("file", HOSTILE, 1),
                          origins={key: Origin("file", HOSTILE, 1) for key in pool.origins}) for pool in declared.pools)
    hostile = replace(declared, pools=pools, file=HOSTILE)
    process = FakeProcess(tmp_path, hostile, main="0-1")
    for name in (f"{HOSTILE}-0", f"{HOSTILE}-1", HOSTILE):
        process.thread(name, "7", policy="batch")
    outcome = run(process)
    said = " ".join(outcome.out.split())
    assert outcome.status == 1 and "cores (<U+001B>[2J<U+202E>:1)" in said
    assert "may run on 7" in said and "are missing: <U+001B>[2J<U+202E>-" in said
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", outcome.out + outcome.err)


@pytest.mark.parametrize("text", ["\x1b[31mx", "1:2;\n"])
def test_a_map_that_is_refused_cannot_steer_the_terminal(tmp_path: Path, declared: Topology, text: str) -> None:
    process = FakeProcess(tmp_path, declared, environment=[f"PINFOLD_CPU_MAP={text}"], main="0-1")
    said = refusal(process)
    assert f"process {PID} was started with a map that pinfold refuses: CPU map entry '\ufffd" in said
    assert not re.search("[\x00-\x09\x0b-\x1f]", said)


@pytest.mark.parametrize("arguments", [["\x1b[31m"], ["1", "--watch", "\x1b[31m"], ["1", "--cpu-map", "\x1b[31m"]])
def test_an_argument_that_is_refused_cannot_steer_the_terminal(
    arguments: list[str], capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["verify", *arguments])
    said = capsys.readouterr().err
    assert "'\ufffd[31m'" in said and "\x1b" not in said
