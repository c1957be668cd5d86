"""Medians and ratios."""

from __future__ import annotations

import pytest

from bench.runner.contender import Entry, Sample
from bench.runner.metrics import METRICS
from bench.runner.rows import Row, rows_of
from fakes import entry

SECONDS, RSS = METRICS["seconds"], METRICS["peak_rss_kib"]


def seconds(*values: float) -> list[Sample]:
    return [{SECONDS: value} for value in values]


def only(rows: list[Row], contender: str, workers: int) -> Row:
    [row] = (row for row in rows if (row.contender, row.workers) == (contender, workers))
    return row


def test_a_row_has_median_and_extremes_of_its_samples() -> None:
    [row] = rows_of({entry("pinfold", 2): seconds(3, 1, 9, 2, 4)})

    assert row == Row("work", "pinfold", 2, "seconds", "s", 3, 1, 9, 5, None, None)


def test_the_median_of_an_even_number_is_between_the_middle_two() -> None:
    [row] = rows_of({entry("pinfold"): seconds(1, 2, 4, 100)})

    assert row.median == 3


def test_the_ratio_to_tbb_is_that_of_the_medians_with_as_many_workers() -> None:
    rows = rows_of({
        entry("pinfold", 1): seconds(1, 2, 90),
        entry("pinfold", 2): seconds(1, 1, 1),
        entry("tbb", 1): seconds(8, 8, 1),
        entry("tbb", 2): seconds(4, 4, 4),
    })

    assert only(rows, "pinfold", 1).ratio_to_tbb == pytest.approx(0.25)
    assert only(rows, "pinfold", 2).ratio_to_tbb == pytest.approx(0.25)
    assert only(rows, "tbb", 2).ratio_to_tbb == 1


def test_the_ratio_to_serial_is_to_one_worker_whatever_the_contender_has() -> None:
    rows = rows_of({entry("pinfold", 2): seconds(1), entry("serial", 1): seconds(2)})

    assert only(rows, "pinfold", 2).ratio_to_serial == pytest.approx(0.5)
    assert only(rows, "serial", 1).ratio_to_serial == 1


@pytest.mark.parametrize("others", [{}, {entry("tbb", 1): seconds(1)}, {entry("tbb", 2): seconds(0)}])
def test_without_a_tbb_to_compare_with_there_is_no_ratio(others: dict[Entry, list[Sample]]) -> None:
    rows = rows_of({entry("pinfold", 2): seconds(1), **others})

    assert only(rows, "pinfold", 2).ratio_to_tbb is None


def test_a_workload_says_whom_else_to_compare_with_and_the_ratios_name_them() -> None:
    samples = {
        entry("pinfold", 1): seconds(1),
        entry("pinfold", 2): seconds(1),
        entry("futex", 1): seconds(2),
        entry("poll", 1): seconds(4),
    }

    rows = rows_of(samples, {"pinfold": ["poll", "futex"], "futex": ["poll"]})

    assert list(only(rows, "pinfold", 1).ratio_to.items()) == [("poll", 0.25), ("futex", 0.5)]
    assert only(rows, "pinfold", 2).ratio_to == {}  # nobody else has two workers
    assert list(only(rows, "futex", 1).ratio_to.items()) == [("poll", 0.5)]
    assert only(rows, "poll", 1).ratio_to == {}


def test_there_is_no_ratio_to_who_failed_or_has_nothing_of_a_metric() -> None:
    samples: dict[Entry, list[Sample]] = {entry("pinfold"): [{SECONDS: 1, RSS: 1}], entry("futex"): [{SECONDS: 0}]}

    rows = rows_of(samples, {"pinfold": ["futex", "poll"]})

    assert [row.ratio_to for row in rows] == [{}, {}, {}]


def test_rows_come_by_metric_and_then_in_the_order_of_the_runs() -> None:
    samples: list[Sample] = [{RSS: 1, SECONDS: 1}]

    rows = rows_of({entry("tbb"): samples, entry("pinfold"): samples})

    assert [(row.metric, row.unit, row.contender) for row in rows] == [
        ("seconds", "s", "tbb"),
        ("seconds", "s", "pinfold"),
        ("peak_rss", "KiB", "tbb"),
        ("peak_rss", "KiB", "pinfold"),
    ]


def test_a_contender_without_a_metric_has_no_row_for_it() -> None:
    rows = rows_of({entry("tbb"): seconds(1), entry("pinfold"): [{RSS: 1}]})

    assert [(row.metric, row.contender) for row in rows] == [("seconds", "tbb"), ("peak_rss", "pinfold")]
