"""Where values lie, and which of them are written beside the axis."""

from __future__ import annotations

import pytest

from bench.report.axis import axis
from bench.report.units import shown


def test_values_of_one_size_lie_on_a_linear_axis_from_zero() -> None:
    scale = axis([0.5, 2.0], "s", 400, 50)

    assert not scale.logarithmic
    assert scale.place(0.0) == 0.0 and scale.place(2.1) == pytest.approx(400)
    assert scale.ticks == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_values_of_many_sizes_lie_on_a_logarithmic_axis_where_a_factor_is_a_distance() -> None:
    scale = axis([0.1, 10.0], "s", 400, 50)

    assert scale.logarithmic
    assert scale.place(1.0) - scale.place(0.1) == pytest.approx(scale.place(10.0) - scale.place(1.0))
    assert scale.ticks == pytest.approx([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])


def test_zeros_have_a_place_of_their_own_left_of_a_logarithmic_axis() -> None:
    scale = axis([0.0, 1.0, 1000.0], "B", 400, 50)

    assert scale.place(0.0) == 0.0
    assert scale.place(scale.low) == scale.zero > 0


def test_bytes_have_powers_of_two() -> None:
    assert axis([100.0, 3000.0], "B", 400, 50).ticks == [128.0, 256.0, 512.0, 1024.0, 2048.0]
    assert axis([3000.0], "B", 200, 50).ticks == [0.0, 1024.0, 2048.0, 3072.0]


@pytest.mark.parametrize("values", [[0.0], [1e-9, 1e9], [7.0], [0.3, 0.30001], [5.0, 99.0], [5.0, 101.0]])
@pytest.mark.parametrize("unit", ["s", "B"])
def test_labels_do_not_touch_and_all_values_are_on_the_axis(values: list[float], unit: str) -> None:
    scale = axis(values, unit, 400, 50)
    places = [scale.place(tick) for tick in scale.ticks]

    assert len(places) >= 2 and all(right - left >= 40 for left, right in zip(places, places[1:]))
    assert all(0 <= scale.place(value) <= 400 for value in (*values, *scale.ticks))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (61.26, "s", "61.3 s"),
        (0.0994, "s", "99.4 ms"),
        (0.99951, "s", "1 s"),
        (0.0000031, "s", "3.1 us"),
        (123456.0, "ns", "123 us"),
        (999.6, "ns", "1 us"),
        (0.5, "ns", "0.5 ns"),
        (3936.0, "KiB", "3.84 MiB"),
        (524288.0, "B", "512 KiB"),
        (12345.0, "1", "12,300"),
        (0.0, "s", "0"),
    ],
)
def test_figures_have_three_digits_that_count_and_a_unit_that_keeps_them_short(
    value: float, unit: str, text: str
) -> None:
    assert shown(value, unit) == text
