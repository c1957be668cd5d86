"""Which pools exist, and where every name leads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pytest

from codegen.diagnostics import render
from codegen.model import Absent, Deadline, Name, Origin, Topology
from topologies import HEAD, attempt, faults, pool, topology


def leads(found: Topology) -> dict[str, str]:
    return {f"{name.kind}.{name.name}": f"{name.how} {found.pools[name.pool].name}" for name in found.names}


def assert_values(entry: object, **expected: object) -> None:
    assert {key: getattr(entry, key) for key in expected} == expected


def test_aliases_and_fallbacks_are_followed_to_the_end(tmp_path: Path) -> None:
    found = topology(tmp_path, HEAD + """
[native.work]
threads = 1
[native.off]
threads = 1
enabled = false
fallback = "far"
[native.far]
threads = 1
enabled = false
fallback = "near"
[tbb.work]
threads = 2
thread_name = "tbb"
[aliases.native]
near = "work"
quick = "off"
default = "quick"
""")
    assert leads(found) == {
        "native.default": "alias work", "native.far": "fallback work", "native.near": "alias work",
        "native.off": "fallback work", "native.quick": "alias work", "native.work": "declared work",
        "tbb.work": "declared work"}
    assert list(leads(found)) == sorted(leads(found), key=lambda title: (not title.startswith("tbb"), title))
    default = next(name for name in found.names if name.name == "default")
    assert default == Name("native", "default", "default_", 0, "alias", "quick", Origin("file", "md.toml", 20))
    assert found.absent == (
        Absent("native", "off", "disabled", "far", Origin("file", "md.toml", 6)),
        Absent("native", "far", "disabled", "near", Origin("file", "md.toml", 10)))


def test_the_fallback_of_a_pool_that_exists_stands_by(tmp_path: Path) -> None:
    text = HEAD + '[asio.a]\nthreads = 1\nfallback = "b"\n[asio.b]\nthreads = 1\n'
    assert leads(topology(tmp_path, text)) == {"asio.a": "declared a", "asio.b": "declared b"}
    assert leads(topology(tmp_path, text, settings=["asio.a.enabled=false"]))["asio.a"] == "fallback b"


def test_a_disabled_pool_without_fallback_is_gone(tmp_path: Path) -> None:
    found, problems = attempt(tmp_path, HEAD + "[asio.a]\nthreads = 1\n[asio.b]\ncores = 3\nenabled = false\n")
    assert found and leads(found) == {"asio.a": "declared a"}
    assert [entry.name for entry in found.absent] == ["b"]
    assert not list(problems)


def test_an_optional_pool_gives_way_where_its_cores_are_missing(tmp_path: Path) -> None:
    text = HEAD + """
[process]
cpuset = "0-7"
[asio.near]
cores = "0-3"
[asio.far]
cores = "6-9"
optional = true
fallback = "near"
[asio.more]
cores = "take:5"
optional = true
fallback = "near"
"""
    found = topology(tmp_path, text)
    assert leads(found) == {"asio.far": "fallback near", "asio.more": "fallback near", "asio.near": "declared near"}
    assert [entry.reason for entry in found.absent] == [
        "needs cores 8-9; the cpuset has 0-7", "needs 5 unclaimed cores; the cpuset has 4"]
    assert pool(topology(tmp_path, text, settings=["process.cpuset=0-20"]), "asio.far").cores == (6, 7, 8, 9)


def test_every_value_reaches_the_model(tmp_path: Path) -> None:
    found = topology(tmp_path, """
