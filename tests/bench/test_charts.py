"""Charts that can be read: complete, well formed, with nothing over something else, in both colour schemes."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import browser
import pytest

from bench.report import chart, svg
from bench.report.drawing import Drawing, Text
from bench.report.figures import Figures, Workload
from bench.report.plots import plots_of
from bench.runner import suite
from published import Row, document, found, row

SVG = "{http://www.w3.org/2000/svg}"
UNITS = {"seconds": "s", "cpu_seconds": "s", "allocations_per_round_trip": "1", "started_a_worker": "KiB",
         "worked_a_worker": "KiB", "static_a_worker": "B", "text_of_program": "B", "text_a_pool": "B",
         "data_a_pool": "B", "bss_a_pool": "B"}
METRICS = ("seconds", "cpu_seconds", "round_trip_p50", "round_trip_p99", "allocations_per_round_trip",
           *(f"{quantile}_every_{gap}_us" for gap in (0, 50, 1000) for quantile in ("p50", "p99", "p99.9")),
           "task_1_producer", "task_2_producers", "late_p50", "late_p99", "late_p99.9", "late_max", "text_of_program",
           "text_a_pool", "data_a_pool", "bss_a_pool", "started_a_worker", "worked_a_worker", "static_a_worker")


def rows_of_the_suite(factor: float) -> list[Row]:
    """Every contender has every metric, each `factor` times the one before, in turns of five."""
    return [
        row(workload.name, contender, (at + 1) * factor**(at % 5), workers=workers, metric=metric,
            unit=UNITS.get(metric, "ns"), spread=0.3, runs=1 if contender == "openmp" else 5)
        for workload in suite.load().values()
        for metric in METRICS
        for at, contender in enumerate(workload.contenders)
        for workers in workload.contender_workers(contender, (1, 2))
    ]


def drawings(figures: Figures) -> list[Drawing]:
    return [chart.draw(workload, plot) for workload in figures.workloads for plot in plots_of(workload)]


@pytest.fixture(params=[1.0, 12.0, 2000.0], ids=["alike", "apart", "far"])
def drawn(request: pytest.FixtureRequest, tmp_path: Path) -> list[Drawing]:
    return drawings(found(tmp_path, document(*rows_of_the_suite(request.param))))


def only(folder: Path, *rows: Row) -> tuple[Workload, Drawing]:
    [workload] = found(folder, document(*rows)).workloads
    [plot] = plots_of(workload)
    return workload, chart.draw(workload, plot)


def box(text: Text) -> tuple[float, float, float, float]:
    return text.left, text.y - 0.8 * text.size, text.left + text.width, text.y + 0.25 * text.size


def test_every_workload_of_the_suite_has_a_chart(drawn: list[Drawing]) -> None:
    titles = {drawing.title.partition(":")[0] for drawing in drawn}

    assert titles == set(suite.load())


def test_texts_stay_inside_and_off_each_other(drawn: list[Drawing]) -> None:
    for drawing in drawn:
        boxes = [(text.text, box(text)) for text in drawing.texts]
        for said, (left, top, right, bottom) in boxes:
            assert 0 <= left < right <= drawing.width and 0 <= top < bottom <= drawing.height, (drawing.title, said)
        for (one, a), (other, b) in combinations(boxes, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (drawing.title, one, other)


def test_marks_stay_between_the_names_and_the_figures(drawn: list[Drawing]) -> None:
    for drawing in drawn:
        rows = [text for text in drawing.texts if text.css in ("ours", "ink")]
        names = max(text.left + text.width for text in rows if text.anchor == "start")
        figures = min(text.left for text in rows if text.anchor == "end")
        for mark in drawing.marks:
            assert names < mark.low <= mark.x <= mark.high < figures, (drawing.title, mark)


def test_a_chart_has_a_mark_and_a_figure_for_each_figure_and_says_them_in_words(tmp_path: Path) -> None:
    _, drawing = only(tmp_path, row("fib", "pinfold", 0.1), row("fib", "pinfold", 0.05, workers=2, spread=0.2),
                      row("fib", "tbb", 5.0, workers=2), row("fib", "serial", 0.09))
    root = ElementTree.fromstring(svg.text(drawing))

    marks = [each for each in root.iter(f"{SVG}g") if each.find(f"{SVG}title") is not None]
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert len(marks) == 4 + 2  # and what the marks of one and of two workers look like
    assert {"pinfold", "tbb", "serial", "1 worker", "2 workers", "100 ms", "50 ms", "5 s", "90 ms"} <= set(texts)
    assert "pinfold, seconds, 2 workers: 50 ms (40 ms to 60 ms, 5 runs)." in (root.findtext(f"{SVG}desc") or "")


def test_a_chart_says_what_is_better_what_its_lines_are_and_its_units(drawn: list[Drawing]) -> None:
    for drawing in drawn:
        explanation = drawing.texts[1].text
        assert "less is better" in explanation and "from the least to the greatest" in explanation
        assert ("logarithmic" in explanation) == (drawing.stems_from is None)


def test_a_range_is_drawn_from_the_least_to_the_greatest_run(tmp_path: Path) -> None:
    _, drawing = only(tmp_path, row("fib", "pinfold", 1.0, spread=0.5), row("fib", "tbb", 2.0))
    ours, theirs = drawing.marks

    assert ours.x - ours.low == pytest.approx(ours.high - ours.x) and ours.high > ours.low
    assert theirs.low == theirs.x == theirs.high
    assert svg.text(drawing).count('<line x1="') == 3


def test_who_had_fewer_runs_is_marked(tmp_path: Path) -> None:
    _, drawing = only(tmp_path, row("fib", "pinfold", 1.0), row("fib", "openmp", 60.0, runs=2))
    texts = [text.text for text in drawing.texts]

    assert "60 s*" in texts and "1 s" in texts
    assert "* fewer runs: 2 instead of 5" in texts


def test_where_all_had_all_runs_there_is_no_note(tmp_path: Path) -> None:
    _, drawing = only(tmp_path, row("fib", "pinfold", 1.0), row("fib", "openmp", 60.0))

    assert not any("*" in text.text for text in drawing.texts)


def test_a_picture_is_well_formed_and_needs_nothing_from_elsewhere(drawn: list[Drawing]) -> None:
    for drawing in drawn:
        text = svg.text(drawing)
        ElementTree.fromstring(text)
        assert set(re.findall(r"\w+://[^\s\"'<]*", text)) == {"http://www.w3.org/2000/svg"}
        assert not re.search(r"@import|src=|href=|<script", text)


def test_a_name_cannot_break_out_of_the_picture(tmp_path: Path) -> None:
    _, drawing = only(tmp_path, row("fib", "<script>&\"'", 1.0))
    hostile = replace(drawing, title="\"><script>")

    assert not list(ElementTree.fromstring(svg.text(hostile)).iter(f"{SVG}script"))


def luminance(colour: str) -> float:
    """Relative, as WCAG has it."""
    red, green, blue = (linear(int(colour[at:at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else math.pow((part + 0.055) / 1.055, 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_both_colour_schemes_have_every_colour_and_enough_contrast_for_text() -> None:
    light, dark = (dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", part))
                   for part in svg.STYLE.split("@media (prefers-color-scheme: dark)"))

    assert set(light) == set(dark) == set(re.findall(r"var\(--(\w+)\)", svg.STYLE))
    for scheme in (light, dark):
        for text in ("ink", "faint", "ours", "other"):
            for ground in ("page", "band"):
                assert contrast(scheme[text], scheme[ground]) >= 4.5, (text, ground)
    assert luminance(light["page"]) > 0.9 and luminance(dark["page"]) < 0.05


@pytest.mark.skipif(browser.PROGRAM is None, reason=f"there is none of {', '.join(browser.PROGRAMS)}")
@pytest.mark.parametrize("theme", browser.THEMES)
def test_a_browser_shows_the_readers_colour_scheme(tmp_path: Path, theme: str) -> None:
    _, drawing = only(tmp_path, row("fib", "pinfold", 1.0), row("fib", "tbb", 2.0))
    file, picture = tmp_path / "fib.svg", tmp_path / "fib.png"
    file.write_text(svg.text(drawing), encoding="utf-8")

    browser.photograph(file, picture, theme=theme, size=(int(drawing.width), int(drawing.height)))

    found_colours = browser.colours(picture)
    ground = max(found_colours, key=lambda colour: found_colours[colour])
    assert (sum(ground) > 600) == (theme == "light"), ground
