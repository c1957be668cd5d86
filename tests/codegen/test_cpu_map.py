"""The map of a running process, as the library reads it."""

from __future__ import annotations

import tracemalloc

import pytest

from codegen.observing import cpu_map
from codegen.observing.cpu_map import CpuMap, Malformed


@pytest.mark.parametrize(("text", "cpus", "mapped"), [
    ("", (1, 2), (1, 2)),
    ("9-16:0-7", (9, 12, 16, 17), (0, 3, 7, 17)),
    (" 1 - 3 , 8 : 5 , 7 ;; 4:0", (1, 2, 3, 8, 4), (5, 7, 5, 7, 0)),
])
def test_a_cpu_map_is_what_the_library_reads(text: str, cpus: tuple[int, ...], mapped: tuple[int, ...]) -> None:
    assert cpu_map.parse(text, "here").apply(cpus) == mapped


@pytest.mark.parametrize("text", ["1", "1:2:3", ":1", "1:", "2-1:0", "a:1", "1:-1", "1,:2", "65536:0", "1:1;1:2",
                                  "1-2-3:0", "\t1:2", "1;2"])
def test_what_the_library_refuses_is_no_cpu_map(text: str) -> None:
    with pytest.raises(Malformed):
        cpu_map.parse(text, "here")


def test_no_map_maps_nothing() -> None:
    assert CpuMap().apply((3, 1)) == (3, 1)


@pytest.mark.parametrize("text", [f"0:{','.join(['0-65535'] * 60)}", f"{','.join(['0-65535'] * 60)}:0"])
def test_cpus_that_are_named_again_and_again_are_not_written_down(text: str) -> None:
    """Who looks at a process has not chosen its map."""
    tracemalloc.start()
    try:
        found = cpu_map.parse(text, "here").targets
    except Malformed as error:
        assert str(error).startswith("CPU map maps core 0 twice")
        found = {0: 0}
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == {0: 0} and most < 20 << 20


def test_what_is_wrong_with_a_map_has_no_power_over_the_terminal() -> None:
    with pytest.raises(Malformed) as refused:
        cpu_map.parse("\x1b[31mx", "here")
    assert str(refused.value).startswith("CPU map entry '\ufffd[31mx' is malformed: ")
