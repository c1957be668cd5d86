"""Core expressions: what they select, in which order, and what is refused at which term."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen import cores
from codegen.schema import MAX_CPU
from topologies import HEAD, faults, pool, topology


def cpus(folder: Path, expression: str, *, before: str = "") -> tuple[int, ...]:
    return pool(topology(folder, f"{HEAD}{before}\n[asio.net]\ncores = {expression}\n"), "asio.net").cores


@pytest.mark.parametrize(("expression", "expected"), [
    ("3", [3]),
    ("0-7", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("5-5", [5]),
    ("0-15:4", [0, 4, 8, 12]),
    ("0-7:3", [0, 3, 6]),
    (" 1 , 4 - 6 ,8-10 : 2 ", [1, 4, 5, 6, 8, 10]),
    ("8,0-2", [8, 0, 1, 2]),
    ("0-3,2-5,0", [0, 1, 2, 3, 4, 5]),
    ("9-16,!12", [9, 10, 11, 13, 14, 15, 16]),
    ("9-12, ! 10-11", [9, 12]),
    ("!3,0-3", [0, 1, 2, 3]),
    ("0-3,!2,2", [0, 1, 3, 2]),
    ("007", [7]),
    ("65535", [65535]),
])
def test_terms_select_in_the_order_written(tmp_path: Path, expression: str, expected: list[int]) -> None:
    assert list(cpus(tmp_path, f'"{expression}"')) == expected


def test_integers_are_accepted(tmp_path: Path) -> None:
    assert cpus(tmp_path, "[4, 2, 4]") == (4, 2)
    assert cpus(tmp_path, "0x10") == (16,)


@pytest.mark.parametrize(("expression", "problem"), [
    ('"7-4"', "PF020 5:10"), ('"0-3,9-8"', "PF020 5:14"), ('"a b"', "PF020 5:10"), ('"1;2"', "PF020 5:10"),
    ('"-1"', "PF020 5:10"), ('"1-"', "PF020 5:10"), ('"0x10"', "PF020 5:10"), ('"1.5"', "PF020 5:10"),
    ('"3:2"', "PF020 5:10"), ('"0-7:0"', "PF020 5:10"), ('"0-7:"', "PF020 5:10"), ('"1,"', "PF020 5:11"),
    ('",1"', "PF020 5:10"), ('"1,!"', "PF020 5:12"), ('"1,!!1"', "PF020 5:12"), ('"take:0"', "PF020 5:10"),
    ('"take"', "PF020 5:10"), ('"\u0663"', "PF020 5:10"), ('"0-65536"', "PF009 5:10"),
    ('"1,99999999999999"', "PF009 5:12"),
    ('"1,nett"', "PF021 5:12"), ('"!rest"', "PF025 5:10"), ('""', "PF023 5:9"), ("[]", "PF023 5:9"),
    ('"1,!0-2"', "PF023 5:9"),
    ("-1", "PF009 5:9"), ("[1, -1]", "PF009 5:13"), ("[1, true]", "PF008 5:13"),
    ("true", "PF008 5:9"), ("1.0", "PF008 5:9"),
    ("'7-4'", "PF020 5:10"), ('"""7-4"""', "PF020 5:9"), ('"\\u0037-4"', "PF020 5:9"),
])
def test_garbage_is_refused_at_its_term(tmp_path: Path, expression: str, problem: str) -> None:
    text = f"{HEAD}\n[asio.net]\ncores = {expression}\n"
    assert faults(tmp_path, text) == [problem]


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(st.lists(st.integers(0, 65535), unique=True, max_size=40))
def test_lists_survive_the_round_trip(numbers: list[int]) -> None:
    selected = [cpu for term in cores.parse(cores.format_cpus(numbers)) for cpu in term.cpus]
    assert selected == numbers


@pytest.mark.parametrize(
    ("cpus", "expected"),
    [((), ""), ((3,), "3"), ((0, 1, 2, 3), "0-3"), ((9, 10, 12), "9-10,12"), ((3, 2, 1), "3,2,1"), ((5, 0), "5,0")],
)
def test_cpu_lists_keep_their_order(cpus: tuple[int, ...], expected: str) -> None:
    assert cores.format_cpus(cpus) == expected


SETS = '[process]\ncpuset = "0-9"\n[cores]\n'


def test_sets_may_use_sets_in_any_order(tmp_path: Path) -> None:
    sets = '[cores]\nall = "network,disk,!3"\nnetwork = "1-4"\ndisk = 5\n'
    assert cpus(tmp_path, '"all"', before=sets) == (1, 2, 4, 5)
    assert cpus(tmp_path, '"0-9,!all"', before=sets) == (0, 3, 6, 7, 8, 9)


def test_a_long_chain_of_sets_is_no_problem(tmp_path: Path) -> None:
    sets = "[cores]\ns0 = 7\n" + "".join(f's{index} = "s{index - 1}"\n' for index in range(1, 1000))
    assert cpus(tmp_path, '"s999"', before=sets) == (7,)


def test_explicit_cores_are_claimed_first_then_take_then_rest(tmp_path: Path) -> None:
    found = topology(tmp_path, HEAD + """
