"""A topology's map as one SVG: the machine as boxes in boxes, and a legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jinja2

from codegen import cxx, provenance, report
from codegen.model import Topology
from codegen.picture import geometry, layout, marks, words
from codegen.picture.geometry import TILE_WIDTH, Frame, Tile
from codegen.picture.layout import Seat, Unit
from codegen.picture.marks import Mark

_MARGIN = 20
_HEADING = 66  # height of title and summary
_ROW = 38  # of the legend
_ENTRY = 330  # width that a line of it wants
_SAMPLE_MARK = 26  # where its letters stand
_MOST_COLOURS = 3  # of one CPU
_LETTER = 6.6  # about the width of a letter in the legend


@dataclass(frozen=True)
class Band:
    """A part of a CPU in a pool's colour."""

    x: float
    width: float
    css: str


@dataclass(frozen=True)
class Shape:
    """A sign on a CPU."""

    css: str
    path: str


@dataclass(frozen=True)
class Face:
    """How a CPU looks, on the map and in the legend."""

    css: str
    bands: Sequence[Band] = ()
    shapes: Sequence[Shape] = ()
    mark: str = ""
    mark_y: float = 31
    thread: str = ""


@dataclass(frozen=True)
class Caption:
    y: float
    css: str
    text: str


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    css: str
    captions: Sequence[Caption]
    full: str  # its title, uncut


@dataclass(frozen=True)
class Cell:
    """A CPU on the map."""

    x: float
    y: float
    cpu: int
    pools: str  # indexes, separated by blanks
    face: Face
    words: str  # lines
    label: str  # the same on one line


@dataclass(frozen=True)
class Entry:
    """A sample with its meaning."""

    face: Face
    title: str
    text: str
    pool: str = ""  # its index


@dataclass(frozen=True)
class Placed:
    """A line of the legend; the texts are cut to the room that it has."""

    x: float
    y: float
    face: Face
    title: str
    text: str
    full: str
    pool: str


@dataclass(frozen=True)
class Map:
    """What map.svg.j2 draws."""

    width: float
    height: float
    boxes: Sequence[Box]
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Picture:
    """What picture.svg.j2 draws."""

    title: str
    subtitle: str
    summary: str
    width: float
    height: float
    margin: float
    map: Map
    map_y: float
    legend: Sequence[Placed]


def text(topology: Topology) -> str:
    return render("picture.svg.j2", picture(topology))


def picture(topology: Topology) -> Picture:
    drawn = map_of(topology)
    width = max(drawn.width, 640)
    top = _MARGIN + _HEADING
    legend = list(_legend(topology, width, top + drawn.height + 24))
    bottom = max((entry.y + _ROW for entry in legend), default=top + drawn.height)
    first, _, rest = report.title(topology).partition(" from ")
    return Picture(
        title=first,
        subtitle=geometry.fitted(f"from {rest}", width, _LETTER),
        summary=layout.of(topology).title,
        width=width + 2 * _MARGIN,
        height=bottom + _MARGIN,
        margin=_MARGIN,
        map=drawn,
        map_y=top,
        legend=legend,
    )


def map_of(topology: Topology) -> Map:
    known = marks.of(topology.pools)
    drawing = geometry.place(layout.of(topology))
    return Map(
        width=drawing.width,
        height=drawing.height,
        boxes=[_box(frame) for frame in drawing.frames],
        cells=[_cell(tile, topology, known) for tile in drawing.tiles],
    )


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


def pool_css(mark: Mark) -> str:
    return f"c{mark.colour} p{mark.pattern}"


def _visible(value: object) -> object:
    """Without the characters that XML forbids, and those that change the direction of what follows."""
    if type(value) is not str:
        return value
    return "".join(char if char.isprintable() or char == "\n" else f"<U+{ord(char):04X}>" for char in value)


