"""What a chart is made of, each part in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LETTER = 0.64  # mean width of a letter, in font sizes: somewhat wide, as nobody knows the reader's font
TITLE, TEXT, SMALL = 16.0, 12.0, 11.0  # font sizes


@dataclass(frozen=True)
class Text:
    x: float
    y: float  # of the baseline
    text: str
    size: float = TEXT
    anchor: str = "start"
    css: str = "ink"

    @property
    def width(self) -> float:
        return LETTER * self.size * len(self.text)

    @property
    def left(self) -> float:
        return self.x - {"start": 0.0, "middle": self.width / 2, "end": self.width}[self.anchor]


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    low: float  # x of the least and of the greatest run
    high: float
    shape: str  # circle, square, diamond, triangle
    filled: bool
    css: str  # "ours" for pinfold's
    said: str  # to who points at it


@dataclass(frozen=True)
class Line:
    """From top to bottom."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Band:
    """The ground of a row."""

    y: float
    height: float


@dataclass(frozen=True)
class Drawing:
    title: str
    said: str  # all of it in words
    width: float
    height: float
    texts: Sequence[Text]
    marks: Sequence[Mark]
    keys: Sequence[Mark]  # what a series' marks look like, beside its name
    grid: Sequence[Line]
    bands: Sequence[Band]
    stems_from: float | None  # x of 0, where marks stand on lines from there
