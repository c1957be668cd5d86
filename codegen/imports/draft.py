"""A topology before it is text: tables of keys with comments, written the way people write them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.cxx import COLUMNS, shown


@dataclass(frozen=True)
class Entry:
    key: str
    value: str | int
    comment: str = ""


@dataclass(frozen=True)
class Table:
    title: str
    entries: tuple[Entry, ...]
    comments: tuple[str, ...] = ()  # above the table


@dataclass(frozen=True)
class Draft:
    comments: tuple[str, ...]
    tables: tuple[Table, ...]
    pools: int

    def text(self) -> str:
        blocks = ["\n".join(_comment(self.comments))]
        blocks += ["\n".join(_table(table)) for table in self.tables]
        return "\n\n".join(blocks) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield from _comment(table.comments)
    yield f"[{table.title}]"
    for entry in table.entries:
        comment = f"  # {shown(entry.comment)}" if entry.comment else ""
        yield f"{entry.key} = {_value(entry.value)}{comment}"


def _value(value: str | int) -> str:
    return json.dumps(value)  # names and expressions are ASCII, and TOML spells those as JSON does


def _comment(paragraphs: tuple[str, ...]) -> Iterator[str]:
    for text in paragraphs:
        for line in textwrap.wrap(shown(text), COLUMNS - 2, break_long_words=False, break_on_hyphens=False):
            yield f"# {line}"
