"""What holds for every choice of `take:N` and `rest`, on machines of many shapes with any CPUs claimed."""

from __future__ import annotations

import functools
import subprocess
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import topologies
from codegen.machine import choice, describe
from codegen.machine.model import Machine

SHAPES = [
    "pack:1 core:1 pu:1", "pack:1 core:4 pu:2", "pack:2 numa:1 core:3 pu:2", "pack:2 numa:2 l3:2 core:2 pu:1",
    "numa:3 core:2 pu:4", "numa:8 core:1 pu:2", "pack:2 numa:1 core:8 pu:2(indexes=core:pu)", "l3:3 core:2 pu:2",
    "numa:2 l3:2 core:3 pu:2",
]
MACHINES = Path(__file__).resolve().parent.parent.parent / "topology/machines"
FILES = [MACHINES / "hybrid.xml", MACHINES / "two_packages.xml"]


@functools.cache
def export(shape: str | Path) -> str:
    if isinstance(shape, Path):
        return shape.read_text(encoding="utf-8")
    return subprocess.run(["lstopo-no-graphics", "--input", shape, "--output-format", "xml", "-"],
                          capture_output=True, text=True, check=True).stdout


@st.composite
def claims(draw: st.DrawFn) -> tuple[Machine, list[int], int]:
    """A machine, its free CPUs and how many of them are taken."""
    machine = describe.machine(export(draw(st.sampled_from([*SHAPES, *FILES]))), "")
    free = draw(st.lists(st.sampled_from(machine.usable), min_size=1, unique=True))
    return machine, free, draw(st.integers(1, len(free)))


def whole(machine: Machine, cpus: set[int]) -> set[int]:
    return {cpu for core in machine.siblings.values() if cpus.issuperset(core) for cpu in core}


def groups(machine: Machine, cpus: set[int], *shared: str) -> dict[tuple[int, ...], set[int]]:
    """By what they share: "node", "kind", "cache"."""
    found: dict[tuple[int, ...], set[int]] = {}
    for cpu in cpus:
        found.setdefault(tuple(getattr(machine.by_index[cpu], what) for what in shared), set()).add(cpu)
    return found


@settings(max_examples=500, derandomize=True, database=None, deadline=None)
@given(claims(), st.randoms(use_true_random=False))
def test_a_choice_is_of_free_cpus_of_one_node_and_of_whole_cores_where_that_can_be(
    claimed: tuple[Machine, list[int], int], random: Random,
) -> None:
    machine, free, number = claimed
    found = choice.take(machine, free, number)
    taken, left = set(found.cpus), set(free)
    assert len(found.cpus) == len(taken) == number and taken <= left
    shuffled = list(free)
    random.shuffle(shuffled)
    assert choice.take(machine, shuffled, number) == found

    by_node = groups(machine, left, "node")
    enough = [cpus for cpus in by_node.values() if len(cpus) >= number]
    assert (len(groups(machine, taken, "node")) == 1) == bool(enough)
    of_whole = taken <= whole(machine, left)
    if enough:
        assert of_whole == any(len(whole(machine, cpus)) >= number for cpus in enough)
    else:
        assert of_whole == (len(whole(machine, left)) >= number)
    for shared in (("node", "kind"), ("node", "kind", "cache")) if enough else ():
        could = groups(machine, whole(machine, left) if of_whole else left, *shared).values()
        assert (len(groups(machine, taken, *shared)) == 1) == any(len(cpus) >= number for cpus in could)

    others = choice.rest(machine, [cpu for cpu in free if cpu not in taken])
    assert sorted((*found.cpus, *others.cpus)) == sorted(free)


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(claims(), st.data())
def test_a_pool_is_completed_where_it_is(claimed: tuple[Machine, list[int], int], data: st.DataObject) -> None:
    machine, free, number = claimed
    own = data.draw(st.sampled_from(machine.usable))
    free = [cpu for cpu in free if cpu != own]
    if not free:
        return
    taken = choice.take(machine, free, min(number, len(free)), [own]).cpus
    assert set(taken) <= set(free)
    siblings = set(machine.siblings[machine.by_index[own].core]) - {own}
    if siblings and siblings <= set(free) and len(taken) <= len(siblings):
        assert set(taken) <= siblings


def test_threads_get_cores_before_siblings() -> None:
    machine = describe.machine(export("pack:2 numa:1 core:3 pu:2"), "")
    assert choice.rest(machine, machine.usable).cpus == (0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11)


def test_whole_cores_of_several_nodes_come_before_shared_ones() -> None:
    machine = describe.machine(export("numa:2 core:4 pu:2"), "")
    free = [*range(1, 8), *range(8, 14)]  # node 0 has 3 whole cores and CPU 1, node 1 has 3
    assert set(choice.take(machine, free, 10).cpus) <= whole(machine, set(free))


@pytest.mark.parametrize("cores", ["take:2", "hw:core:{}"])
def test_a_machine_of_1024_cpus_with_200_pools_is_no_matter_of_seconds(tmp_path: Path, cores: str) -> None:
    (tmp_path / "large.xml").write_text(export("pack:8 core:64 pu:2"), encoding="utf-8")
    pools = "".join(f'[native.p{index}]\ncores = "{cores.format(index)}"\n' for index in range(200))
    before = time.process_time()
    found = topologies.topology(tmp_path, f'{topologies.HEAD}machine = "large.xml"\n{pools}')
    assert time.process_time() - before < 2
    assert len({cpu for pool in found.pools for cpu in pool.cores}) == 400
