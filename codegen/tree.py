"""Values with their places: what every layer is read into and the layers are merged as."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from codegen.locate import Path, Spot
from codegen.source import LineIndex, Place, Source

Table = Mapping[str, "Node"]


@dataclass(frozen=True)
class Node:
    """A scalar, a tuple of nodes (an array) or a mapping of nodes (a table)."""

    value: object
    key: Place  # the name in the statement or header; of an array's element, the element
    place: Place  # the value; of a table, its header
    broken: bool = False  # the value was unreadable, and that has been reported

    def table(self) -> Table | None:
        return self.value if isinstance(self.value, Mapping) else None

    def items(self) -> tuple[Node, ...] | None:
        return self.value if isinstance(self.value, tuple) else None


def type_name(value: object) -> str:
    """The TOML type, with its article."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (datetime.date, datetime.time)):
        return "a date or time"
    names = {str: "a string", int: "an integer", float: "a float", tuple: "an array"}
    return names.get(type(value), "a table")


def build(
    source: Source, values: Mapping[str, object], spots: Mapping[Path, Spot], *, lines: LineIndex,
    broken_lines: frozenset[int] = frozenset(),
) -> dict[str, Node]:
    """The tree of `values`; `spots` are offsets in the text that `lines` indexes, line for line that of `source`."""

    def place(span: tuple[int, int]) -> Place:
        line, column = lines.position(span[0])
        return Place(source, line, column, max(min(span[1], lines.end(line)) - span[0], 1))

    def node(path: Path, value: object) -> Node:
        spot = spots[path]
        if isinstance(value, Mapping):
            value = {name: node(path + (name,), item) for name, item in value.items()}
        elif isinstance(value, list):
            value = tuple(node(path + (index,), item) for index, item in enumerate(value))
        where = place(spot.value)
        return Node(value, place(spot.key), where, broken=where.line in broken_lines and not isinstance(value, dict))

    return {name: node((name,), value) for name, value in values.items()}
