"""Figures as people read them: three digits that count, in the unit that keeps them short."""

from __future__ import annotations

SCALES = {  # of the larger ones first
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
    "ns": ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns")),
    "KiB": ((1024.0**2, "GiB"), (1024.0, "MiB"), (1.0, "KiB")),
    "B": ((1024.0**2, "MiB"), (1024.0, "KiB"), (1.0, "B")),
}
BINARY = ("KiB", "B")


def shown(value: float, unit: str) -> str:
    """"93.2 ms"; a bare number for the unit "1"."""
    scales = SCALES.get(unit, ((1.0, ""),))
    if value == 0:
        return "0"
    factor, name = next(((factor, name) for factor, name in scales if _rounded(abs(value) / factor) >= 1), scales[-1])
    return f"{plain(value / factor)} {name}".rstrip()


def plain(value: float) -> str:
    """"0.0341", "4.86", "12,300"."""
    value = _rounded(value)
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.10g}"


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
