"""Configurations of other systems: what is said of them word for word, and topologies that pass `check`."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import faults
from codegen.diagnostics import Problems
from codegen.layers import Request
from codegen.load import load
from codegen.model import Topology

FILES = list(faults.configurations())
IMPORTED = sorted(faults.IMPORTED.iterdir())
WHOLE = ("agave_thirty",)  # has many things to say
TWO = ("agave_fifo_without_priority", "agave_thread_names", "agave_rayon_native", "loom_prefix_too_long")
SIMPLE = [file for file in FILES if file.stem not in (*WHOLE, *TWO)]
TEXTS = [(file.stem.partition("_")[0], file.suffix, file.read_text(encoding="utf-8")) for file in FILES]
KINDS = {"native": "native", "rayon": "tbb", "tokio": "asio"}

MODERATE = settings(max_examples=1500, derandomize=True, database=None, deadline=None,
                    suppress_health_check=list(HealthCheck))
TOKENS = [
    "", "=", "[", "]", "{", "}", ",", ".", '"', "'", "\n", "\0", "\u4e2d", "0", "1", "-1", "4096", "65536", "9" * 30,
    "9" * 5000, "1e9", "nan", "NaN", "null", "true", '"a"', "''", "[]", "{}", "[1]", "default", "class", "a-b", "FIFO",
    "IDLE", "OsDefault", '"OsDefault"', "PinnedCores", "DedicatedCoreSet", "min", "max", "worker_threads",
    "max_threads", "max_blocking_threads", "priority", "policy", "stack_size_bytes", "core_allocation",
    "default_core_allocation", "tokio_configs", "rayon_configs", "native_configs", "tokio_runtime_mapping", "prefix",
    "cpuset", "tokio_threads", "rayon_threads", "pin_threads", "tokio_flavor", "cuda_device", '"0-3"', '"0-70000"',
    '"\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d"',
]


def loaded(file: Path) -> Topology:
    problems = Problems()
    topology = load(Request(str(file)), problems)
    assert topology, [problem.text for problem in problems]
    return topology


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_import_says_exactly_the_expected_text(file: Path) -> None:
    outcome = faults.import_(file)
    assert outcome.err == faults.expected(file)
    assert outcome.status == (1 if ": error[" in outcome.err else 0)
    if outcome.status:
        assert outcome.out == "" and not faults.imported(file).exists()
    else:
        assert outcome.out == faults.imported(file).read_text(encoding="utf-8")


def test_every_expected_text_and_topology_belongs_to_a_configuration() -> None:
    assert {path.name for path in faults.IMPORTS.glob("*.expected")} == {f"{file.name}.expected" for file in FILES}
    assert {path.stem for path in faults.IMPORTED.iterdir()} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", SIMPLE, ids=[file.name for file in SIMPLE])
def test_one_fault_gives_one_diagnostic(file: Path) -> None:
    assert len(re.findall(r"^\S.*: (?:error|warning|note)\[", faults.import_(file).err, re.MULTILINE)) <= 1


@pytest.mark.parametrize("file", IMPORTED, ids=[file.stem for file in IMPORTED])
def test_what_import_writes_passes_check_without_a_warning(file: Path) -> None:
    outcome = faults.run(["check", file.name], folder=file.parent)
    assert (outcome.status, outcome.err) == (0, "")


def test_a_file_with_thirty_pools_keeps_each_of_its_names() -> None:
    """Two are no C++ names, and are reported with their new ones."""
    configuration = tomllib.loads((faults.IMPORTS / "agave_thirty.toml").read_text(encoding="utf-8"))
    renamed = {"fetch-stage": "fetch_stage", "class": "class_pool"}
    topology = loaded(faults.IMPORTED / "agave_thirty.toml")
    leads = {(name.kind, name.name): topology.pools[name.pool].name for name in topology.names}
    names = 0
    for family, kind in KINDS.items():
        pools = {name: name for name in configuration[f"{family}_configs"]}
        for name, target in (pools | configuration[f"{family}_runtime_mapping"]).items():
            assert leads[kind, renamed.get(name, name)] == renamed.get(target, target)
            names += 1
    assert (len(topology.pools), names, len(leads)) == (30, 37, 37)


def test_pinned_cores_and_core_sets_keep_their_meaning() -> None:
    topology = loaded(faults.IMPORTED / "agave_thirty.toml")
    pools = {pool.name: pool for pool in topology.pools}
    assert (pools["solReplayTx"].cores, pools["solReplayTx"].pin) == (tuple(range(8, 20)), "thread")
    assert (pools["solReplayFork"].cores, pools["solReplayFork"].pin) == ((20, 21, 22, 23), "set")
    assert (pools["solRepair"].cores, pools["solRepair"].pin) == ((), "none")  # where [process] cores says
    assert topology.process.cores == tuple(range(56, 64))
    assert (pools["solGossip"].threads, pools["solGossip"].blocking_threads) == (2, 1)


def test_an_ignored_key_leaves_the_pool_as_it_ran() -> None:
    pools = {pool.name: pool for pool in loaded(faults.IMPORTED / "agave_thirty.toml").pools}
    assert (pools["solSvrfyShred"].threads, pools["solSigVerify"].threads) == (16, 10)


def test_loom_splits_its_cpus_in_ascending_order() -> None:
    tokio, rayon = loaded(faults.IMPORTED / "loom_example.toml").pools
    assert (tokio.kind, tokio.cores) == ("asio", (0, 1))
    assert (rayon.kind, rayon.cores) == ("tbb", (*range(2, 8), *range(16, 24)))


def test_toml_and_json_give_the_same_topology(tmp_path: Path) -> None:
    values = tomllib.loads((faults.IMPORTS / "agave_thirty.toml").read_text(encoding="utf-8"))
    (tmp_path / "agave_thirty.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    outcome = faults.run(["import", "agave", "agave_thirty.json"], folder=tmp_path)
    written = (faults.IMPORTED / "agave_thirty.toml").read_text(encoding="utf-8")
    assert outcome.out == written.replace("agave_thirty.toml", "agave_thirty.json")


def test_rayon_pools_become_native_pools_on_demand(tmp_path: Path) -> None:
    outcome = faults.run(["import", "agave", "agave_thirty.toml", "--rayon", "native"], folder=faults.IMPORTS)
    (tmp_path / "md.toml").write_text(outcome.out, encoding="utf-8")
    topology = loaded(tmp_path / "md.toml")
    assert {pool.kind for pool in topology.pools} == {"native", "asio"} and len(topology.pools) == 30


def test_a_file_is_not_overwritten_unless_told(tmp_path: Path) -> None:
    (tmp_path / "loom.toml").write_text('cpuset = "0-3"\n', encoding="utf-8")
    arguments = ["import", "loom", "loom.toml", "--out", "md.toml"]
    first = faults.run(arguments, folder=tmp_path)
    assert (first.status, first.out, first.err) == (0, "md.toml: ok, 2 pools\n", "")
    written = (tmp_path / "md.toml").read_text(encoding="utf-8")
    (tmp_path / "md.toml").write_text("mine", encoding="utf-8")
    second = faults.run(arguments, folder=tmp_path)
    assert (second.status, second.err) == (
        2, "pinfold: md.toml is there already; overwrite it with --force, or name another file\n")
    assert (tmp_path / "md.toml").read_text(encoding="utf-8") == "mine"
    assert faults.run([*arguments, "--force"], folder=tmp_path).status == 0
    assert (tmp_path / "md.toml").read_text(encoding="utf-8") == written


def test_a_file_with_errors_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "loom.toml").write_text('cpuset = ""\n', encoding="utf-8")
    assert faults.run(["import", "loom", "loom.toml", "--out", "md.toml"], folder=tmp_path).status == 1
    assert not (tmp_path / "md.toml").exists()


def test_where_nothing_can_be_written_import_says_so(tmp_path: Path) -> None:
    (tmp_path / "loom.toml").write_text('cpuset = "0-3"\n', encoding="utf-8")
    outcome = faults.run(["import", "loom", "loom.toml", "--out", "none/md.toml"], folder=tmp_path)
    assert (outcome.status, outcome.err) == (2, "pinfold: cannot write none/md.toml: No such file or directory\n")


@pytest.mark.parametrize("arguments", [["import"], ["import", "seastar", "x"], ["import", "loom", "x", "--cpus", "0"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        faults.run(arguments)
    assert stopped.value.code == 2


def test_a_name_that_is_no_namespace_is_refused() -> None:
    outcome = faults.run(["import", "loom", "loom_example.toml", "--name", "std"], folder=faults.IMPORTS)
    assert (outcome.status, outcome.err) == (2, "pinfold: --name cannot be 'std': it is the namespace of a library\n")


def test_a_prefix_of_any_text_gives_thread_names_of_15_bytes(tmp_path: Path) -> None:
    (tmp_path / "loom.json").write_text(json.dumps({"prefix": "\U0001f9f5\x7f threads", "cpuset": "0-99"}), "utf-8")
    outcome = faults.run(["import", "loom", "loom.json", "--out", "md.toml"], folder=tmp_path)
    assert outcome.status == 0
    assert [pool.thread_name for pool in loaded(tmp_path / "md.toml").pools] == ["__ thre-tokio", "__ thr-rayon"]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str, str]:
    system, suffix, text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.one_of(st.integers(0, 3), st.integers(0, 30)))
        text = text[:start] + draw(st.sampled_from(TOKENS)) + text[start + length:]
    return system, suffix, text


VALUES: st.SearchStrategy[Any] = st.sampled_from([
    None, True, 0, 1, 3, 100, 4096, 5000, -1, 2.5, "", "x", "FIFO", "idle", [], {}, "OsDefault"])
BOUNDS: st.SearchStrategy[Any] = st.fixed_dictionaries({
    "min": st.sampled_from([0, 1, 4]), "max": st.sampled_from([1, 4, 8, 70000, None])})
NOTHING: dict[str, st.SearchStrategy[Any]] = {}
ALLOCATIONS: st.SearchStrategy[Any] = st.one_of(
    VALUES, st.fixed_dictionaries(NOTHING, optional={"PinnedCores": BOUNDS, "DedicatedCoreSet": BOUNDS}))
NAMES = st.sampled_from(["default", "a", "b", "a-b", "a_b", "class", "9", "", "\u4e2d", "very_long_name_of_a_pool",
                         "x__y"])
POOLS: st.SearchStrategy[Any] = st.fixed_dictionaries(NOTHING, optional={
    "worker_threads": st.sampled_from([0, 1, 4, 4095, "4"]), "max_threads": st.sampled_from([0, 1, 64, 4096]),
    "max_blocking_threads": st.sampled_from([0, 1, 512]), "priority": st.sampled_from([0, 1, 99, 256]),
    "policy": st.sampled_from(["OTHER", "batch", "IDLE", "FIFO", "RR", "x"]), "event_interval": VALUES,
    "stack_size_bytes": st.sampled_from([0, 1, 2**21, 2**21 + 1, 2**50]), "core_allocation": ALLOCATIONS})
STRUCTURES: st.SearchStrategy[Any] = st.fixed_dictionaries(NOTHING, optional={
    **{f"{family}_configs": st.one_of(VALUES, st.dictionaries(NAMES, POOLS, max_size=4)) for family in KINDS},
    **{f"{family}_runtime_mapping": st.dictionaries(NAMES, NAMES, max_size=2) for family in KINDS},
    "default_core_allocation": ALLOCATIONS})


LOOMS: st.SearchStrategy[Any] = st.fixed_dictionaries({"prefix": st.sampled_from(["loom", "a b", ""])}, optional={
    "cpuset": st.sampled_from(["0", "3", "0-3", "1,5-7", "0-15", ""]),
    "tokio_threads": st.sampled_from([0, 1, 2, 5, 16]), "rayon_threads": st.sampled_from([0, 1, 3, 16]),
    "pin_threads": st.booleans(),
    "tokio_flavor": st.sampled_from(["multi_thread", "current_thread", "x"]), "cuda_device": VALUES})


def assert_sane(folder: Path, system: str, name: str, text: str, *options: str) -> bool:
    """No exception; and what is imported passes check."""
    (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    outcome = faults.run(["import", system, name, *options], folder=folder)
    assert outcome.status == (1 if ": error[" in outcome.err else 0)
    assert (outcome.out == "") == bool(outcome.status)
    if outcome.status == 0:
        (folder / "imported.toml").write_text(outcome.out, encoding="utf-8")
        checked = faults.run(["check", "imported.toml"], folder=folder)
        assert checked.status == 0, outcome.out + checked.err
    return outcome.status == 0


@MODERATE
@given(case=mutated())
def test_mutated_files_are_refused_or_imported(tmp_path_factory: Any, case: tuple[str, str, str]) -> None:
    system, suffix, text = case
    assert_sane(tmp_path_factory.getbasetemp(), system, f"mutated{suffix}", text)


@MODERATE
@given(structure=STRUCTURES, rayon=st.sampled_from(["tbb", "native"]))
def test_random_configurations_are_refused_or_imported(
    tmp_path_factory: Any, structure: dict[str, Any], rayon: str,
) -> None:
    assert_sane(tmp_path_factory.getbasetemp(), "agave", "random.json", json.dumps(structure), "--rayon", rayon)


@MODERATE
@given(structure=LOOMS, cpus=st.sampled_from([None, 1, 4, 16]))
def test_random_configurations_of_loom_are_refused_or_imported(
    tmp_path_factory: Any, structure: dict[str, Any], cpus: int | None,
) -> None:
    told = [] if cpus is None else ["--cpus", str(cpus)]
    assert_sane(tmp_path_factory.getbasetemp(), "loom", "random.json", json.dumps(structure), *told)


def test_random_configurations_are_often_fine(tmp_path: Path) -> None:
    """Else they would test errors alone."""
    fine = []

    @settings(MODERATE, max_examples=200)
    @given(structure=STRUCTURES)
    def count(structure: dict[str, Any]) -> None:
        fine.append(assert_sane(tmp_path, "agave", "random.json", json.dumps(structure)))

    count()
    assert 0.1 < sum(fine) / len(fine) < 0.9
