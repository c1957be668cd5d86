"""A topology's map as one SVG: the machine as boxes in boxes, and a legend."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from codegen import cxx, report
from codegen.model import Topology
from codegen.picture import faces, geometry, layout, marks, words
from codegen.picture.faces import Face
from codegen.picture.geometry import TILE_HEIGHT, TILE_WIDTH, Frame, Tile
from codegen.picture.marks import Mark
from codegen.picture.rendering import render

_MARGIN = 20
_HEADING = 66  # height of title and summary
_ROW = 38  # of the legend
_ENTRY = 330  # width that a line of it wants
_LETTER = 6.6  # about the width of a letter in the legend


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
class Band:
    """A part of a map from side to side that cuts through nothing: paper may break beside it."""

    y: float
    height: float
    above: float  # room to the band before
    map: Map  # with the boxes and CPUs of this part


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
    return Picture(
        title=report.subject(topology),
        subtitle=geometry.fitted(f"from {report.source(topology)}", width, _LETTER),
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


def bands(map: Map) -> Iterator[Band]:
    """From the top: as many as there are."""
    spans = sorted([(box.y, box.y + box.height) for box in map.boxes] + [(cell.y, cell.y + TILE_HEIGHT)
                                                                         for cell in map.cells])
    found: list[list[float]] = []
    for start, end in spans:
        if found and start < found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    starts = [start for start, _ in found]
    boxes, cells = _by_start(map.boxes, starts), _by_start(map.cells, starts)
    before = 0.0
    for start, end in found:
        inside = replace(map, boxes=boxes[start], cells=cells[start])
        yield Band(start, end - start, max(start - before - 2, 0), inside)  # each has a border of 1
        before = end


_Drawn = TypeVar("_Drawn", Box, Cell)


def _by_start(drawn: Sequence[_Drawn], starts: Sequence[float]) -> Mapping[float, list[_Drawn]]:
    """What stands behind each start and before the next."""
    found: dict[float, list[_Drawn]] = {start: [] for start in starts}
    for each in drawn:
        found[starts[bisect_right(starts, each.y) - 1]].append(each)
    return found


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
    return Cell(tile.x, tile.y, unit.cpu, " ".join(str(seat.pool) for seat in unit.seats),
                faces.of_unit(unit, known), said, said.replace("\n", "; "))


def _legend(topology: Topology, width: float, top: float) -> Iterator[Placed]:
    columns = max(1, int(width // _ENTRY))
    column = width / columns
    room = column - TILE_WIDTH - 10
    for at, entry in enumerate([*faces.pool_entries(topology), *faces.sign_entries(topology)]):
        yield Placed(
            x=at % columns * column,
            y=top + at // columns * _ROW,
            face=entry.face,
            title=geometry.fitted(entry.title, room, _LETTER + 0.6),
            text=geometry.fitted(entry.text, room, _LETTER - 0.6),
            full=f"{entry.title}: {entry.text}",
            pool=entry.pool,
        )