[topology]
name = "md"
undeclared = "error"
on_failure = "degrade"
[process]
cpuset = "0-9"
cores = "8-9"
lock_memory = true
timer_slack_ns = 1
cpu_dma_latency_us = 0
stray_tbb = "allow"
[cores]
net = "1,0"
[asio.net]
cores = "net"
pin = "set"
threads = 3
exclusive = true
policy = "rr"
priority = 7
idle = "spin"
spin_us = 9
metrics = "latency"
stack_kib = 64
prefault_stack = true
thread_name = "n"
description = "two\\nlines"
blocking_threads = 2
contexts = "per_thread"
allow_blocking = true
[native.default]
policy = "deadline"
deadline = { runtime_us = 2, deadline_us = 3, period_us = 4 }
threads = 0
max_threads = 5
task_slots = 6
[tbb.t]
threads = 1
nice = -20
""")
    assert (found.name, found.file, found.undeclared, found.on_failure, found.inputs) == (
        "md", "md.toml", "error", "degrade", ("md.toml",))
    process = found.process
    assert_values(process, cpuset=tuple(range(10)), cores=(8, 9), lock_memory=True, timer_slack_ns=1,
                  cpu_dma_latency_us=0, stray_tbb="allow")
    net, default, tbb = found.pools
    assert_values(net, cores=(1, 0), cores_text="net", pin="set", threads=3, exclusive=True, policy="rr", priority=7,
                  idle="spin", spin_us=9, metrics="latency", stack_kib=64, prefault_stack=True, thread_name="n",
                  description="two\nlines", blocking_threads=2, contexts="per_thread", allow_blocking=True)
    assert_values(default, identifier="default_", deadline=Deadline(2, 3, 4), threads=0, pin="none", max_threads=5,
                  task_slots=6)
    assert_values(tbb, nice=-20, cores=(), cores_text="", policy="other", priority=0)
    assert net.origins["cores"] == Origin("file", "md.toml", 16)
    assert process.origins["stray_tbb"] == Origin("file", "md.toml", 12)
    assert found.origins["name"] == Origin("file", "md.toml", 3)


def test_the_model_cannot_be_changed(tmp_path: Path) -> None:
    found = topology(tmp_path, HEAD + "[asio.a]\ncores = 1\n")
    with pytest.raises(TypeError):
        found.pools[0].origins["cores"] = Origin("set")  # type: ignore[index]


@pytest.mark.parametrize(("text", "expected"), [
    # no cascades: a faulty value silences the rules that need it, and no others
    ('[asio.a]\ncores = "3-1"\nthreads = 2\n', ["PF020 4:10"]),
    ('[asio.a]\nthreads = "x"\n', ["PF008 4:11"]),
    ('[asio.a]\ncores = "1-2"\nthreads = 3\npin = "sett"\n', ["PF010 6:7"]),
    ('[asio.a]\nthreads = 1\npolicy = "fifo"\npriority = 0\n', ["PF009 6:12"]),
    ('[asio.a]\nthreads = 1\npolicy = "rt"\npriority = 5\n', ["PF010 5:10"]),
    ('[asio.a]\nthreads = 1\nfallback = 3\n', ["PF008 5:12"]),
    ('[asio.1a]\nthreads = 1\n[asio.b]\nthreads = 1\nenabled = false\nfallback = "1a"\n', ["PF012 3:7"]),
    ('[topology.asio]\n', ["PF007 3:11", "PF017 1:1"][::-1]),
    # the rules of one pool
    ('[tbb.a]\ncores = "1"\nthreads = 2\npin = "set"\nidle = "busy"\n', []),  # one of them looks
    ('[native.a]\ncores = "1-2"\nthreads = 1\nmax_threads = 9\n', []),
    ('[native.a]\ncores = "1-2"\npin = "none"\nthreads = 3\nidle = "busy"\n', ["PF032 6:11"]),
    ('[asio.a]\ncores = "1"\npin = "none"\npolicy = "deadline"\n'
     'deadline = {runtime_us = 2, deadline_us = 2, period_us = 2}\n', []),
    ('[asio.a]\nthreads = 1\npolicy = "batch"\nnice = 0\n', []),
    ('[asio.a]\nthreads = 1\npolicy = "idle"\nnice = 0\n', ["PF042 6:1"]),
    ('[asio.a]\nthreads = 1\nfallback = "b"\n[asio.b]\nthreads = 1\nfallback = "a"\n', ["PF016 5:12"]),
    # thread names
    ('[asio.a]\nthreads = 100\nthread_name = "twelve_bytes"\n', []),
    ('[asio.a]\nthreads = 101\nthread_name = "twelve_bytes"\n', ["PF034 5:15"]),
    ('[asio.a]\nthreads = 10\nthread_name = "zw\u00f6lf_bytes"\n', []),
    ('[asio.a]\nthreads = 10\nthread_name = "zw\u00f6lf_bytes_x"\n', ["PF034 5:15"]),
    ('[native.a]\nmax_threads = 1\n[asio.a]\nthreads = 1\n', []),
    ('[native.a]\nthreads = 1\n[asio.b]\nthreads = 1\nthread_name = "a"\n', ["PF035 7:15"]),
    # sharing: one problem for the cores that the same pools share, and one for each pool that names exclusive cores
    ('[asio.a]\ncores = 1\n[asio.b]\ncores = 1\n[asio.c]\ncores = "0-1"\n', ["PF050 6:9"]),
    ('[asio.a]\ncores = "0-3"\n[asio.b]\ncores = "2-5"\n[asio.c]\ncores = "3-6"\n',
     ["PF050 6:9", "PF050 6:9", "PF050 8:9"]),
    ('[asio.a]\ncores = 0\nexclusive = true\n[asio.b]\ncores = 1\nexclusive = true\n[asio.c]\ncores = "0-1"\n',
     ["PF046 10:9"]),
    ('[asio.a]\ncores = 1\n[asio.b]\ncores = 1\nexclusive = true\n[asio.c]\ncores = 1\n', ["PF046 4:9", "PF046 9:9"]),
    ('[asio.a]\ncores = 1\n[asio.b]\ncores = 1\nexclusive = true\n', ["PF046 4:9"]),
    ('[asio.a]\ncores = 1\nexclusive = true\n[asio.b]\ncores = 1\nexclusive = true\n', ["PF046 7:9"]),
    ('[asio.a]\ncores = 1\n[asio.b]\ncores = 1\npin = "none"\n', []),
    ('[asio.a]\ncores = 1\n[asio.b]\ncores = 1\nenabled = false\nexclusive = true\n', []),
    # names
    ('[asio.default]\nthreads = 1\n[aliases.asio]\ndefault = "default"\n', ["PF013 6:1"]),
    ('[asio.a]\nthreads = 1\n[aliases.asio]\nb = "b"\n', ["PF016 6:5"]),
    ('[asio.a]\nthreads = 1\n[aliases.tbb]\na = "a"\n', ["PF016 6:5"]),
    ('[asio.a]\nthreads = 1\n[aliases.tbb]\nb = "a"\n', ["PF015 6:5"]),
])
def test_rules(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert faults(tmp_path, HEAD + text) == expected


@pytest.mark.parametrize(("exclusive", "number"), [("", 1), ("exclusive = true\n", 299)])
def test_what_is_said_of_shared_cores_does_not_grow_with_the_pairs_of_pools(
    tmp_path: Path, exclusive: str, number: int,
) -> None:
    text = HEAD + "".join(f'[native.p{index}]\ncores = "0-3"\n{exclusive}' for index in range(300))
    _, problems = attempt(tmp_path, text)
    found = list(problems)
    assert len(found) == number
    assert sum(map(len, (render(problem) for problem in found))) < 400 * number + 1200
    if not exclusive:
        assert found[0].text == "[native.p0], [native.p1] and 298 other pools share cores 0-3"
        assert [note.text for note in found[0].notes] == [
            f"the cores of [native.p{index}]" for index in (0, 2, 3, 4, 5, 6, 7)]


def test_what_is_said_of_undeclared_names_does_not_grow_with_the_declared_ones(tmp_path: Path) -> None:
    searched: list[str] = []
    text = HEAD + "".join(f"[native.p{index}]\nthreads = 1\n" for index in range(100)) + "[aliases.native]\n"
    text += "".join(f'alias{index} = "gone"\n' for index in range(100))

    def nearest(name: str, candidates: Sequence[str], number: int) -> list[str]:
        searched.append(name)
        return []

    with mock.patch("codegen.near_names.nearest", nearest):
        _, problems = attempt(tmp_path, text)
    assert searched == ["gone"]
    found = list(problems)
    assert len(found) == 100
    assert found[0].notes[0].text == ("declared native pools: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11 and 88"
                                      " more")


@pytest.mark.parametrize(("more", "help"), [
    ("[native.default]\nthreads = 1\n", "lookups of 'heavy' get the native pool 'default'"),
    ('default = "other"\n[native.other]\nthreads = 1\n', "lookups of 'heavy' get the native pool 'default'"),
    ("[native.other]\nthreads = 1\n", "lookups of 'heavy' do not compile, for there is no native pool 'default'"),
    ('[native.default]\nthreads = 1\n[topology]\nundeclared = "error"\n',
     "lookups of 'heavy' do not compile with undeclared = \"error\""),
])
def test_of_a_name_that_leads_to_no_pool_it_is_said_what_lookups_get(tmp_path: Path, more: str, help: str) -> None:
    text = f'[native.work]\nthreads = 1\nenabled = false\n[aliases.native]\nheavy = "work"\n{more}'
    text += 'name = "md"\n' if "[topology]" in more else HEAD
    _, problems = attempt(tmp_path, text)
    assert [problem.help for problem in problems] == [f"{help}; give [native.work] a fallback"]


def test_a_pool_is_not_advised_to_fall_back_to_itself(tmp_path: Path) -> None:
    text = HEAD + '[asio.net]\nthreads = 1\nfallback = "nett"\n[aliases.asio]\nwire = "nett"\n'
    _, problems = attempt(tmp_path, text)
    assert [problem.help for problem in problems] == [
        "declare the pool, or name one that is declared", "did you mean 'net'?"]


def test_a_kind_that_is_no_table_makes_nothing_else_undeclared(tmp_path: Path) -> None:
    assert faults(tmp_path, 'asio = 3\n' + HEAD + '[aliases.asio]\na = "b"\n') == ["PF008 1:8"]


@pytest.mark.parametrize("text", [
    "".join(f"[native.p{index}]\nthreads = 1\n" for index in range(1000))
    + "[aliases.native]\n" + "".join(f'alias{index} = "gone{index}"\n' for index in range(400)),
    "[cores]\n" + "".join(f"s{index} = 1\n" for index in range(1000))
    + f'[native.p]\ncores = "{",".join(f"gone{index}" for index in range(400))}"\n',
], ids=["pools", "core sets"])
def test_what_was_meant_is_not_looked_for_again_and_again_among_many_names(tmp_path: Path, text: str) -> None:
    compared: list[int] = []

    def nearest(name: str, candidates: Sequence[str], number: int) -> list[str]:
        compared.append(len(candidates))
        return []

    with mock.patch("codegen.near_names.nearest", nearest):
        _, problems = attempt(tmp_path, HEAD + text)
    assert len([problem for problem in problems if problem.id in ("PF015", "PF021")]) == 400
    assert 0 < sum(compared) <= 6_400


def chain(number: int, first: str = "a") -> str:
    return f'b0 = "{first}"\n' + "".join(f'b{index + 1} = "b{index}"\n' for index in range(number - 1))


def test_a_name_may_lead_over_thirty_two_steps_to_its_pool(tmp_path: Path) -> None:
    found = topology(tmp_path, HEAD + "[asio.a]\nthreads = 1\n[aliases.asio]\n" + chain(32))
    assert set(leads(found).values()) == {"declared a", "alias a"} and len(found.names) == 33


@pytest.mark.parametrize(("text", "expected"), [
    ("[asio.a]\nthreads = 1\n[aliases.asio]\n" + chain(33), ["PF037 38:7"]),
    # of a longer chain the first one that is too long; and no others, which are as long for the same reason
    ("[asio.a]\nthreads = 1\n[aliases.asio]\n" + chain(5000) + 'c = "b31"\n', ["PF037 38:7", "PF037 5006:5"]),
    ("".join(f'[asio.p{index}]\nthreads = 1\nfallback = "p{index + 1}"\n' for index in range(33))
     + "[asio.p33]\nthreads = 1\n", ["PF037 5:12"]),
    ("[asio.a]\nthreads = 1\nenabled = false\n[asio.z]\nthreads = 1\n[aliases.asio]\n" + chain(33),
     [*(f"PF052 {index + 9}:{6 + (index > 9)}" for index in range(32)), "PF037 41:7"]),
])
def test_a_name_that_takes_more_steps_is_refused(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert faults(tmp_path, HEAD + text) == expected


def test_all_pools_together_have_no_more_threads_than_the_kernel_has_numbers_for(tmp_path: Path) -> None:
    def pools(number: int, threads: int) -> str:
        return HEAD + "".join(f"[native.p{index}]\nthreads = {threads}\nmax_threads = {4096 - threads}\n"
                              for index in range(number))

    assert faults(tmp_path, pools(1024, 4096)) == []
    _, problems = attempt(tmp_path, pools(1030, 96))
    problem, = problems
    assert (problem.id, problem.place.line, problem.place.column) == ("PF009", 3 + 3 * 1024 + 1, 11)
    assert problem.text == ("with those of [native.p1024] the pools have 4198400 threads; the kernel has numbers for"
                            " 4194304")