[process]
cpuset = "0-11"
cores = "11"
[asio.a]
cores = "rest,!10"
[asio.b]
cores = "take:2"
[asio.c]
cores = "0,take:1"
[tbb.d]
cores = "2-3"
[tbb.e]
cores = "rest"
[tbb.off]
cores = "5"
enabled = false
""")
    assert {entry.name: entry.cores for entry in found.pools} == {
        "a": (6, 7, 8, 9), "b": (1, 4), "c": (0, 5), "d": (2, 3), "e": (10,)}
    assert found.process.cores == (11,)


def test_take_follows_the_order_of_the_cpuset(tmp_path: Path) -> None:
    assert cpus(tmp_path, '"take:3"', before='[process]\ncpuset = "8-9,0-7"\n') == (8, 9, 0)


def test_a_set_that_takes_is_one_claim(tmp_path: Path) -> None:
    found = topology(tmp_path, HEAD + SETS + """scratch = "take:2"
spare = "0"
[asio.a]
cores = "scratch"
pin = "none"
[asio.b]
cores = "scratch"
[asio.c]
cores = "take:1,spare"
""")
    assert [entry.cores for entry in found.pools] == [(1, 2), (1, 2), (3, 0)]
    assert found.core_sets == {"scratch": (1, 2), "spare": (0,)}


def test_an_unusable_set_is_reported_once(tmp_path: Path) -> None:
    text = HEAD + SETS + 'bad = "7-4"\nempty = "1,!1"\n' + "".join(
        f'[asio.{name}]\ncores = "{used}"\n' for name, used in [("a", "bad"), ("b", "0,bad"), ("c", "empty")])
    assert faults(tmp_path, text) == ["PF020 6:8", "PF023 7:9"]


def test_one_set_outside_the_cpuset_is_one_problem(tmp_path: Path) -> None:
    text = HEAD + SETS + 'wide = "0, 8-12"\n' + "".join(
        f'[{title}]\ncores = "wide"\npin = "none"\n' for title in ("asio.a", "tbb.b"))
    assert faults(tmp_path, text) == ["PF024 6:12"]


def test_the_cpuset_cannot_take_from_itself(tmp_path: Path) -> None:
    assert faults(tmp_path, HEAD + '[process]\ncpuset = "0-3,rest"\n[asio.a]\ncores = "rest"\n') == ["PF025 4:10"]
    assert faults(tmp_path, HEAD + '[process]\ncpuset = "3-0"\n[asio.a]\ncores = "rest"\n') == ["PF020 4:11"]


def test_the_same_problem_of_two_pools_is_two_problems(tmp_path: Path) -> None:
    text = HEAD + '[asio.a]\ncores = "take:1"\n[asio.b]\ncores = "rest"\n'
    assert faults(tmp_path, text) == ["PF025 4:10", "PF025 6:10"]


def test_a_disabled_pool_and_what_only_it_uses_are_read_but_need_nothing(tmp_path: Path) -> None:
    sets = '[cores]\nlate = "take:2"\ngpu = "hw:os=cuda0"\n'
    pools = "".join(f'[asio.{name}]\ncores = "{used}"\npolicy = "fifo"\nenabled = false\n' for name, used in [
        ("a", "late"), ("b", "gpu"), ("c", "rest"), ("d", "hw:numa:1"), ("e", "9999")])
    default = "[asio.default]\nthreads = 1\n"
    assert faults(tmp_path, HEAD + sets + default + pools) == []
    unknown = "[asio.f]\ncores = \"nett\"\nenabled = false\n"
    assert faults(tmp_path, HEAD + sets + default + pools + unknown) == ["PF021 29:10"]


def test_an_expression_names_no_more_cpus_than_can_be_counted_at_once() -> None:
    whole = f"0-{MAX_CPU}"
    assert len(cores.parse(",".join([whole] * 4))) == 4
    with pytest.raises(cores.MalformedTerm, match="the terms name 327680 CPUs in all") as raised:
        cores.parse(",".join([whole] * 5))
    assert (raised.value.id, raised.value.offset) == ("PF020", 4 * (len(whole) + 1))
