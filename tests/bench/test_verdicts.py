"""A loss is called a loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.report.figures import Workload
from bench.report.sentences import headline_of, sentences_of
from bench.report.verdicts import Outcome, verdicts_of
from published import Row, document, found, row


def workload(folder: Path, *rows: Row, **against: list[str]) -> Workload:
    [only] = found(folder, document(*rows, against={rows[0]["workload"]: against})).workloads
    return only


def outcomes(of: Workload) -> dict[tuple[str, str, int], Outcome]:
    return {(each.ours.contender, each.base.contender, each.ours.workers): each.outcome for each in verdicts_of(of)}


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        (1.0, 2.0, Outcome.WIN),
        (2.0, 1.0, Outcome.LOSS),
        (1.06, 1.0, Outcome.LOSS),
        (1.04, 1.0, Outcome.EVEN),
        (0.96, 1.0, Outcome.EVEN),
        (0.94, 1.0, Outcome.WIN),
        (0.0, 0.0, Outcome.EVEN),
        (1.0, 0.0, Outcome.LOSS),
    ],
)
def test_less_is_better_and_five_percent_are_no_difference(
    tmp_path: Path, ours: float, theirs: float, outcome: Outcome
) -> None:
    fib = workload(tmp_path, row("fib", "pinfold", ours), row("fib", "tbb", theirs))

    assert outcomes(fib) == {("pinfold", "tbb", 1): outcome}


@pytest.mark.parametrize(
    ("spread", "their_spread", "outcome"),
    [(0.5, 0.5, Outcome.EVEN), (0.5, 0.0, Outcome.LOSS), (0.0, 0.5, Outcome.LOSS)],
)
def test_where_each_could_have_given_the_others_median_there_is_no_difference(
    tmp_path: Path, spread: float, their_spread: float, outcome: Outcome
) -> None:
    fib = workload(tmp_path, row("fib", "pinfold", 1.2, spread=spread), row("fib", "tbb", 1.0, spread=their_spread))

    assert outcomes(fib) == {("pinfold", "tbb", 1): outcome}


def test_without_names_pinfold_is_compared_with_everybody_who_has_as_many_workers(tmp_path: Path) -> None:
    fib = workload(tmp_path, row("fib", "pinfold", 1.0), row("fib", "pinfold", 0.5, workers=2), row("fib", "tbb", 3.0),
                   row("fib", "tbb", 0.4, workers=2), row("fib", "serial", 1.0))

    assert outcomes(fib) == {("pinfold", "tbb", 1): Outcome.WIN, ("pinfold", "serial", 1): Outcome.EVEN,
                             ("pinfold", "tbb", 2): Outcome.LOSS}


def test_names_of_the_suite_are_the_only_comparisons(tmp_path: Path) -> None:
    metric, unit = "task_1_producer", "ns"
    post = workload(tmp_path, row("post_throughput", "pinfold_native", 30, metric=metric, unit=unit),
                    row("post_throughput", "moodycamel", 20, metric=metric, unit=unit),
                    row("post_throughput", "tbb", 350, metric=metric, unit=unit), pinfold_native=["moodycamel"])

    assert outcomes(post) == {("pinfold_native", "moodycamel", 1): Outcome.LOSS}


def test_what_is_worse_than_another_of_pinfold_is_called_so_and_not_counted(tmp_path: Path) -> None:
    metric, unit = "task_1_producer", "ns"
    cost = workload(tmp_path, row("metrics_cost", "pinfold_without", 30, metric=metric, unit=unit),
                    row("metrics_cost", "pinfold_counters", 33, metric=metric, unit=unit),
                    pinfold_counters=["pinfold_without"])

    assert outcomes(cost) == {("pinfold_counters", "pinfold_without", 1): Outcome.LOSS}
    assert not any(verdict.counts for verdict in verdicts_of(cost))
    assert sentences_of(cost) == ["`pinfold_counters` with 1 worker, time a task, 1 producer: 33 ns, "
                                  "**worse:** 10 % more than `pinfold_without` (30 ns)."]
    assert headline_of(cost) == ()


def test_a_sentence_says_whom_pinfold_beats_and_to_whom_it_loses_and_by_how_much(tmp_path: Path) -> None:
    fib = workload(tmp_path, row("fib", "pinfold", 0.099, workers=2), row("fib", "tbb", 5.58, workers=2),
                   row("fib", "openmp", 0.121, workers=2), row("fib", "rayon", 0.09, workers=2),
                   row("fib", "cilk", 0.03, workers=2), row("fib", "serial", 0.1, workers=2))

    assert sentences_of(fib) == [
        "`pinfold` with 2 workers, time: 99 ms, 56.4 times less than `tbb` (5.58 s); 18 % less than `openmp` (121 ms); "
        "**a loss:** 10 % more than `rayon` (90 ms); **a loss:** 3.3 times `cilk` (30 ms); "
        "no different from `serial` (100 ms)."]
    assert headline_of(fib) == (
        "2 wins, 2 losses, 1 without a difference. "
        "Best: `pinfold` with 2 workers, time: 99 ms, 56.4 times less than `tbb` (5.58 s). "
        "Worst: `pinfold` with 2 workers, time: 99 ms, **a loss:** 3.3 times `cilk` (30 ms).",)


def test_nothing_is_divided_by_zero(tmp_path: Path) -> None:
    metric, unit = "allocations_per_round_trip", "1"
    bridge = workload(tmp_path, row("bridge", "pinfold_native_park", 0.0, metric=metric, unit=unit),
                      row("bridge", "pinfold_tbb_park", 2.0, metric=metric, unit=unit),
                      row("bridge", "raw", 0.0, metric=metric, unit=unit),
                      row("bridge", "tokio", 4.0, metric=metric, unit=unit),
                      pinfold_native_park=["raw", "tokio"], pinfold_tbb_park=["raw"])

    assert sentences_of(bridge) == [
        "`pinfold_native_park` with 1 worker, allocations a round trip: 0, no different from `raw` (0); "
        "less than `tokio` (4).",
        "`pinfold_tbb_park` with 1 worker, allocations a round trip: 2, **a loss:** more than `raw` (0)."]


def test_where_there_is_nobody_to_compare_with_the_figure_is_said(tmp_path: Path) -> None:
    idle = workload(tmp_path, row("idle", "pinfold", 0.0004, workers=2, metric="cpu_seconds"))

    assert sentences_of(idle) == ["processor time of an idle pool, `pinfold` with 2 workers: 400 us."]
