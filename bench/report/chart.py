"""A chart: a row a contender, a mark a figure, and the figures in columns beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.report import units
from bench.report.axis import Axis, axis
from bench.report.drawing import SMALL, TITLE, Band, Drawing, Line, Mark, Text
from bench.report.figures import Figure, Workload
from bench.report.plots import Plot

WIDTH = 880.0
MARGIN = 16.0
TOP = MARGIN + TITLE + 62  # of the first row
LANE = 11.0  # height of a mark's own line in a row
PADDING = 7.0  # above and below the lines of a row
GAP = 14.0  # between texts that stand side by side
KEY = 14.0  # room for a mark behind a column's heading
FEWER = "*"  # behind figures that had fewer runs than the others
SHAPES = ("circle", "square", "diamond", "triangle")


@dataclass(frozen=True)
class Series:
    """The marks of one kind, and their column."""

    label: str
    metric: str
    workers: int
    shape: str
    filled: bool


@dataclass(frozen=True)
class Content:
    """What is to be placed."""

    workload: Workload
    plot: Plot
    series: Sequence[Series]
    contenders: Sequence[str]
    figures: Mapping[tuple[str, Series], Figure]

    @property
    def unit(self) -> str:
        return next(iter(self.figures.values())).unit

    @property
    def row(self) -> float:
        """Height of a row."""
        return LANE * len(self.series) + 2 * PADDING

    @property
    def bottom(self) -> float:
        """Of the last row."""
        return TOP + self.row * len(self.contenders)

    @property
    def fewer(self) -> Sequence[int]:
        """How many runs they had that had not all."""
        return sorted({each.runs for each in self.figures.values() if each.runs < self.workload.rounds})

    def value(self, figure: Figure) -> str:
        return units.shown(figure.median, figure.unit) + (FEWER if figure.runs < self.workload.rounds else "")

    def css(self, contender: str) -> str:
        return "ours" if contender.startswith("pinfold") or contender in self.workload.against else "ink"


def draw(workload: Workload, plot: Plot) -> Drawing:
    content = _content(workload, plot)
    columns = _columns(content)
    left = MARGIN + max(Text(0, 0, name).width for name in content.contenders) + GAP
    right = min(columns[0].left, columns[0].x + KEY - _widest(content, content.series[0])) - 2 * GAP
    scale = _scale(content, right - left)
    title = f"{workload.name}: {plot.title}"
    texts = [
        Text(MARGIN, MARGIN + TITLE, title, TITLE, css="title"),
        Text(MARGIN, MARGIN + TITLE + 20, _explanation(workload, scale), SMALL, css="faint"),
        *columns,
        *_names(content),
        *_values(content, columns),
        *_ticks(content, scale, left),
        *_note(content),
    ]
    return Drawing(
        title=title,
        said=" ".join((f"{title}; less is better.", *map(_said, content.figures.values()))),
        width=WIDTH,
        height=max(text.y for text in texts) + MARGIN,
        texts=texts,
        marks=list(_marks(content, scale, left)),
        keys=[_key(series, column) for series, column in zip(content.series, columns, strict=True)],
        grid=[Line(left + scale.place(tick), TOP, content.bottom) for tick in _marked(scale)],
        bands=[Band(TOP + content.row * at, content.row) for at in range(0, len(content.contenders), 2)],
        stems_from=None if scale.logarithmic else left,
    )


def _content(workload: Workload, plot: Plot) -> Content:
    series = list(_series(workload, plot))
    contenders = plot.contenders(workload)
    figures = {(name, each): figure for name in contenders for each in series
               if (figure := workload.find(name, each.workers, each.metric))}
    return Content(workload, plot, series, contenders, figures)


def _series(workload: Workload, plot: Plot) -> Iterator[Series]:
    """By metric, then by workers where these differ."""
    pairs = [(metric, workers) for metric in plot.metrics for workers in workload.workers
             if any(workload.find(name, workers, metric) for name in plot.contenders(workload))]
    several = len({workers for _, workers in pairs}) > 1
    for at, (metric, workers) in enumerate(pairs):
        words = [plot.metrics[metric]] if plot.metrics[metric] else []
        if several:
            words.append(f"{workers} worker{'s' if workers > 1 else ''}")
        yield Series(", ".join(words) or "median", metric, workers, SHAPES[at % len(SHAPES)], at % 2 == 1)


def _scale(content: Content, width: float) -> Axis:
    figures = content.figures.values()
    values = [value for figure in figures for value in (figure.min, figure.median, figure.max)]
    label = max(Text(0, 0, units.shown(value, content.unit), SMALL).width for value in values)
    return axis(values, content.unit, width, label + GAP)


def _explanation(workload: Workload, scale: Axis) -> str:
    runs = (f"a mark is the median of {workload.rounds} runs, its line goes from the least to the greatest"
            if workload.rounds > 1 else "one run, as all give the same")
    return f"← less is better; {runs}{'; logarithmic axis' if scale.logarithmic else ''}"


def _columns(content: Content) -> list[Text]:
    """Their headings, from the left."""
    headings: list[Text] = []
    x = WIDTH - MARGIN
    for series in reversed(content.series):
        heading = Text(x - KEY, TOP - 12, series.label, SMALL, "end", "faint")
        headings.append(heading)
        x -= max(heading.width + KEY, _widest(content, series)) + GAP
    return headings[::-1]


def _widest(content: Content, series: Series) -> float:
    """Of its values."""
    return max(Text(0, 0, content.value(figure)).width for (_, its), figure in content.figures.items() if its == series)


def _key(series: Series, column: Text) -> Mark:
    x = column.x + KEY / 2 + 2
    return Mark(x, column.y - 4, x, x, series.shape, series.filled, "ink", series.label)


def _names(content: Content) -> Iterator[Text]:
    for at, name in enumerate(content.contenders):
        yield Text(MARGIN, _baseline(content, at), name, css=content.css(name))


def _values(content: Content, columns: Sequence[Text]) -> Iterator[Text]:
    for at, name in enumerate(content.contenders):
        for series, column in zip(content.series, columns, strict=True):
            figure = content.figures.get((name, series))
            if figure is not None:
                yield Text(column.x + KEY, _baseline(content, at), content.value(figure), anchor="end",
                           css=content.css(name))


def _baseline(content: Content, at: int) -> float:
    return TOP + content.row * (at + 0.5) + 4


def _ticks(content: Content, scale: Axis, left: float) -> Iterator[Text]:
    for tick in _marked(scale):
        yield Text(left + scale.place(tick), content.bottom + 16, units.shown(tick, content.unit), SMALL, "middle",
                   "faint")


def _marked(scale: Axis) -> Sequence[float]:
    return [0.0, *scale.ticks] if scale.zero else scale.ticks


def _note(content: Content) -> Iterator[Text]:
    if content.fewer:
        runs = " or ".join(map(str, content.fewer))
        yield Text(MARGIN, content.bottom + 38, f"{FEWER} fewer runs: {runs} instead of {content.workload.rounds}",
                   SMALL, css="faint")


def _marks(content: Content, scale: Axis, left: float) -> Iterator[Mark]:
    for at, name in enumerate(content.contenders):
        for lane, series in enumerate(content.series):
            figure = content.figures.get((name, series))
            if figure is not None:
                y = TOP + content.row * at + PADDING + LANE * (lane + 0.5)
                low, x, high = (left + scale.place(value) for value in (figure.min, figure.median, figure.max))
                yield Mark(x, y, low, high, series.shape, series.filled, content.css(name), _said(figure))


def _said(figure: Figure) -> str:
    low, middle, high = (units.shown(value, figure.unit) for value in (figure.min, figure.median, figure.max))
    workers = f"{figure.workers} worker{'s' if figure.workers > 1 else ''}"
    runs = f"{figure.runs} run{'s' if figure.runs > 1 else ''}"
    return f"{figure.contender}, {figure.metric}, {workers}: {middle} ({low} to {high}, {runs})."