def _pixels(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _box(frame: Frame) -> Box:
    room = frame.width - 16
    title = cxx.shown(frame.title + (f"; near it: {frame.note}" if frame.note else ""))
    captions = [Caption(y, css, geometry.fitted(cxx.shown(text), room)) for y, css, text in _captions(frame)]
    return Box(frame.x, frame.y, frame.width, frame.height, frame.level, captions, title)


def _captions(frame: Frame) -> Iterator[tuple[float, str, str]]:
    if frame.level != "core":
        yield 17, "caption", frame.title
        yield from [(35, "near", frame.note)] if frame.note else []


def _cell(tile: Tile, topology: Topology, known: Sequence[Mark]) -> Cell:
    unit = tile.unit
    said = words.of_unit(unit, topology)
    thread = unit.seats[0].thread if len(unit.seats) == 1 else None
    face = Face(
        css=_css(unit),
        bands=_bands(unit.seats, known),
        shapes=[*_SHAPES.get(unit.state, ()), *(_SHAPES["isolated"] if unit.isolated else ()),
                *(_SHAPES["others"] if unit.other_threads else ())],
        mark=_mark(unit.seats, known),
        thread="" if thread is None else str(thread),
    )
    return Cell(tile.x, tile.y, unit.cpu, " ".join(str(seat.pool) for seat in unit.seats), face, said,
                said.replace("\n", "; "))


_STROKE = Shape("cross", "M2 36L38 2")
_SHAPES = {
    layout.BARRED: (_STROKE, Shape("cross", "M2 2L38 36")),
    layout.OFFLINE: (_STROKE,),
    layout.UNKNOWN: (_STROKE,),
    "isolated": (Shape("isolated", "M3 3h34v32h-34z"),),
    "others": (Shape("others", "M29 9a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"),),
}
_STATES = {layout.FREE: "free", layout.OUTSIDE: "outside", layout.BARRED: "barred", layout.OFFLINE: "offline",
           layout.UNKNOWN: "unknown"}


def _css(unit: Unit) -> str:
    return "taken" if unit.seats else _STATES[unit.state]


def _bands(seats: Sequence[Seat], known: Sequence[Mark]) -> list[Band]:
    shown = seats[:_MOST_COLOURS]
    width = (TILE_WIDTH - 2) / max(len(shown), 1)
    return [Band(1 + at * width, width, _colour(known[seat.pool])) for at, seat in enumerate(shown)]


def _colour(mark: Mark) -> str:
    return f"c{mark.colour} p{mark.pattern}"


def _mark(seats: Sequence[Seat], known: Sequence[Mark]) -> str:
    letters = [known[seat.pool].letters for seat in seats]
    if len("".join(letters)) <= 3:
        return "".join(letters)
    return f"{letters[0]}+{len(letters) - 1}"


def _legend(topology: Topology, width: float, top: float) -> Iterator[Placed]:
    columns = max(1, int(width // _ENTRY))
    column = width / columns
    room = column - TILE_WIDTH - 10
    for at, entry in enumerate([*pool_entries(topology), *sign_entries(topology)]):
        yield Placed(
            x=at % columns * column,
            y=top + at // columns * _ROW,
            face=entry.face,
            title=geometry.fitted(entry.title, room, _LETTER + 0.6),
            text=geometry.fitted(entry.text, room, _LETTER - 0.6),
            full=f"{entry.title}: {entry.text}",
            pool=entry.pool,
        )


def pool_entries(topology: Topology) -> list[Entry]:
    """One a pool."""
    return [
        Entry(Face("taken", [Band(1, TILE_WIDTH - 2, _colour(mark))], mark=mark.letters, mark_y=_SAMPLE_MARK),
              provenance.label(pool), words.of_pool(pool), str(index))
        for index, (pool, mark) in enumerate(zip(topology.pools, marks.of(topology.pools), strict=True))]


def sign_entries(topology: Topology) -> list[Entry]:
    """Those that the map has."""
    units = list(layout.of(topology).units)
    used = {unit.state for unit in units if not unit.seats or unit.state != layout.FREE}
    used |= {"isolated" for unit in units if unit.isolated} | {"others" for unit in units if unit.other_threads}
    return [Entry(Face(_STATES.get(sign, "free"), shapes=_SHAPES.get(sign, ())), title, said)
            for sign, (title, said) in _SIGNS.items() if sign in used]


_SIGNS = {
    layout.FREE: ("free", "no pool runs there"),
    layout.OUTSIDE: ("outside the cpuset", "not for this process"),
    layout.BARRED: ("not allowed", "kept from this system's processes"),
    layout.OFFLINE: ("offline", "switched off"),
    layout.UNKNOWN: ("not on the machine", "the machine describes no such CPU"),
    "isolated": ("isolated", "the kernel moves no thread there by itself"),
    "others": ("other threads", "those that no pool owns, main() among them"),
}
