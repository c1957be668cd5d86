"""The emitter: golden files, determinism, and text that tries to escape from where it was put."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import emit_cases
import golden
import pytest
import topologies

from codegen import depfile, emit, version
from codegen.model import Origin, Topology

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("case", emit_cases.GOLDEN)
def test_emits_the_golden_files(case: str) -> None:
    for name, text in emit.texts(emit_cases.GOLDEN[case]()).items():
        golden.assert_same(text, golden.FOLDER / case / name)


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    program = "import emit_cases; from codegen import emit; print(emit.texts(emit_cases.all_kinds()))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests/codegen'}"},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_no_file_names_an_absolute_path(tmp_path: Path) -> None:
    written = emit.write(emit_cases.all_kinds(), tmp_path, depfile=None, inputs=[tmp_path / "md.toml"])
    assert not [path for path in written if str(ROOT) in path.read_text() or str(tmp_path) in path.read_text()]


def test_an_unchanged_file_is_not_rewritten(tmp_path: Path) -> None:
    written = emit.write(emit_cases.small(), tmp_path, depfile=None, inputs=[])
    for path in written:
        os.utime(path, ns=(1, 1))
    emit.write(emit_cases.small(), tmp_path, depfile=None, inputs=[])
    assert {path.stat().st_mtime_ns for path in written} == {1}


def test_a_changed_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    first = emit.write(emit_cases.small(), tmp_path, depfile=None, inputs=[])
    kept_open = first[0].open(encoding="utf-8")
    emit.write(replace(emit_cases.small(), on_failure="degrade"), tmp_path, depfile=None, inputs=[])
    assert "failure_response::fail;" in kept_open.read(), "the old file was overwritten in place"
    kept_open.close()
    assert "failure_response::degrade;" in first[0].read_text()
    names = ["topology.cpp", "topology.hpp", "topology.json", "topology.txt"]
    assert sorted(path.name for path in (tmp_path / "small").iterdir()) == names


def moved(topology: Topology, lines: int) -> Topology:
    """The same topology after `lines` lines of comment were put above it."""

    def down(origin: Origin) -> Origin:
        return replace(origin, line=origin.line + lines) if origin.line is not None else origin

    def all_down(origins: object) -> dict[str, Origin]:
        assert isinstance(origins, dict)
        return {key: down(origin) for key, origin in origins.items()}

    return replace(
        topology,
        origins=all_down(topology.origins),
        process=replace(topology.process, origins=all_down(topology.process.origins)),
        pools=tuple(replace(p, origin=down(p.origin), origins=all_down(p.origins)) for p in topology.pools),
        names=tuple(replace(n, origin=down(n.origin)) for n in topology.names),
        absent=tuple(replace(a, origin=down(a.origin)) for a in topology.absent),
    )


@pytest.mark.parametrize("case", emit_cases.GOLDEN)
def test_a_comment_in_the_topology_leaves_the_header_alone(case: str) -> None:
    before = emit.texts(emit_cases.GOLDEN[case]())
    after = emit.texts(moved(emit_cases.GOLDEN[case](), 7))
    assert {name for name in before if before[name] != after[name]} == {"topology.cpp", "topology.json", "topology.txt"}


def test_the_json_holds_every_pool_and_leaves_plain_defaults_unexplained() -> None:
    document = json.loads(emit.texts(emit_cases.all_kinds())["topology.json"])
    assert [(pool["kind"], pool["name"]) for pool in document["pools"]] == [
        (pool.kind, pool.name) for pool in emit_cases.all_kinds().pools
    ]
    assert document["kinds"] == ["asio", "tbb", "native"]
    assert document["pools"][3]["origins"]["priority"] == {"layer": "overlay prod.toml", "file": "prod.toml", "line": 3}
    assert "policy" not in document["pools"][0]["origins"]


def test_names_are_sorted_by_kind_then_bytes_and_lead_to_their_pools() -> None:
    topology = emit_cases.other_names()
    header = emit.texts(topology)["topology.hpp"]
    rows = re.findall(r'\{"(\w+)", +(asio|tbb|native), +(\d+)\}', header)
    expected = sorted(topology.names, key=lambda n: (["asio", "tbb", "native"].index(n.kind), n.name.encode()))
    assert rows == [(n.name, n.kind, str(n.pool)) for n in expected]


def test_the_depfile_is_about_the_file_it_is_named_after(tmp_path: Path) -> None:
    path = tmp_path / "with space" / "md.stamp.d"
    emit.write(emit_cases.small(), tmp_path, depfile=path, inputs=[tmp_path / "a b$#.toml", Path("relative.toml")])
    target, prerequisites = path.read_text().split(": ", 1)
    folder = str(tmp_path).replace(" ", "\\ ")
    assert target == f"{folder}/with\\ space/md.stamp"
    assert f" {folder}/a\\ b$$\\#.toml " in prerequisites.replace("\n", " ")
    assert f" {os.path.abspath('relative.toml')} " in prerequisites.replace("\n", " ")
    for part in ("codegen/emit.py", "codegen/templates/topology.hpp.j2", "include/pinfold/version.hpp"):
        assert f"{ROOT / part} ".replace(" ", "\\ ")[:-2] in prerequisites


@pytest.mark.parametrize(
    "name", ["a b$#.toml", "a=b.toml", "label=x/100%.toml", "(1) 'a' & {b}.toml", "~a.toml", "ä.toml"])
def test_make_reads_the_depfile(tmp_path: Path, name: str) -> None:
    odd = tmp_path / name
    odd.parent.mkdir(exist_ok=True)
    odd.touch()
    (tmp_path / "x.d").write_text(depfile.text(tmp_path / "x", [odd]), encoding="utf-8")
    (tmp_path / "Makefile").write_text(f"include x.d\n{tmp_path / 'x'}:\n\t@: $(info $^)\n")
    make = subprocess.run(["make", "-r", "-C", tmp_path, tmp_path / "x"], capture_output=True, text=True, check=False)
    assert make.returncode == 0, make.stderr
    assert str(odd) in make.stdout


@pytest.mark.parametrize("name", ["a;touch X", "a\n\ttouch X", "a:b", "a|b", "a*", "a?", "a[b]", "a\\ b"])
def test_a_name_that_make_reads_as_something_else_is_refused_before_anything_is_written(
        tmp_path: Path, name: str) -> None:
    with pytest.raises(depfile.Unspeakable):
        emit.write(emit_cases.small(), tmp_path, depfile=tmp_path / "x.d", inputs=[tmp_path / name])
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_that_of_the_library() -> None:
    macros = dict(re.findall(r"#define PINFOLD_VERSION_(\w+) (\d+)", version.header().read_text()))
    assert version.text() == ".".join(macros[part] for part in ("MAJOR", "MINOR", "PATCH"))
    assert f"PINFOLD_VERSION == {version.number()}" in emit.texts(emit_cases.small())["topology.hpp"]


def test_a_thousand_pools_are_emitted_quickly(tmp_path: Path) -> None:
    texts = emit.texts(emit_cases.large(1000, 4000))
    assert texts["topology.hpp"].count("extern pinfold::") == 1000
    assert texts["topology.hpp"].count("inline constexpr auto& alias_") == 4000


def test_names_are_checked_of_the_threads_that_a_pool_starts(tmp_path: Path) -> None:
    """Managed threads bring their own."""
    pools = "[native.only_managed_threads]\nmax_threads = 2\n[asio.a]\nthreads = 1\nblocking_threads = 11\n"
    text = topologies.HEAD + pools
    source = emit.texts(topologies.topology(tmp_path, text))["topology.cpp"]
    assert re.findall(r'string_view\("(.*)"\)\.size\(\) <= pinfold::max_thread_name', source) == ["a-b10"]
