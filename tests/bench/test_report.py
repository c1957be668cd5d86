"""The page and its charts, from the file that the runner wrote."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import fakes
from bench.report import publish
from bench.runner import session, suite
from fakes import build, prints, program, request
from published import document, file, row

ROWS = (row("fib", "pinfold", 0.099, workers=2), row("fib", "tbb", 5.58, workers=2),
        row("fib", "rayon", 0.05, workers=2), row("idle", "pinfold", 0.0004, workers=2, metric="cpu_seconds"))


def published(folder: Path, **more: Any) -> Path:
    """The folder of the page."""
    docs = folder / "docs"
    docs.mkdir(exist_ok=True)
    assert publish.main(file(folder, document(*ROWS, **more)), docs) == 0
    return docs


def page(docs: Path) -> str:
    return (docs / "benchmarks.md").read_text(encoding="utf-8")


def test_the_page_has_the_machine_a_count_of_wins_and_losses_and_every_workload(tmp_path: Path) -> None:
    text = page(published(tmp_path))

    assert re.findall(r"^##+ (.*)$", text, re.MULTILINE) == ["The machine", "Wins and losses", "Losses", "fib", "idle"]
    for line in ("| processor | AMD EPYC |", "| virtual machine | yes |", "| frequency governor | not known |",
                 "| compiler | GNU 12.2.0 |", "| date | 2026-01-02 |", "| [fib](#fib) | 1 | 0 | 1 |",
                 "| all | 1 | 0 | 1 |", "- fib: `pinfold` with 2 workers, time: 98 % more than `rayon` (50 ms)"):
        assert f"\n{line}\n" in text
    assert "The whole took 26.4 min on the machine below" in text


def test_the_page_says_what_was_not_measured(tmp_path: Path) -> None:
    left_out = re.search(r"^Not measured in that run: (.*)\.$", page(published(tmp_path)), re.MULTILINE)

    assert left_out
    assert set(left_out[1].split(", ")) == {f"`{name}`" for name in suite.load()} - {"`fib`", "`idle`"}


def test_every_picture_and_link_of_the_page_is_there_and_nothing_else_is(tmp_path: Path) -> None:
    docs = published(tmp_path)
    linked = {name for name in re.findall(r"\]\((benchmarks/[^)]*)\)", page(docs))}

    assert linked == {"benchmarks/figures.json", "benchmarks/fib.svg", "benchmarks/idle.svg"}
    assert {str(each.relative_to(docs)) for each in docs.rglob("*.*")} == linked | {"benchmarks.md"}


def test_pictures_of_workloads_that_are_no_more_go(tmp_path: Path) -> None:
    docs = published(tmp_path)
    (docs / "benchmarks/old.svg").write_text("<svg/>")

    assert not (published(tmp_path) / "benchmarks/old.svg").exists()


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    first = {each: each.read_bytes() for each in published(tmp_path).rglob("*.*")}

    assert {each: each.read_bytes() for each in published(tmp_path).rglob("*.*")} == first


def test_the_published_figures_give_the_same_page_again(tmp_path: Path) -> None:
    docs = published(tmp_path)
    before = page(docs)

    assert publish.main(docs / "benchmarks/figures.json", docs) == 0
    assert page(docs) == before


def test_quick_figures_are_said_to_say_little(tmp_path: Path) -> None:
    assert "`--quick`" not in page(published(tmp_path))
    assert "**The sizes are those of `--quick`" in page(published(tmp_path, quick=True))


def test_what_gave_no_figures_is_named_with_the_reason(tmp_path: Path) -> None:
    text = page(published(tmp_path, failed={"wake/pinfold_fifo with 1 worker": "PF205 refused"},
                          missing={"rayon": "there is no /usr/bin/cargo"}))

    assert "\n## Without figures\n\n- wake/pinfold_fifo with 1 worker: PF205 refused\n- rayon: there is no " in text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot read"),
        ("{", "is no JSON"),
        ("[]", "is not what ./dev bench --json writes"),
        ('{"rows": []}', "is not what ./dev bench --json writes: KeyError 'workloads'"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, complaint: str
) -> None:
    other = tmp_path / "other.json"
    if content is not None:
        other.write_text(content)

    assert publish.main(other, tmp_path) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "benchmarks.md").exists()


def test_what_the_runner_writes_can_be_published(tmp_path: Path) -> None:
    for contender in ("pinfold", "tbb"):
        program(tmp_path, "work", contender, prints(2 if contender == "pinfold" else 1))
    written = tmp_path / "rows.json"
    assert session.run(request(fakes.workload("pinfold", "tbb"), workers=(1,), json=written), build(tmp_path))

    assert publish.main(written, tmp_path) == 0

    assert "`pinfold` with 1 worker, time: 2 s, **a loss:** 2 times `tbb` (1 s)" in page(tmp_path)
