"""What suite.json says must fit what lies beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.runner import suite
from bench.runner.suite import Workload

FOLDER = suite.SUITE.parent
WORKLOADS = tuple(suite.load().values())


def prefixes(contender: str) -> Iterator[str]:
    """The names that its source may have: the words that are missing there are its variant."""
    words = contender.split("_")
    return ("_".join(words[:count]) for count in range(len(words), 0, -1))


def each(workload: Workload) -> str:
    return workload.name


@pytest.mark.parametrize("workload", WORKLOADS, ids=each)
def test_every_program_of_the_suite_has_its_source(workload: Workload) -> None:
    for contender in workload.contenders:
        sources = [FOLDER / workload.name / f"{name}.{language}" for name in prefixes(contender)
                   for language in ("cpp", "rs", "py")]
        assert any(map(Path.is_file, sources)), contender


@pytest.mark.parametrize("workload", WORKLOADS, ids=each)
def test_contenders_are_compared_with_others_of_the_workload(workload: Workload) -> None:
    for contender, others in workload.against.items():
        assert contender in workload.contenders
        assert set(others) < set(workload.contenders) - {contender}


@pytest.mark.parametrize("workload", WORKLOADS, ids=each)
def test_every_workload_has_a_line_in_the_readme(workload: Workload) -> None:
    assert f"| `{workload.name}` |" in (FOLDER / "README.md").read_text(encoding="utf-8")
