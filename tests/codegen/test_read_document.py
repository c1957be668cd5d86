"""Documents are read back to what they were written from, and nothing that is none is taken for one."""

from __future__ import annotations

import copy
import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import emit_cases
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen import document, schema, version
from codegen.machine.model import Cache, Cpu, Device, Machine, Node
from codegen.model import KINDS, Absent, Deadline, Name, Origin, Pool, Process, Topology
from codegen.read_document import Unreadable, read
from test_show import CASES, written
import topologies

DEADLINE = schema.COMMON["deadline"].type.keys  # type: ignore[union-attr]
MOST_US = DEADLINE["period_us"].type.high  # type: ignore[union-attr]
WORDS = ("net", "a b", 'quote " and \\', "Größe", "\u202e\x1b", "</script>", "file.toml")
ORIGINS = (Origin("file", "md.toml", 3), Origin("overlay a b", "a b", 9), Origin("environment"), Origin("set"),
           Origin("default", note="number of cores"))

ANY_KIND = {name: key for kind in KINDS for name, key in schema.POOLS[kind].items()}

names = st.sampled_from([f"{letter}{digit}" for letter in string.ascii_letters for digit in "0123456789"])
words = st.sampled_from(("", *WORDS))
numbers = st.integers(0, 200)
cpus = st.sampled_from(((), (0,), (3, 1, 2), tuple(range(70)), (65535, 7)))
origin = st.sampled_from(ORIGINS)
origins: st.SearchStrategy[Mapping[str, Origin]] = st.sampled_from([
    {}, {"cores": ORIGINS[0]}, dict(zip(("threads", "pin", "idle"), ORIGINS[1:]))])


def choices(key: str, keys: Mapping[str, schema.Key] = ANY_KIND) -> st.SearchStrategy[str]:
    type = keys[key].type
    assert isinstance(type, schema.Choice)
    return st.sampled_from(type.values)


def amounts(key: str, keys: Mapping[str, schema.Key] = ANY_KIND) -> st.SearchStrategy[int]:
    type = keys[key].type
    assert isinstance(type, schema.Integer)
    return st.sampled_from((type.low, type.low + 1, type.high))


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    units = [Cpu(index, draw(numbers), draw(st.integers(-1, 1)), draw(st.integers(-1, 0)), draw(st.integers(-1, 0)),
                 draw(st.integers(0, 1)), draw(st.booleans())) for index in draw(cpus)[:4]]
    devices = st.builds(Device, words, words, words, words, cpus)
    return Machine(draw(words), tuple(units), draw(cpus), draw(cpus), (draw(words), ""), (Node(0, draw(numbers)),),
                   (Cache(3, draw(numbers)),), ("small", "big"), tuple(draw(st.lists(devices, max_size=2))))


deadlines = st.builds(Deadline, *(amounts(key, DEADLINE) for key in ("runtime_us", "deadline_us", "period_us")))


@st.composite
def resolved(draw: st.DrawFn) -> Topology:
    titles = draw(st.lists(st.tuples(st.sampled_from(KINDS), names), max_size=4, unique=True))
    pools = tuple(draw(st.builds(
        Pool, st.just(kind), st.just(name), st.just(name), origin, origins, cpus, words,
        amounts("threads", schema.POOLS[kind]), choices("pin"), st.booleans(), choices("policy"),
        st.just(0) | amounts("priority"), st.none() | amounts("nice"), st.none() | deadlines, choices("idle"),
        amounts("spin_us"), amounts("stack_kib"), st.booleans(), words, words, amounts("blocking_threads"),
        choices("contexts"), st.booleans(), amounts("max_threads"), amounts("task_slots"), amounts("inject_slots"),
        choices("metrics"))) for kind, name in titles)
    declared = [Name(pool.kind, pool.name, pool.name, at, "declared", pool.name, pool.origin)
                for at, pool in enumerate(pools)]
    process = st.builds(Process, st.none() | cpus, st.none() | cpus, st.booleans(),
                        st.none() | amounts("timer_slack_ns", schema.PROCESS),
                        st.none() | amounts("cpu_dma_latency_us", schema.PROCESS),
                        choices("stray_tbb", schema.PROCESS), origins)
    absent = st.builds(Absent, st.sampled_from(KINDS), names, words, st.none() | names, origin)
    return Topology(
        draw(names), draw(words), draw(choices("undeclared", schema.TOPOLOGY)),
        draw(choices("on_failure", schema.TOPOLOGY)), draw(process), {"all": draw(cpus)}, pools,
        tuple(declared), tuple(draw(st.lists(absent, max_size=2))), tuple(draw(st.lists(words, max_size=2))),
        draw(st.none() | machines()), draw(origins))


