"""How a CPU looks: colours and letters of its pools, signs of its state. The legend has a sample of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codegen import provenance
from codegen.model import Topology
from codegen.picture import layout, marks, words
from codegen.picture.geometry import TILE_WIDTH
from codegen.picture.layout import Seat, Unit
from codegen.picture.marks import Mark

_MOST_COLOURS = 3  # of one CPU
_SAMPLE_MARK = 26  # where the letters of a sample stand


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
class Entry:
    """A sample with its meaning."""

    face: Face
    title: str
    text: str
    pool: str = ""  # its index


def of_unit(unit: Unit, known: Sequence[Mark]) -> Face:
    thread = unit.seats[0].thread if len(unit.seats) == 1 else None
    signs = [sign for sign, has in (("isolated", unit.isolated), ("others", unit.other_threads)) if has]
    return Face(
        css="taken" if unit.seats else _STATES[unit.state],
        bands=_bands(unit.seats, known),
        shapes=[shape for sign in (unit.state, *signs) for shape in _SHAPES.get(sign, ())],
        mark=_mark(unit.seats, known),
        thread="" if thread is None else str(thread),
    )


def pool_entries(topology: Topology) -> list[Entry]:
    """One a pool."""
    return [
        Entry(Face("taken", [Band(1, TILE_WIDTH - 2, _colour(mark))], mark=mark.letters, mark_y=_SAMPLE_MARK),
              provenance.label(pool), words.of_pool(pool, topology.process), str(index))
        for index, (pool, mark) in enumerate(zip(topology.pools, marks.of(topology.pools), strict=True))]


def sign_entries(topology: Topology) -> list[Entry]:
    """Those that the map has."""
    units = list(layout.of(topology).units)
    used = {unit.state for unit in units if not unit.seats or unit.state != layout.FREE}
    used |= {"isolated" for unit in units if unit.isolated} | {"others" for unit in units if unit.other_threads}
    return [Entry(Face(_STATES.get(sign, "free"), shapes=_SHAPES.get(sign, ())), title, said)
            for sign, (title, said) in _SIGNS.items() if sign in used]


_STROKE = Shape("cross", "M2 36L38 2")
_SHAPES = {
    layout.BARRED: (_STROKE, Shape("cross", "M2 2L38 36")),
    layout.OFFLINE: (_STROKE,),
    layout.UNKNOWN: (_STROKE,),
    "isolated": (Shape("isolated", "M6 34.5h28"),),
    "others": (Shape("others", "M29 9a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"),),
}
_STATES = {layout.FREE: "free", layout.OUTSIDE: "outside", layout.BARRED: "barred", layout.OFFLINE: "offline",
           layout.UNKNOWN: "unknown"}


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


_SIGNS = {
    layout.FREE: ("free", "no pool runs there"),
    layout.OUTSIDE: ("outside the cpuset", "not for this process"),
    layout.BARRED: ("not allowed", "kept from this system's processes"),
    layout.OFFLINE: ("offline", "switched off"),
    layout.UNKNOWN: ("not on the machine", "the machine describes no such CPU"),
    "isolated": ("isolated", "the kernel moves no thread there by itself"),
    "others": ("other threads", "those that no pool owns, main() among them"),
}
