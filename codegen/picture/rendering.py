"""The templates of pictures: whatever a topology says is escaped, and no character of it is invisible."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import jinja2


def render(template: str, view: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).resolve().parent / "templates"),
        autoescape=True,
        finalize=_visible,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["px"] = _pixels
    return environment.get_template(template).render({field.name: getattr(view, field.name) for field in fields(view)})


def _visible(value: object) -> object:
    """Without the characters that XML forbids, and those that change the direction of what follows."""
    if type(value) is not str:
        return value
    return "".join(char if char.isprintable() or char == "\n" else f"<U+{ord(char):04X}>" for char in value)


def _pixels(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