@given(resolved())
@settings(max_examples=40, derandomize=True, database=None, deadline=None)
def test_what_is_written_is_read_back(topology: Topology) -> None:
    for text in (document.compact(topology), document.readable(topology)):
        found = read(text)
        assert found.topology == topology
        assert found.pinfold == version.text()


@pytest.mark.parametrize("case", emit_cases.GOLDEN)
def test_only_origins_that_say_nothing_are_lost(case: str) -> None:
    topology = emit_cases.GOLDEN[case]()
    found = read(document.compact(topology)).topology
    assert document.of(found) == document.of(topology)
    assert read(document.compact(found)).topology == found


def test_what_an_older_pinfold_wrote_has_no_metrics() -> None:
    now = document.compact(emit_cases.GOLDEN["all_kinds"]())
    plain = json.loads(now)
    for pool in plain["pools"]:
        del pool["metrics"]
    assert read(json.dumps(plain)).topology == read(now).topology


@pytest.mark.parametrize("machine", CASES)
def test_topologies_for_machines_are_read_back(tmp_path: Path, machine: str) -> None:
    topology = topologies.topology(tmp_path, written(tmp_path, machine, CASES[machine]).read_text(encoding="utf-8"))
    found = read(document.compact(topology)).topology
    assert found.machine == topology.machine
    assert document.of(found) == document.of(topology)


@pytest.mark.parametrize(("text", "reason"), [
    ("", "it is not JSON: "),
    ("[" * 100_000, "it is not JSON: it nests too deeply"),
    ("1" * 5000, "it is not JSON: "),
    (b'{"\xff"}', "it is not JSON: it is not UTF-8"),
    ("[]", "it is JSON, but not a resolved topology: it has no member 'format'"),
    ('{"format": 1}', "it is no resolved topology: name is missing"),
    ('{"format": 99, "pinfold": "7.1.0"}', "pinfold 7.1.0 wrote it in format 99, and pinfold "),
    ('{"format": true}', "pinfold of an unknown version wrote it in format True, "),
    ('{"format": 1, "pinfold": "7.1.0", "colour": 1}',
     "it is no resolved topology: colour is unknown; pinfold 7.1.0 wrote it, and this is pinfold "),
])
def test_what_is_no_document_is_refused_with_the_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert str(refused.value).startswith(reason)


def edited(path: str, value: object) -> str:
    """The document of all kinds with one member replaced: `pools.0.pin`."""
    found: Any = copy.deepcopy(document.of(emit_cases.all_kinds()))
    *parents, last = path.split(".")
    inner = found
    for step in parents:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    inner[int(last) if isinstance(inner, list) else last] = value
    return json.dumps(found)


