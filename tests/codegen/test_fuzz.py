"""Whatever the input: no exception, and either located errors or a topology that holds together."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import faults
from codegen import schema
from codegen.diagnostics import Problems, render
from codegen.layers import Request
from codegen.load import load
from codegen.model import KINDS, Topology

REFERENCE = (faults.FOLDER.parent.parent / "topology/topology.toml").read_text(encoding="utf-8")
COMPACT = "\n".join(line for line in re.sub(r"\s+#.*", "", REFERENCE).splitlines() if line and not line.startswith("#"))
FAULTS = [text.decode() for text in (file.read_bytes() for file in faults.topologies()) if b"\xe9" not in text
          and b"\0" not in text]

TOKENS = [
    "", "=", "[", "]", "[[", "]]", "{", "}", ",", ".", "!", "-", ":", "#", '"', "'", '"""', "'''", "\n", "\r", "\t",
    " ", "\\", "\0", "\x1b", "\ufeff", "\u4e2d", "0", "-1", "65535", "65536", "1e9", "nan", "true", "false",
    "1979-05-27",
    "9" * 30,
    '"0-3"', '"rest"', '"take:2"', '"hw:numa:1"', '"!1"', '"3-0"', '""', "[1, 2]", "{}", "[]", "default", "default_",
    "int", "threads = 1", "threads = 0", "fallback = \"net\"", "enabled = false", "optional = true", "[asio.net]",
    "[tbb.default]", "[native.work]", "[aliases.native]", "[cores]", "[process]", "cpuset = \"0-3\"",
    "network = \"general\"",
    *schema.SECTIONS, *schema.TOPOLOGY, *schema.PROCESS, *schema.POOLS["asio"], *schema.POOLS["native"],
    "per_thread", "fifo", "deadline", "batch", "busy", "spin", "set", "none",
]

