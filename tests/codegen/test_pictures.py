"""The pages of `pinfold show` in a browser, and the pictures of them in docs."""

from __future__ import annotations

from pathlib import Path

import pytest

import browser
import pictures

in_browser = pytest.mark.skipif(browser.PROGRAM is None, reason=f"there is none of {', '.join(browser.PROGRAMS)}")
WHITE, NIGHT, BLUE = bytes.fromhex("ffffff"), bytes.fromhex("14181c"), bytes.fromhex("77aadd")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(pictures.drawn("--html", "-"), encoding="utf-8")
    return file


def test_the_pictures_in_docs_are_those_of_today() -> None:
    assert (pictures.FOLDER / "reference.svg").read_text(encoding="utf-8") == pictures.vector(), "run ./dev pictures"
    assert pictures.quoted() == pictures.drawn(), "run ./dev pictures"


@pytest.mark.parametrize("picture", ["reference-light.png", "reference-dark.png", "reference.svg"])
def test_a_picture_in_docs_is_small_and_shown(picture: str) -> None:
    assert 0 < (pictures.FOLDER / picture).stat().st_size < 200_000
    assert f"(pictures/{picture})" in pictures.PAGE.read_text(encoding="utf-8")


@in_browser
def test_a_browser_runs_the_page_without_a_complaint(page: Path) -> None:
    opened = browser.opened(page)
    assert opened.complaints == []
    assert opened.document.count('tabindex="0"') == 1 + 4, "one stop of the Tab key for the map, one for each pool"
    assert opened.document.count("<title>") == 1 + opened.document.count('class="box"'), "CPUs have words instead"


@in_browser
def test_a_complaint_of_the_browser_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<script>undeclared();</script>", encoding="utf-8")
    assert "undeclared is not defined" in "".join(browser.opened(tmp_path / "bad.html").complaints)


@in_browser
@pytest.mark.parametrize(("theme", "ground"), [("light", WHITE), ("dark", NIGHT)])
def test_the_page_has_the_readers_theme_and_the_pools_colours(
    page: Path, tmp_path: Path, theme: str, ground: bytes,
) -> None:
    browser.photograph(page, tmp_path / "page.png", theme=theme, size=(1100, 500))
    colours = browser.colours(tmp_path / "page.png")
    assert sum(colours.values()) == 1100 * 500
    assert colours[ground] > 1100 * 500 // 3
    assert colours[BLUE] > 4 * 700, "four CPUs of asio.net"
