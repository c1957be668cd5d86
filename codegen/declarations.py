"""What the topology declares, every value checked against the schema: made by validate, read by resolve and check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.cores import Expression
from codegen.model import Origin
from codegen.source import Place, Source

Value = bool | int | str | Expression | Mapping[str, int] | None


@dataclass(frozen=True)
class Setting:
    value: Value
    origin: Origin
    key: Place | None = None  # None: nobody wrote it
    place: Place | None = None


@dataclass(frozen=True)
class Section:
    """One table. It has a setting for each key of its schema; a faulty key has the default's value."""

    place: Place  # its header; the top of the topology file where it has none
    settings: Mapping[str, Setting]
    faulty: frozenset[str]  # written, but unusable, and reported

    def __getitem__(self, key: str) -> Value:
        return self.settings[key].value

    def integer(self, key: str) -> int:
        value = self[key]
        assert isinstance(value, int)
        return value

    def text(self, key: str) -> str:
        value = self[key]
        assert isinstance(value, str)
        return value

    def expression(self, key: str) -> Expression | None:
        value = self[key]
        assert value is None or isinstance(value, Expression)
        return value

    def wrote(self, key: str) -> bool:
        return self.settings[key].place is not None

    def sound(self, *keys: str) -> bool:
        return self.faulty.isdisjoint(keys)

    def at(self, key: str) -> Place:
        """Where to point for `key`: its value, or the table's header."""
        return self.settings[key].place or self.place

    def key_at(self, key: str) -> Place:
        return self.settings[key].key or self.place


@dataclass(frozen=True)
class PoolTable:
    kind: str
    name: str
    name_place: Place
    section: Section

    @property
    def title(self) -> str:
        return f"[{self.kind}.{self.name}]"


@dataclass(frozen=True)
class Alias:
    kind: str
    name: str
    name_place: Place
    target: str | None  # None: faulty
    place: Place  # of the target
    origin: Origin


@dataclass(frozen=True)
class CoreSet:
    name: str
    name_place: Place
    expression: Expression | None  # None: faulty


@dataclass(frozen=True)
class Declarations:
    topology: Section
    process: Section
    core_sets: Mapping[str, CoreSet]
    pools: tuple[PoolTable, ...]  # in the order of their first mention
    aliases: tuple[Alias, ...]
    source: Source  # the topology file
    inputs: tuple[str, ...]
    incomplete: bool  # something could not be read: what seems undeclared may not be
