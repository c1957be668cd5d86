"""The page in docs is that of the figures beside it."""

from __future__ import annotations

from bench.report import figures, page, publish

FOLDER = publish.DOCS / page.PICTURES


def test_the_page_and_its_charts_are_made_of_the_published_figures() -> None:
    found = figures.read(FOLDER / "figures.json")

    assert (publish.DOCS / "benchmarks.md").read_text(encoding="utf-8") == page.text(found)
    assert {each.name: each.read_text(encoding="utf-8") for each in FOLDER.glob("*.svg")} == publish.pictures(found)
