"""The line that says which run is on."""

from __future__ import annotations

import io

from bench.runner.progress import Progress
from fakes import entry


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_each_run_on_the_same_line() -> None:
    terminal = Terminal()
    progress = Progress(5, terminal)

    progress(2, entry("tbb", 2))
    progress.clear()

    assert terminal.getvalue() == "\r\x1b[Kround 2 of 5: work/tbb with 2 workers\r\x1b[K"


def test_a_file_sees_nothing() -> None:
    file = io.StringIO()
    progress = Progress(5, file)

    progress(1, entry("tbb"))
    progress.clear()

    assert file.getvalue() == ""
