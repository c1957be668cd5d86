"""What a topology declares, thread by thread: in time where there are many."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import topologies
from codegen.observing.cpu_map import CpuMap
from codegen.observing.declared import Layout


class Counting(CpuMap):
    applied = 0

    def apply(self, cpus: Iterable[int]) -> tuple[int, ...]:
        Counting.applied += 1
        return super().apply(cpus)


def test_threads_that_share_cores_have_them_written_down_once(tmp_path: Path) -> None:
    """There may be 4096 of them, and 65,536 cores."""
    text = (f'{topologies.HEAD}[process]\ncores = "0-3"\n[asio.a]\ncores = "8-11"\npin = "set"\nthreads = 900\n'
            'blocking_threads = 100\n[asio.b]\nthreads = 500\n[asio.c]\ncores = "4-7"\nblocking_threads = 500\n')
    Counting.applied = 0
    threads = Layout(topologies.topology(tmp_path, text), Counting()).threads
    assert len(threads) == 900 + 100 + 500 + 4 + 500 and Counting.applied <= 10
    assert {(thread.pool.name, thread.role, thread.cpus) for thread in threads} == {
        ("a", "worker", (8, 9, 10, 11)), ("a", "blocking", (8, 9, 10, 11)), ("b", "worker", (0, 1, 2, 3)),
        *(("c", "worker", (cpu,)) for cpu in range(4, 8)), ("c", "blocking", (4, 5, 6, 7))}


def test_many_threads_are_compared_with_managed_ones_that_are_written_down_once(tmp_path: Path) -> None:
    text = (f'{topologies.HEAD}[native.a]\ncores = "0-3"\nmax_threads = 9\n'
            '[native.b]\ncores = "5,4"\npin = "set"\nmax_threads = 9\n')
    found = Layout(topologies.topology(tmp_path, text), Counting())
    Counting.applied = 0
    managed = [[found.may_be_managed(pool, cpus) for cpus in ((3,), (4,), (4, 5), (0, 1, 2, 3))]
               for pool in found.topology.pools for _ in range(100)]
    assert managed == [[True, False, False, False]] * 100 + [[False, False, True, False]] * 100
    assert Counting.applied <= 2