MODERATE = settings(max_examples=2200, derandomize=True, database=None, deadline=None,
                    suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


def assert_sane(
    folder: Path, text: str, *, overlay: str | None = None, environment: str = "", setting: str | None = None,
) -> Topology | None:
    file, second = folder / "md.toml", folder / "overlay.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    if overlay is not None:
        second.write_bytes(overlay.encode("utf-8", "surrogateescape"))
    overlays = [] if overlay is None else [str(second)]
    request = Request(str(file), overlays, environment, [] if setting is None else [setting], relative_to=str(folder))
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


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A topology with a few stretches replaced by tokens."""
    text = draw(st.sampled_from([COMPACT, COMPACT, REFERENCE, *FAULTS]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.one_of(st.integers(0, 3), st.integers(0, 30)))
        text = text[:start] + draw(st.sampled_from(TOKENS)) + text[start + length:]
    return text


@st.composite
def retokenised(draw: st.DrawFn) -> str:
    """A topology with some of its words exchanged."""
    words = re.split(r"(\s+|[=\[\].,\"{}!:])", draw(st.sampled_from([COMPACT, *FAULTS])))
    for _ in range(draw(st.integers(1, 5))):
        words[draw(st.integers(0, len(words) - 1))] = draw(st.one_of(st.sampled_from(TOKENS), st.sampled_from(words)))
    return "".join(words)


@st.composite
def rearranged(draw: st.DrawFn) -> str:
    """The lines of a topology, some of them lost, doubled or moved."""
    lines = draw(st.sampled_from([COMPACT, *FAULTS])).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        at, to = draw(st.integers(0, len(lines))), draw(st.integers(0, len(lines)))
        line = lines[at:at + 1]
        if draw(st.booleans()):
            del lines[at:at + 1]
        lines[to:to] = line if draw(st.booleans()) else []
    return "\n".join(lines)


TERMS = ["0", "1-3", "0-7:2", "4-9", "8", "!2", "take:1", "take:9", "rest", "a", "b", "!a"]
EXPRESSIONS = st.lists(st.sampled_from(TERMS), min_size=1, max_size=3).map(",".join)
WRONG = st.sampled_from([True, 0, -1, 2.5, "", "zz", [], [1, "2"], {}, {"a": 1}])
POOL_NAMES = {kind: [f"{kind}_a", f"{kind}_b", "default", f"{kind}_c"] for kind in KINDS}


def right_values(key: schema.Key, names: list[str]) -> st.SearchStrategy[Any]:
    match key.type:
        case schema.Boolean():
            return st.booleans()
        case schema.Integer(low, high):
            return st.sampled_from([low, high, *range(max(low, 0), max(low, 0) + 3)])
        case schema.Choice(choices, _):
            return st.sampled_from(choices)
        case schema.CoreExpression():
            return st.one_of(EXPRESSIONS, st.lists(st.integers(0, 9), min_size=1, max_size=3), st.integers(0, 9))
        case schema.Record(keys):
            return st.integers(2, 5).map(lambda time: dict.fromkeys(keys, time))
        case _:
            return st.sampled_from(names)


@st.composite
def tables(draw: st.DrawFn, keys: Any, names: list[str]) -> dict[str, Any]:
    """A few keys of the table, one value in thirty wrong."""
    chosen = draw(st.lists(st.sampled_from(sorted(keys)), max_size=3, unique=True))
    return {name: draw(WRONG) if draw(st.integers(0, 29)) == 29 else draw(right_values(keys[name], names))
            for name in chosen}


@st.composite
def structures(draw: st.DrawFn) -> dict[str, Any]:
    """Topologies of which a good part is valid."""
    found: dict[str, Any] = {"topology": {"name": "md"}, "process": {"cpuset": "0-9"},
                             "cores": {"a": "1-3", "b": draw(EXPRESSIONS)}, "aliases": {}}
    if draw(st.integers(0, 5)) == 5:
        found["topology"] |= draw(tables(schema.TOPOLOGY, ["md", "int"]))
        found["process"] |= draw(tables(schema.PROCESS, ["x"]))
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True)):
        names = POOL_NAMES[kind]
        pools = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        found[kind] = {name: {"threads": 1} | draw(tables(schema.POOLS[kind], names)) for name in pools}
        if draw(st.booleans()):
            found["aliases"][kind] = draw(st.dictionaries(st.sampled_from(["x", "y", *names]), st.sampled_from(names),
                                                          max_size=2))
    return found


def spelled(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {spelled(item)}" for name, item in value.items()) + "}"
    return "[" + ", ".join(map(spelled, value)) + "]" if isinstance(value, list) else json.dumps(value)


def written(structure: dict[str, dict[str, Any]]) -> str:
    lines = []
    for title, table in structure.items():
        lines.append(f"[{title}]")
        lines += [f"{name} = {spelled(value)}" for name, value in table.items()]
    return "\n".join(lines) + "\n"


@MODERATE
@given(text=mutated())
def test_stretches_replaced(folder: Path, text: str) -> None:
    assert_sane(folder, text)


@MODERATE
@given(text=retokenised())
def test_words_exchanged(folder: Path, text: str) -> None:
    assert_sane(folder, text)


@settings(MODERATE, max_examples=700)
@given(text=rearranged())
def test_lines_rearranged(folder: Path, text: str) -> None:
    assert_sane(folder, text)


@MODERATE
@given(structure=structures())
def test_random_structures(folder: Path, structure: dict[str, Any]) -> None:
    assert_sane(folder, written(structure))


@settings(MODERATE, max_examples=700)
@given(structure=structures(), overlay=structures(), setting=retokenised(), environment=retokenised())
def test_random_layers(
    folder: Path, structure: dict[str, Any], overlay: dict[str, Any], setting: str, environment: str,
) -> None:
    assert_sane(folder, written(structure), overlay=written(overlay), setting=setting.replace("\n", ";")[:80],
                environment=environment.replace("\n", ";"))


@settings(MODERATE, max_examples=300)
@given(data=st.binary(max_size=60))
def test_random_bytes(folder: Path, data: bytes) -> None:
    assert assert_sane(folder, data.decode("utf-8", "surrogateescape")) is None


def test_random_structures_are_often_fine(folder: Path) -> None:
    """Else they would test errors alone."""
    fine = []

    @settings(MODERATE, max_examples=200)
    @given(structure=structures())
    def count(structure: dict[str, Any]) -> None:
        fine.append(assert_sane(folder, written(structure)) is not None)

    count()
    assert 0.1 < sum(fine) / len(fine) < 0.9
