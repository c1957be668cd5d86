"""The pictures in docs: what `pinfold show` draws of the reference topology on a machine that fits it.

./dev pictures draws them anew, with headless Chromium where a picture is a photograph of the page.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import browser
import faults

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/pictures"
PAGE = ROOT / "docs/show.md"
SHOWN = ["show", "topology/topology.toml", "--no-environment", "--set", "topology.machine=machines/devices.xml"]
SIZE = (1180, 720)


def drawn(*options: str) -> str:
    outcome = faults.run([*SHOWN, *options], folder=ROOT)
    assert outcome.status == 0, outcome.err
    return outcome.out


def vector() -> str:
    return drawn("--svg", "-")


_TEXT = re.compile(r"(?<=<!-- text -->\n```\n).*?(?=```)", re.DOTALL)


def quoted() -> str:
    """The text picture as the page quotes it."""
    found = _TEXT.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def main() -> int:
    if browser.PROGRAM is None:
        print(f"pictures: there is none of {', '.join(browser.PROGRAMS)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "reference.svg").write_text(vector(), encoding="utf-8")
    PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(quoted(), drawn()), encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "page.html"
        page.write_text(drawn("--html", "-"), encoding="utf-8")
        for theme in browser.THEMES:
            browser.photograph(page, FOLDER / f"reference-{theme}.png", theme=theme, size=SIZE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