@pytest.mark.parametrize(("path", "value", "reason"), [
    ("pools.0.pin", "glue", "pools[0].pin is 'glue', not one of thread, set, none"),
    ("pools.0.kind", "gpu", "pools[0].kind is 'gpu', not one of asio, tbb, native"),
    ("pools.0.threads", "4", "pools[0].threads is not an integer"),
    ("pools.0.threads", True, "pools[0].threads is not an integer"),
    ("pools.0.exclusive", 1, "pools[0].exclusive is not true or false"),
    ("pools.0.cores", {}, "pools[0].cores is not a list"),
    ("pools.0.cores.1", 1.5, "pools[0].cores[1] is not an integer"),
    ("pools.0.name", "\x1b[2J", "pools[0].name is '\ufffd[2J', which is no name"),
    ("pools.0.origin", [], "pools[0].origin is not an object"),
    ("pools.4.deadline.extra", 1, "pools[4].deadline.extra is unknown"),
    ("names.0.pool", 17, "names[0].pool is no pool's index"),
    ("names.0.how", "alias", "names[0] is a name that something else has"),
    ("names.1.name", "net", "names[1] is a name that something else has"),
    ("process", None, "process is not an object"),
    ("process.stray_tbb", "\x1b[2Jx", "process.stray_tbb is '\ufffd[2Jx', not one of serial, allow"),
    ("undeclared", "\n", "undeclared is '\ufffd', not one of fallback, error"),
    ("on_failure", "", "on_failure is '', not one of fail, degrade"),
    ("pools.0.threads", 10**9, "pools[0].threads is 1000000000, not 1..4096"),
    ("pools.5.threads", -1, "pools[5].threads is -1, not 0..4096"),
    ("pools.0.max_threads", 4097, "pools[0].max_threads is 4097, not 0..4096"),
    ("pools.0.nice", 20, "pools[0].nice is 20, not -20..19"),
    ("pools.3.priority", 100, "pools[3].priority is 100, not 1..99"),
    ("pools.4.deadline.period_us", 1, f"pools[4].deadline.period_us is 1, not 2..{MOST_US}"),
    ("pools.0.origin.line", 2**64, "pools[0].origin.line has more than 64 bits"),
    ("process.timer_slack_ns", 0, "process.timer_slack_ns is 0, not 1..1000000000"),
    ("process.cpuset", [0, 65536], "process.cpuset has CPU 65536, and CPU numbers are 0..65535"),
    ("pools.0.cores", [1, -5], "pools[0].cores has CPU -5, and CPU numbers are 0..65535"),
    ("pools.0.cores", [1, 2, 1], "pools[0].cores has a CPU twice"),
    ("core_sets.network", [10**18], f"core_sets.network has CPU {10**18}, and CPU numbers are 0..65535"),
    ("core_sets", {"a\x1b[2J": [1]}, "core_sets has 'a\ufffd[2J', which is no name of a set"),
])
def test_a_member_that_is_wrong_is_named(path: str, value: object, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(edited(path, value))
    assert str(refused.value) == f"it is no resolved topology: {reason}"


@pytest.mark.parametrize(("cpu", "reason"), [
    ([0, 0, 0, 0, 0, 0], "machine.cpus[0] has 6 numbers instead of 7"),
    ([0, 0, 2, 0, 0, 0, 1], "machine.cpus[0] is of a package that the machine does not have"),
    ([0, 0, 0, 0, -2, 0, 1], "machine.cpus[0] is of a cache that the machine does not have"),
    ([65536, 0, 0, 0, 0, 0, 1], "machine.cpus has CPU 65536, and CPU numbers are 0..65535"),
    ([1, 0, 0, 0, 0, 0, 1], "machine.cpus has a CPU twice"),
])
def test_a_cpu_that_is_wrong_is_named(tmp_path: Path, cpu: list[int], reason: str) -> None:
    file = written(tmp_path, "isolated", CASES["isolated"])
    found: Any = document.of(topologies.topology(tmp_path, file.read_text(encoding="utf-8")))
    found["machine"]["cpus"][0] = cpu
    with pytest.raises(Unreadable, match="it is no resolved topology: ") as refused:
        read(json.dumps(found))
    assert reason in str(refused.value)


def test_what_would_fill_the_memory_as_threads_is_refused() -> None:
    found: Any = document.of(emit_cases.topology(*(emit_cases.pool("native", f"p{at}", threads=4096)
                                                   for at in range(1025))))
    with pytest.raises(Unreadable, match="pools has 4198400 threads, and 4194304 are the most"):
        read(json.dumps(found))


def with_aliases(number: int, last: str) -> Topology:
    """Each an alias of the next one, the last one of `last`."""
    targets = [*(f"b{at + 1}" for at in range(number - 1)), last]
    return emit_cases.topology(emit_cases.pool("asio", "a", (0,)), names=tuple(
        emit_cases.alias("asio", f"b{at}", 0, target, line=at + 9) for at, target in enumerate(targets)))


@pytest.mark.parametrize(("number", "last"), [(33, "a"), (2000, "a"), (2, "b0")])
def test_a_chain_of_names_that_is_long_or_endless_is_refused(number: int, last: str) -> None:
    with pytest.raises(Unreadable, match=r"names\[1\] takes more than 32 steps to its pool"):
        read(document.compact(with_aliases(number, last)))


def test_a_chain_of_names_that_check_allows_is_read() -> None:
    assert read(document.compact(with_aliases(32, "a"))).topology.names[1].target == "b1"


def test_what_would_fill_the_memory_as_cores_of_pools_is_refused() -> None:
    every = tuple(range(4096))
    found = emit_cases.topology(*(emit_cases.pool("native", f"p{at}", threads=1) for at in range(257)),
                                process={"cores": every})
    with pytest.raises(Unreadable, match="pools names 1052672 CPUs, each as often as a pool runs there, and 1048576"):
        read(document.compact(found))
