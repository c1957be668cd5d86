"""Whatever the input: no exception, and either located errors or a topology that holds together and compiles."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest

import faults
import fuzzing
import mutations
import random_topologies
from codegen import emit, schema
from codegen.diagnostics import Problems, render
from codegen.layers import Request
from codegen.load import load
from codegen.model import Topology
from fuzzing import Texts
from test_emit_compiles import INCLUDE

REFERENCE = (faults.FOLDER.parent.parent / "topology/topology.toml").read_text(encoding="utf-8")
COMPACT = "\n".join(line for line in re.sub(r"\s+#.*", "", REFERENCE).splitlines() if line and not line.startswith("#"))
# Those on a machine have a test of their own: hwloc's tools take a hundred times as long as all else.
FAULTS = [text.decode() for text in (file.read_bytes() for file in faults.topologies())
          if b"\xe9" not in text and b"\0" not in text and b"machine =" not in text]

TOKENS = [
    "", "=", "[", "]", "[[", "]]", "{", "}", ",", ".", "!", "-", ":", "#", '"', "'", '"""', "'''", "\n", "\r", "\t",
    " ", "\\", "\0", "\x1b", "\ufeff", "\u4e2d", "0", "-1", "65535", "65536", "1e9", "nan", "true", "false",
    "1979-05-27",
    "9" * 30,
    '"0-7:0"',
    '"0-3"', '"rest"', '"take:2"', '"hw:numa:1"', '"!1"', '"3-0"', '""', "[1, 2]", "{}", "[]", "default", "default_",
    "int", "threads = 1", "threads = 0", "fallback = \"net\"", "enabled = false", "optional = true", "[asio.net]",
    "[tbb.default]", "[native.work]", "[aliases.native]", "[cores]", "[process]", "cpuset = \"0-3\"",
    "network = \"general\"",
    *schema.SECTIONS, *schema.TOPOLOGY, *schema.PROCESS, *schema.POOLS["asio"], *schema.POOLS["native"],
    "per_thread", "fifo", "deadline", "batch", "busy", "spin", "set", "none",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def attempt(folder: Path, texts: Texts) -> Topology | None:
    for name in ("md.toml", "overlay.toml"):
        # Some file systems wait for the disk where a file is cut to be written anew.
        (folder / name).unlink(missing_ok=True)
        if name in texts:
            (folder / name).write_bytes(texts[name].encode("utf-8", "surrogateescape"))
    request = Request(
        str(folder / "md.toml"), [str(folder / "overlay.toml")] if "overlay.toml" in texts else [],
        texts.get("PINFOLD_SET", ""), [texts["--set"]] if "--set" in texts else [], relative_to=str(folder))
    problems = Problems()
    topology = load(request, problems)
    assert (topology is None) == bool(problems.errors)
    previous = (0, 0, 0)
    for problem in problems:
        assert re.match(r"(?:md\.toml|overlay\.toml|PINFOLD_SET|--set):\d+:\d+: (?:error|warning)\[PF\d{3}\]: [^\n]+\n",
                        render(problem))
        lines = problem.place.source.text.count("\n") + 1
        assert problem.id in ("PF001", "PF002") or 1 <= problem.place.line <= lines
        assert previous <= problem.place.order
        assert problem.help and "\n" not in problem.help
        assert problem.help and "\n" not in problem.help
        previous = problem.place.order
    if topology is not None:
        assert_holds_together(topology)
    return topology


def assert_holds_together(topology: Topology) -> None:
    assert topology.pools
    for pool in topology.pools:
        assert set(schema.POOLS[pool.kind]) == set(pool.origins)
        assert len(set(pool.cores)) == len(pool.cores)
        assert pool.threads + pool.max_threads > 0
        assert pool.pin == "none" or pool.cores
        assert pool.pin != "thread" or pool.threads <= len(pool.cores)
        assert bool(pool.priority) == (pool.policy in ("fifo", "rr"))
        assert (pool.deadline is not None) == (pool.policy == "deadline")
    names = {(name.kind, name.name): topology.pools[name.pool].kind for name in topology.names}
    assert len(names) == len(topology.names)
    assert all(kind == pool_kind for (kind, _), pool_kind in names.items())


def any_topology(random: Random) -> str:
    return random.choice((COMPACT, COMPACT, REFERENCE, *FAULTS))


def structure(random: Random) -> str:
    return random_topologies.written(random_topologies.structure(random))


def layers(random: Random) -> Texts:
    texts = {"md.toml": structure(random), "overlay.toml": structure(random)}
    for name in ("--set", "PINFOLD_SET"):
        noise = mutations.words_exchanged(random, any_topology(random), TOKENS).replace("\n", ";")
        texts[name] = random.choice((noise[:80], noise, "process.cpuset=0-9", "topology.undeclared=error"))
    return texts


def test_stretches_replaced(folder: Path) -> None:
    fuzzing.search("topologies with stretches replaced", 0.25, lambda random: {
        "md.toml": mutations.stretches_replaced(random, any_topology(random), TOKENS)}, partial(attempt, folder))


def test_words_exchanged(folder: Path) -> None:
    fuzzing.search("topologies with words exchanged", 0.25, lambda random: {
        "md.toml": mutations.words_exchanged(random, any_topology(random), TOKENS)}, partial(attempt, folder))


def test_lines_rearranged(folder: Path) -> None:
    fuzzing.search("topologies with lines rearranged", 0.08, lambda random: {
        "md.toml": mutations.lines_rearranged(random, any_topology(random))}, partial(attempt, folder))


def test_random_layers(folder: Path) -> None:
    fuzzing.search("layers over random structures", 0.05, layers, partial(attempt, folder))


def test_random_bytes(folder: Path) -> None:
    assert fuzzing.search("random bytes", 0.02, lambda random: {
        "md.toml": random.randbytes(random.randint(0, 60)).decode("utf-8", "surrogateescape")},
        partial(attempt, folder)) == 0


def test_random_structures(folder: Path, tmp_path: Path) -> None:
    """A good part of them is fine, else this would test errors alone; a sample of those is compiled, all at once."""
    sample: list[Topology] = []
    wanted = 100 if fuzzing.LONG else 10
    checked = 0

    def check(texts: Texts) -> bool:
        nonlocal checked
        checked += 1
        topology = attempt(folder, texts)
        if topology is not None and topology.name == "md" and checked > 40 * len(sample) and len(sample) < wanted:
            sample.append(replace(topology, name=f"md{len(sample)}"))
        return topology is not None

    fine = fuzzing.search("random structures", 0.15, lambda random: {"md.toml": structure(random)}, check)
    assert 0.1 < fine / checked < 0.9
    assert len(sample) == wanted
    assert_compile(tmp_path, sample)


def assert_compile(folder: Path, topologies: list[Topology]) -> None:
    """What the generator cannot know, the library's limits, the compiler reports, as the generator would."""
    for topology in topologies:
        emit.write(topology, folder, depfile=None, inputs=[])
    main = folder / "all.cpp"
    main.write_text("".join(f'#include "{topology.name}/topology.cpp"\n' for topology in topologies), encoding="utf-8")
    done = subprocess.run(
        ["g++", "-std=c++20", "-fsyntax-only", "-DBOOST_HANA_CONFIG_ENABLE_STRING_UDL", f"-I{folder}", f"-I{INCLUDE}",
         main], capture_output=True, text=True, check=False)
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    assert done.returncode == bool(errors)
    assert all(re.match(r"md\.toml:\d+:.*static assertion failed: PF\d{3}: ", error) for error in errors), errors
