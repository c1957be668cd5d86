"""What people read."""

from __future__ import annotations

import pytest

from bench.runner.rows import Row
from bench.runner.table import number, table


def test_columns_are_aligned_and_metrics_apart() -> None:
    rows = [
        Row("fib", "pinfold", 1, "seconds", "s", 0.25, 0.2, 0.3, 5, 0.05, 2.5),
        Row("fib", "tbb", 1, "seconds", "s", 5, 4.5, 12, 5, 1, 50),
        Row("fib", "tbb", 1, "peak_rss", "KiB", 3936, 3900, 4000, 5, 1, None),
    ]

    assert table(rows) == """\
metric        contender  workers  median     min     max  to tbb  to serial
seconds s     pinfold          1  0.2500  0.2000  0.3000   0.05x       2.5x
seconds s     tbb              1   5.000   4.500   12.00      1x        50x

peak_rss KiB  tbb              1   3,936   3,900   4,000      1x          -"""


def test_a_comparison_names_its_contender_and_empty_columns_are_left_out() -> None:
    rows = [
        Row("post", "pinfold", 1, "p50", "ns", 300, 200, 400, 5, None, None, {"futex": 1.04, "asio_run": 0.3333}),
        Row("post", "futex", 1, "p50", "ns", 290, 280, 300, 5, None, None),
    ]

    assert table(rows) == """\
metric  contender  workers  median    min    max  against
p50 ns  pinfold          1   300.0  200.0  400.0  1.04x futex, 0.333x asio_run
p50 ns  futex            1   290.0  280.0  300.0  -"""


def test_where_some_had_fewer_runs_the_table_says_how_many_each_had() -> None:
    rows = [
        Row("fib", "pinfold", 1, "seconds", "s", 0.25, 0.2, 0.3, 5, None, None),
        Row("fib", "openmp", 1, "seconds", "s", 38, 38, 38, 1, None, None),
    ]

    assert table(rows) == """\
metric     contender  workers  median     min     max  runs
seconds s  pinfold          1  0.2500  0.2000  0.3000     5
seconds s  openmp           1   38.00   38.00   38.00     1"""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.000"),
        (0.0341234, "0.03412"),
        (4.8571, "4.857"),
        (123.456, "123.5"),
        (999.4, "999.4"),
        (3936, "3,936"),
        (4257906.51, "4,257,907"),
    ],
)
def test_numbers_have_four_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text
