"""The table of a workload."""

from __future__ import annotations

from collections.abc import Sequence

from bench.runner.rows import Row

HEADINGS = ("metric", "contender", "workers", "median", "min", "max", "to tbb", "to serial")
TEXT_COLUMNS = 2


def table(rows: Sequence[Row]) -> str:
    """Text is aligned to the left, numbers to the right; a blank line between metrics."""
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]
    lines = [_line(HEADINGS, widths)]
    for i, row in enumerate(rows):
        if i > 0 and row.metric != rows[i - 1].metric:
            lines.append("")
        lines.append(_line(cells[i], widths))
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    figures = (number(value) for value in (row.median, row.min, row.max))
    ratios = ("-" if ratio is None else f"{ratio:.3g}x" for ratio in (row.ratio_to_tbb, row.ratio_to_serial))
    return (f"{row.metric} {row.unit}", row.contender, str(row.workers), *figures, *ratios)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (
        cell.ljust(width) if i < TEXT_COLUMNS else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(aligned).rstrip()


def number(value: float) -> str:
    """Four digits that count: 0.03412, 4.857, 12,345,678."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.4g}".rstrip(".")
