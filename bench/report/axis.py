"""The axis of a chart: from values to places, and the values that get a label."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.report.units import BINARY

LOGARITHMIC_FROM = 20.0  # greatest over least
MARGIN = 1.25  # that a logarithmic axis has beyond least and greatest
ZERO = 28.0  # room for zeros, which a logarithmic axis has no place for


@dataclass(frozen=True)
class Axis:
    low: float
    high: float
    logarithmic: bool
    zero: float  # room on the left for zeros; 0: there are none, or they have a place
    width: float
    ticks: Sequence[float]

    def place(self, value: float) -> float:
        """From the left."""
        if not self.logarithmic:
            return self.width * (value - self.low) / (self.high - self.low)
        if value <= 0:
            return 0.0
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.zero + (self.width - self.zero) * part


def axis(values: Sequence[float], unit: str, width: float, label_width: float) -> Axis:
    """`values`: all that must have a place, none negative. Labels of that width do not touch."""
    positive = [value for value in values if value > 0]
    least, greatest = (min(positive), max(positive)) if positive else (1.0, 1.0)
    if greatest / least >= LOGARITHMIC_FROM:
        low, high = least / MARGIN, greatest * MARGIN
        zero = ZERO if len(positive) < len(values) else 0.0
        room = max(2, int((width - zero) / label_width))
        return Axis(low, high, True, zero, width, _logarithmic_ticks(low, high, unit in BINARY, room))
    high = greatest * 1.05
    return Axis(0.0, high, False, 0.0, width, _linear_ticks(high, unit in BINARY, max(2, int(width / label_width))))


def _linear_ticks(high: float, binary: bool, room: int) -> Sequence[float]:
    """From 0 on, in round steps."""
    step = next(step for step in _steps(high, binary) if high / step < room)
    return [i * step for i in range(int(high / step) + 1)]


def _steps(high: float, binary: bool) -> Iterator[float]:
    base, factors = (2.0, (1.0,)) if binary else (10.0, (1.0, 2.0, 5.0))
    power = math.floor(math.log(high, base)) - (5 if binary else 2)
    while True:
        yield from (factor * base**power for factor in factors)
        power += 1


def _logarithmic_ticks(low: float, high: float, binary: bool, room: int) -> Sequence[float]:
    """The finest of these that the room is enough for: 1-2-5, decades, every second one..., or powers of two."""
    base = 2.0 if binary else 10.0
    powers = range(math.floor(math.log(low, base)), math.ceil(math.log(high, base)) + 1)
    finest = [[factor * base**power for power in powers for factor in (1.0, 2.0, 5.0)]] if not binary else []
    strides = (1, 2, 3, 4, 5, 10, 20)
    coarser = [[base**power for power in powers if power % stride == 0] for stride in strides]
    for candidates in (*finest, *coarser):
        inside = [value for value in candidates if low <= value <= high]
        if len(inside) <= room:
            return inside
    return []
