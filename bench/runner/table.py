"""The table of a workload."""

from __future__ import annotations

from collections.abc import Sequence

from bench.runner.rows import Row

HEADINGS = ("metric", "contender", "workers", "median", "min", "max", "runs", "to tbb", "to serial", "against")
TEXT = ("metric", "contender", "against")
NOTHING = "-"


def table(rows: Sequence[Row]) -> str:
    """Text is aligned to the left, numbers to the right; a blank line between metrics. Columns that say nothing are
    left out, and the number of runs where it is everybody's."""
    same = len({row.runs for row in rows}) == 1
    cells = [_cells(row, NOTHING if same else str(row.runs)) for row in rows]
    columns = [column for column in zip(HEADINGS, *cells, strict=True) if set(column[1:]) != {NOTHING}]
    heading, *lines = map(_line, zip(*map(_aligned, columns), strict=True))
    shown = [heading]
    for i, (row, line) in enumerate(zip(rows, lines, strict=True)):
        if i > 0 and row.metric != rows[i - 1].metric:
            shown.append("")
        shown.append(line)
    return "\n".join(shown)


def _cells(row: Row, runs: str) -> tuple[str, ...]:
    figures = (number(value) for value in (row.median, row.min, row.max))
    ratios = (NOTHING if ratio is None else _times(ratio) for ratio in (row.ratio_to_tbb, row.ratio_to_serial))
    against = ", ".join(f"{_times(ratio)} {base}" for base, ratio in row.ratio_to.items())
    return (f"{row.metric} {row.unit}", row.contender, str(row.workers), *figures, runs, *ratios, against or NOTHING)


def _times(ratio: float) -> str:
    return f"{ratio:.3g}x"


def _aligned(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    return [cell.ljust(width) if column[0] in TEXT else cell.rjust(width) for cell in column]


def _line(cells: Sequence[str]) -> str:
    return "  ".join(cells).rstrip()


def number(value: float) -> str:
    """Four digits that count: 0.03412, 4.857, 12,345,678."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.4g}".rstrip(".")
