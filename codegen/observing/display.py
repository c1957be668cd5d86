"""Frames on a terminal, one over the other; elsewhere one below the other."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.live import Live

from codegen.observing.frame import Frame
from codegen.observing.frame_view import view

_WIDTH = 120  # where there is no terminal


def show(frames: Iterator[Frame], *, once: bool) -> None:
    console = Console()
    if once or not console.is_terminal:
        console = console if console.is_terminal else Console(width=_WIDTH)
        for frame in frames:
            console.print(view(frame))
        return
    last = next(frames, None)  # what cannot be looked at is said before the screen is taken
    if last is None:
        return
    try:
        with Live(view(last, console.height), console=console, screen=True, auto_refresh=False) as live:
            for last in frames:
                live.update(view(last, console.height), refresh=True)
    finally:
        console.print(view(last))
