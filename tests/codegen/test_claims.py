"""Who gets which cores: required and optional pools, what gives way without a trace, and what claims nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen import placement
from codegen.claims import Held, Shortage, Supply
from codegen.core_faults import CoreFaults
from codegen.cores import Expression, format_cpus
from codegen.diagnostics import Problems
from codegen.model import Topology
from topologies import HEAD, attempt, faults, topology

FALLBACK = 'optional = true\nfallback = "default"\n'


def cpuset(cpus: str, sets: str = "") -> str:
    return f'{HEAD}[process]\ncpuset = "{cpus}"\n[cores]\n{sets}\n'


def cores(found: Topology) -> dict[str, tuple[int, ...]]:
    return {pool.name: pool.cores for pool in found.pools}


def test_an_optional_pool_gives_way_when_its_set_takes_too_much(tmp_path: Path) -> None:
    found = topology(tmp_path, cpuset("0-3", 'gpu = "take:8"') + '[native.default]\ncores = "0-1"\n'
                     f'[native.big]\ncores = "gpu"\n{FALLBACK}')
    assert cores(found) == {"default": (0, 1)}
    assert found.absent[0].reason == "needs 8 unclaimed cores; the cpuset has 2"
    assert found.core_sets == {}


def test_a_set_that_only_a_disabled_pool_uses_claims_nothing(tmp_path: Path) -> None:
    found = topology(tmp_path, cpuset("0-3", 'extra = "take:2"') + '[native.default]\ncores = "rest"\n'
                     '[native.big]\ncores = "extra"\nenabled = false\nfallback = "default"\n')
    assert cores(found) == {"default": (0, 1, 2, 3)}
    assert found.core_sets == {}


@pytest.mark.parametrize("expression", ["0,take:8", "take:3,0", "few,take:8", "take:1,few,take:1", "one,!0,take:8"])
def test_an_optional_pool_that_gives_way_leaves_no_trace(tmp_path: Path, expression: str) -> None:
    text = cpuset("0-3", 'few = "take:3"\none = "0,take:1"') + (
        f'[native.big]\ncores = "{expression}"\n{FALLBACK}'
        '[native.some]\ncores = "take:2"\n[native.default]\ncores = "rest"\n')
    assert cores(topology(tmp_path, text)) == {"some": (0, 1), "default": (2, 3)}


def test_cores_that_two_optional_pools_name_are_free_when_both_give_way(tmp_path: Path) -> None:
    pools = "".join(f'[native.{name}]\ncores = "0,{more}"\n{FALLBACK}'
                    for name, more in (("a", "take:8"), ("b", "take:9")))
    assert cores(topology(tmp_path, cpuset("0-3") + pools + '[native.default]\ncores = "rest"\n')) == {
        "default": (0, 1, 2, 3)}


def test_what_one_optional_pool_gives_back_may_be_enough_for_another(tmp_path: Path) -> None:
    pools = "".join(f'[native.{name}]\ncores = "{expression}"\n{FALLBACK}'
                    for name, expression in (("a", "0-1,take:3"), ("b", "2,take:3")))
    assert cores(topology(tmp_path, cpuset("0-3") + pools + '[native.default]\nthreads = 1\n')) == {
        "b": (2, 0, 1, 3), "default": ()}


def test_required_pools_are_served_before_optional_ones(tmp_path: Path) -> None:
    found = topology(tmp_path, cpuset("0-5") + '[tbb.extra]\ncores = "take:4"\noptional = true\n'
                     '[asio.net]\ncores = "take:4"\n[tbb.more]\ncores = "take:2"\noptional = true\n')
    assert cores(found) == {"net": (0, 1, 2, 3), "more": (4, 5)}


def test_an_optional_take_comes_before_a_required_rest(tmp_path: Path) -> None:
    found = topology(tmp_path, cpuset("0-3") + '[native.default]\ncores = "rest"\n'
                     '[native.some]\ncores = "take:2"\noptional = true\n')
    assert cores(found) == {"default": (2, 3), "some": (0, 1)}


def test_a_term_and_a_set_of_one_expression_take_different_cores(tmp_path: Path) -> None:
    found = topology(tmp_path, cpuset("0-7", 'two = "take:2"') + '[native.default]\ncores = "take:2,two"\n')
    assert cores(found) == {"default": (0, 1, 2, 3)}


def test_a_core_outside_the_cpuset_hides_no_shortage(tmp_path: Path) -> None:
    assert faults(tmp_path, cpuset("0-3") + '[native.default]\ncores = "9,take:5"\n') == ["PF024 8:10", "PF026 8:12"]


def test_many_optional_pools_may_give_way(tmp_path: Path) -> None:
    pools = "".join(f'[native.p{index}]\ncores = "{index},take:2000"\n{FALLBACK}' for index in range(200))
    found = topology(tmp_path, cpuset("0-200") + pools + '[native.default]\ncores = "rest"\n')
    assert len(found.absent) == 200 and len(found.pools[0].cores) == 201


TERMS = st.sampled_from(["0", "3", "6-9", "take:1", "take:2", "take:3", "rest", "few", "mixed", "left", "!1", "!few"])
EXPRESSIONS = st.lists(TERMS, min_size=1, max_size=3).map(",".join)
POOLS = st.lists(st.tuples(EXPRESSIONS, st.sampled_from(["", "optional = true\n"])), min_size=1, max_size=5)


@settings(max_examples=400, derandomize=True, database=None, deadline=None)
@given(POOLS)
def test_absent_pools_are_as_good_as_disabled_ones(
    tmp_path_factory: pytest.TempPathFactory, pools: list[tuple[str, str]],
) -> None:
    folder = tmp_path_factory.getbasetemp()
    head = cpuset("0-7", 'few = "take:2"\nmixed = "5,take:1"\nleft = "rest"') + "[tbb.default]\nthreads = 1\n"
    tables = [f'[native.p{index}]\npin = "none"\nthreads = 1\ncores = "{expression}"\n{optional}'
              for index, (expression, optional) in enumerate(pools)]
    found, problems = attempt(folder, head + "".join(tables))
    if found is None:
        assert problems.errors
        return
    absent = {int(pool.name[1:]) for pool in found.absent}
    alike = topology(folder, head + "".join(f"{table}enabled = false\n" if index in absent else table
                                            for index, table in enumerate(tables)))
    assert cores(found) == cores(alike)
    assert found.core_sets == alike.core_sets


@pytest.mark.parametrize(("expression", "expected"), [
    ("take:4,!4", (0, 1, 2, 3)), ("take:4,!0-2", (3, 4, 5, 6)), ("!0-1,take:2", (2, 3)), ("take:2,!low", (4, 5)),
    ("rest,!low", (4, 5, 6, 7)), ("0,take:2,!1", (0, 2, 3)), ("one,!0,take:1", (1,)),
])
def test_take_gives_out_none_that_the_expression_removes(
    tmp_path: Path, expression: str, expected: tuple[int, ...],
) -> None:
    text = cpuset("0-7", 'low = "0-3"\none = "take:1"') + f'[native.default]\ncores = "{expression}"\n'
    assert cores(topology(tmp_path, text)) == {"default": expected}


def test_a_shortage_is_not_blamed_on_others_for_what_the_expression_removes(tmp_path: Path) -> None:
    text = cpuset("0-7") + '[native.default]\ncores = "take:4,!2-7"\n[native.some]\ncores = "rest,!0-7"\n'
    _, problems = attempt(tmp_path, text)
    assert [(problem.id, problem.text) for problem in problems] == [
        ("PF026", "needs 4 unclaimed cores; the cpuset has 2 besides those that the expression removes"),
        ("PF023", "no core of the cpuset is unclaimed but those that the expression removes")]


@pytest.mark.parametrize(("expression", "places"), [
    ("0-3,!7", ["PF057 9:14"]), ("!3,0-3", ["PF057 9:10"]), ("0-3,!3-7", []), ("0-3,!3,!3", ["PF057 9:17"]),
    ("0-3,!high", []), ("0-3,take:1,!7", []), ("low,!7", ["PF057 9:14"]),
])
def test_a_number_that_is_removed_from_nothing_is_a_slip(tmp_path: Path, expression: str, places: list[str]) -> None:
    text = cpuset("0-7", 'low = "0-3"\nhigh = "5-7"') + f'[native.default]\ncores = "{expression}"\n'
    assert faults(tmp_path, text) == places


def test_a_removal_in_vain_is_found_in_sets_and_in_the_cpuset(tmp_path: Path) -> None:
    assert faults(tmp_path, cpuset("0-7,!9", 'low = "0-3,!5"') + "[native.default]\nthreads = 1\n") == [
        "PF057 4:15", "PF057 6:12"]


def test_a_shortage_says_who_has_the_cores(tmp_path: Path) -> None:
    pools = "".join(f'[native.p{index}]\ncores = "{cpus}"\n' for index, cpus in enumerate(["3", "0-1", "4", "5", "6"]))
    text = cpuset("0-7") + pools + '[native.some]\ncores = "take:1"\n[native.more]\ncores = "take:9"\n'
    _, problems = attempt(tmp_path, text)
    shortage = next(iter(problems))
    assert shortage.text == "needs 9 unclaimed cores; the cpuset has 1"
    assert [note.text for note in shortage.notes] == [
        "the cpuset is 0-7", "[native.p1] claims cores 0-1", "[native.some] claims core 2", "[native.p0] claims core 3",
        "[native.p2] claims core 4", "2 more pools claim 2 cores"]
    assert shortage.notes[1].place and shortage.notes[1].place.line == 10


class Counted(tuple[int, ...]):
    """How often CPU lists were gone through from the first CPU on."""

    walks = 0

    def __iter__(self) -> Iterator[int]:
        Counted.walks += 1
        return super().__iter__()


def walks_over_the_cpuset(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> tuple[int, Problems]:
    """When cores are given out."""
    Counted.walks = 0
    monkeypatch.setattr(placement, "Supply", lambda cpuset, *rest: Supply(Counted(cpuset), *rest))
    _, problems = attempt(folder, text)
    return Counted.walks, problems


def test_many_pools_that_take_cores_do_not_each_go_over_the_cpuset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    pools = "".join(f'[native.p{index}]\ncores = "take:1"\n' for index in range(300))
    walks, problems = walks_over_the_cpuset(monkeypatch, tmp_path, cpuset("0-299") + pools)
    assert walks <= 2 and not list(problems)


def test_many_pools_that_get_none_are_told_who_has_the_cores_by_one_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    spelled = mock.Mock(wraps=format_cpus)
    monkeypatch.setattr("codegen.core_faults.format_cpus", spelled)
    pools = "".join(f'[native.p{index}]\ncores = "take:2"\n' for index in range(300))
    walks, problems = walks_over_the_cpuset(monkeypatch, tmp_path, cpuset("0-99") + pools)
    found = list(problems)
    assert walks <= 3 and spelled.call_count <= 8 and len(found) == 250
    assert [note.text for note in found[-1].notes] == [
        "the cpuset is 0-99", *(f"[native.p{index}] claims cores {2 * index}-{2 * index + 1}" for index in range(4)),
        "46 more pools claim 92 cores"]


def test_where_it_changes_all_the_time_who_has_the_cores_not_all_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    pools = "".join(f'[native.p{index}]\ncores = "take:{1 if index % 2 else 999}"\n' for index in range(300))
    walks, problems = walks_over_the_cpuset(monkeypatch, tmp_path, cpuset("0-299") + pools)
    assert walks <= 102 and [problem.id for problem in problems] == ["PF026"] * 150


ALL = '[cores]\nall = "0-65535"\n'


@pytest.mark.parametrize("text", [
    ALL + "".join(f'[native.p{index}]\nthreads = 1\npin = "none"\ncores = "all"\n' for index in range(2000)),
    ALL + '[process]\ncores = "all"\n' + "".join(f"[native.p{index}]\nthreads = 1\n" for index in range(2000)),
    ALL + f'[native.p]\ncores = "{",".join(["all"] * 2000)}"\n',
    ALL + "".join(f's{index} = "all"\n' for index in range(2000)) + "[native.p]\nthreads = 1\n",
    f'{ALL}[process]\ncpuset = "all"\n' + "".join(f'[native.p{index}]\ncores = "take:1,!all"\n'
                                                  for index in range(2000)),
    f'{ALL}[process]\ncpuset = "all"\n' + "".join(f'[native.p{index}]\nthreads = 1\npin = "none"\ncores = "rest"\n'
                                                  for index in range(2000)),
    '[process]\ncpuset = "0-9"\n[cores]\ns0 = "take:99"\n'
    + "".join(f's{index + 1} = "s{index}"\n' for index in range(2000)) + '[native.p]\ncores = "s2000"\n',
], ids=["pools", "pools without cores", "one expression", "sets", "removed", "rest", "chain of sets"])
def test_what_would_take_the_memory_as_cores_of_many_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str,
) -> None:
    def selected(*_: object) -> None:
        raise AssertionError("CPUs are gone through")

    monkeypatch.setattr("codegen.explicit_cores.apply", selected)
    _, problems = attempt(tmp_path, HEAD + text)
    assert [problem.id for problem in problems] == ["PF038"]


def test_a_thousand_pools_may_each_name_a_thousand_cores(tmp_path: Path) -> None:
    pools = "".join(f'[native.p{index}]\nthreads = 1\npin = "none"\ncores = "all"\n' for index in range(1000))
    found = topology(tmp_path, HEAD + '[cores]\nall = "0-999"\n' + pools)
    assert {len(pool.cores) for pool in found.pools} == {1000}


def test_who_gets_no_cores_keeps_nothing_of_the_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []
    report = CoreFaults.short

    def short(faults: CoreFaults, shortage: Shortage, held: Held, expression: Expression) -> None:
        kept.append(shortage.__traceback__)
        report(faults, shortage, held, expression)

    monkeypatch.setattr(CoreFaults, "short", short)
    attempt(tmp_path, cpuset("0-3") + '[native.p]\ncores = "take:9"\n')
    assert kept == [None]
