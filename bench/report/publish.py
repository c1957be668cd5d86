"""Writes the page, its charts and the figures that they show."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bench.report import chart, figures, page, svg
from bench.report.figures import Figures, NotFigures
from bench.report.plots import plots_of

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main(file: Path, docs: Path = DOCS) -> int:
    """Exit status 2 where the file is not what the runner writes."""
    try:
        found = figures.read(file)
    except NotFigures as error:
        print(f"./dev bench: error: {error}", file=sys.stderr)
        return 2
    text = file.read_text(encoding="utf-8")
    write(found, text, docs)
    print(f"{docs / 'benchmarks.md'}, with {len(pictures(found))} charts")
    return 0


def write(found: Figures, text: str, docs: Path) -> None:
    """The folder of the charts has nothing else in it."""
    folder = docs / page.PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name, content in pictures(found).items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "figures.json").write_text(text, encoding="utf-8")
    (docs / "benchmarks.md").write_text(page.text(found), encoding="utf-8")


def pictures(found: Figures) -> Mapping[str, str]:
    """By file."""
    return {
        page.picture(workload, plot): svg.text(chart.draw(workload, plot))
        for workload in found.workloads
        for plot in plots_of(workload)
    }
