"""A drawing as SVG, which needs nothing from elsewhere and follows the reader's colour scheme."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from bench.report.drawing import Drawing, Mark, Text

STYLE = """\
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2126; --faint: #5b6570; --line: #d3d9df; --band: #f5f7f9; --ours: #0b61b8;
  --other: #626c77;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181c; --ink: #e8ecf0; --faint: #9aa5b0; --line: #343d46; --band: #1a2026; --ours: #6cb2f5;
    --other: #a3adb7;
  }
}
text { font-family: system-ui, "DejaVu Sans", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
.page { fill: var(--page); }
.band { fill: var(--band); }
.grid { stroke: var(--line); stroke-width: 1; }
text.ink, text.title { fill: var(--ink); }
text.title { font-weight: 600; }
text.faint { fill: var(--faint); }
text.ours { fill: var(--ours); font-weight: 600; }
.mark.ours { color: var(--ours); }
.mark.ink { color: var(--other); }
.mark path { fill: var(--page); stroke: currentColor; stroke-width: 1.6; }
.mark.filled path { fill: currentColor; }
.mark line { stroke: currentColor; stroke-width: 1.4; }
.mark line.stem { stroke-width: 1; opacity: 0.35; }"""

PATHS = {  # around 0,0
    "circle": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "square": "M-3.5 -3.5h7v7h-7z",
    "diamond": "M0 -4.8L4.8 0L0 4.8L-4.8 0z",
    "triangle": "M0 -4.4L4.4 3.6H-4.4z",
}


def text(drawing: Drawing) -> str:
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    width, height = _number(drawing.width), _number(drawing.height)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           f'role="img" aria-label={quoteattr(drawing.title)}>')
    yield f"<title>{escape(drawing.title)}</title>"
    yield f"<desc>{escape(drawing.said)}</desc>"
    yield f"<style>\n{STYLE}\n</style>"
    yield f'<rect class="page" width="{width}" height="{height}"/>'
    for band in drawing.bands:
        yield f'<rect class="band" y="{_number(band.y)}" width="{width}" height="{_number(band.height)}"/>'
    for line in drawing.grid:
        yield (f'<line class="grid" x1="{_number(line.x)}" y1="{_number(line.top)}" x2="{_number(line.x)}" '
               f'y2="{_number(line.bottom)}"/>')
    for mark in drawing.marks:
        yield _mark(mark, drawing.stems_from)
    for key in drawing.keys:
        yield _mark(key, None)
    for each in drawing.texts:
        yield _text(each)
    yield "</svg>"


def _mark(mark: Mark, stem: float | None) -> str:
    css = f"mark {mark.css}{' filled' if mark.filled else ''}"
    stand = f'<line class="stem" x1="{_number(stem - mark.x)}" y1="0" x2="0" y2="0"/>' if stem is not None else ""
    spread = _spread(mark) if mark.high > mark.low else ""
    return (f'<g class="{css}" transform="translate({_number(mark.x)} {_number(mark.y)})">'
            f'<title>{escape(mark.said)}</title>{stand}{spread}<path d="{PATHS[mark.shape]}"/></g>')


def _spread(mark: Mark) -> str:
    """From the least to the greatest, with an end on either side."""
    low, high = _number(mark.low - mark.x), _number(mark.high - mark.x)
    return (f'<line x1="{low}" y1="0" x2="{high}" y2="0"/><line x1="{low}" y1="-3" x2="{low}" y2="3"/>'
            f'<line x1="{high}" y1="-3" x2="{high}" y2="3"/>')


def _text(text: Text) -> str:
    return (f'<text class="{text.css}" x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}" '
            f'text-anchor="{text.anchor}">{escape(text.text)}</text>')


def _number(value: float) -> str:
    """Two digits behind the point at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(value) < 0.005 else (
        f"{value:.2f}".rstrip("0").rstrip("."))
