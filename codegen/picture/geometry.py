"""Where the boxes of a layout stand on the page. Units are those of CSS pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from codegen.picture.layout import Group, Unit, near

TILE_WIDTH, TILE_HEIGHT = 40, 38
WIDTH = 1080  # of the page, where the machine fills it

_GAP = 8  # between boxes
_CAPTION = 18  # height of a box's title
_LETTER = 7.2  # about the width of a letter in a caption


@dataclass(frozen=True)
class Frame:
    """The box of a group."""

    x: float
    y: float
    width: float
    height: float
    level: str
    title: str
    note: str  # under the title


@dataclass(frozen=True)
class Tile:
    """A CPU."""

    x: float
    y: float
    unit: Unit


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    frames: tuple[Frame, ...] = ()  # outer before inner
    tiles: tuple[Tile, ...] = ()

    def moved(self, x: float, y: float) -> Drawing:
        return replace(
            self,
            frames=tuple(replace(frame, x=frame.x + x, y=frame.y + y) for frame in self.frames),
            tiles=tuple(replace(tile, x=tile.x + x, y=tile.y + y) for tile in self.tiles))


@dataclass(frozen=True)
class _Style:
    padding: int
    gap: int  # between what is inside
    titled: bool
    most: int  # parts beside each other


_STYLES = {
    "machine": _Style(0, 14, False, 99),
    "package": _Style(10, 10, True, 99),
    "node": _Style(9, _GAP, True, 99),
    "cache": _Style(8, 6, True, 99),
    "kind": _Style(6, 6, True, 99),
    "core": _Style(3, 2, False, 1),
    "loose": _Style(8, 5, True, 16),
}
_FLAT = _Style(0, 5, False, 16)  # CPUs without a machine: rows of 16 show the numbers' regularity


def place(root: Group, width: float = WIDTH) -> Drawing:
    """At the origin, no wider than `width` where its smallest parts allow it."""
    if all(isinstance(part, Unit) for part in root.parts):
        return _flow([_part(part, width) for part in root.parts], width, _FLAT)
    return _group(root, width)


def fitted(text: str, width: float, letter: float = _LETTER) -> str:
    """The text, cut where it would be wider."""
    room = int(width / letter)
    return text if len(text) <= room else f"{text[:max(room - 1, 0)]}\N{HORIZONTAL ELLIPSIS}"


def _part(part: Group | Unit, width: float) -> Drawing:
    if isinstance(part, Unit):
        return Drawing(TILE_WIDTH, TILE_HEIGHT, tiles=(Tile(0, 0, part),))
    return _group(part, width)


def _group(group: Group, width: float) -> Drawing:
    style = _STYLES[group.level]
    note = near(group) if style.titled else ""
    room = width - 2 * style.padding
    inside = _flow([_part(part, room) for part in group.parts], room, style)
    above = style.padding + (_CAPTION * (2 if note else 1) if style.titled else 0)
    named = max((len(text) * _LETTER for text in (group.title, note))) if style.titled else 0
    full = max(inside.width, min(named, room)) + 2 * style.padding
    if group.level == "machine":
        return replace(inside, width=full)
    height = above + inside.height + style.padding
    frame = Frame(0, 0, full, height, group.level, group.title, note)
    moved = inside.moved(style.padding, above)
    return Drawing(full, height, (frame, *moved.frames), moved.tiles)


def _flow(parts: Sequence[Drawing], width: float, style: _Style) -> Drawing:
    """In rows: as equally long as can be where all parts are equally wide, else as much as fits."""
    rows: list[list[Drawing]] = [[]]
    most = _columns(parts, width, style)
    used = 0.0
    for part in parts:
        if rows[-1] and (len(rows[-1]) == most or used + part.width > width):
            rows.append([])
            used = 0.0
        rows[-1].append(part)
        used += part.width + style.gap
    placed: list[Drawing] = []
    y = 0.0
    for row in rows:
        x, height = 0.0, max((part.height for part in row), default=0)
        for part in row:
            placed.append(_stretched(part, height).moved(x, y))
            x += part.width + style.gap
        y += height + style.gap
    return Drawing(
        max((sum(part.width + style.gap for part in row) - style.gap for row in rows), default=0),
        y - style.gap,
        tuple(frame for part in placed for frame in part.frames),
        tuple(tile for part in placed for tile in part.tiles))


def _stretched(part: Drawing, height: float) -> Drawing:
    """With its outermost box as high as the others of its row."""
    if not part.frames:
        return part
    return replace(part, frames=(replace(part.frames[0], height=height), *part.frames[1:]))


def _columns(parts: Sequence[Drawing], width: float, style: _Style) -> int:
    if len({part.width for part in parts}) != 1:
        return style.most
    fit = min(style.most, max(1, int((width + style.gap) // (parts[0].width + style.gap))))
    rows = -(-len(parts) // fit)
    return fit if style.most == 16 else -(-len(parts) // rows)
