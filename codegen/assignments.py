"""PINFOLD_SET and --set: KEY=VALUE settings become trees like those of files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace

from codegen import tree
from codegen.diagnostics import Problems
from codegen.locate import MAX_DEPTH, NestedTooDeep, Path, Spot, locate, refuse_deep_keys
from codegen.read import Document
from codegen.source import Source

_OPENING = ('"', "'", "[", "{")


def parse_list(source: Source, problems: Problems) -> list[Document]:
    """Settings separated by semicolons; those inside a quoted or bracketed value do not separate."""
    return [_parse(source, start, end, problems) for start, end in _split(source.text)]


def parse_one(source: Source, problems: Problems) -> Document:
    return _parse(source, 0, len(source.text), problems)


def _split(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = _end_of_setting(text, start)
        if text[start:end].strip():
            yield start, end
        start = end + 1


def _end_of_setting(text: str, start: int) -> int:
    nearest = end = _find(text, ";", start)
    equals = text.find("=", start, nearest)
    if equals < 0 or not text[equals + 1:].lstrip().startswith(_OPENING):
        return nearest
    try:
        while not _is_toml_value(text[equals + 1:end].strip()):
            if end == len(text):
                return nearest
            end = _find(text, ";", end + 1)
    except NestedTooDeep:
        return nearest
    return end


def _find(text: str, wanted: str, start: int) -> int:
    found = text.find(wanted, start)
    return len(text) if found < 0 else found


def _parse(source: Source, start: int, end: int, problems: Problems) -> Document:
    text = source.text[start:end].strip()
    first = source.text.index(text, start)
    try:
        refuse_deep_keys(text)
    except NestedTooDeep as error:
        return _too_deep(source, first, error, problems)
    equals = _end_of_key(text)
    if equals is None:
        problems.add("PF005", source.place(first, first + len(text)), "not a setting of the form KEY=VALUE",
                     help="write a dotted key, an equals sign and a value: asio.net.threads=2")
        return Document(incomplete=True)
    written = text[equals + 1:].strip()
    if not written:
        problems.add("PF005", source.place(first, first + len(text)), "the setting has no value",
                     help='an empty string is written ""')
        return Document(incomplete=True)
    try:
        values, spots = _measure(text[:equals], written, text.index(written, equals + 1))
    except NestedTooDeep as error:
        return _too_deep(source, first, error, problems)
    shifted = {path: Spot(_shift(spot.key, first), _shift(spot.value, first)) for path, spot in spots.items()}
    return Document(tree.build(source, values, shifted, lines=source.lines))


def _too_deep(source: Source, first: int, error: NestedTooDeep, problems: Problems) -> Document:
    problems.add("PF004", source.place(first + error.span[0], first + error.span[1]),
                 f"tables and arrays are nested deeper than {MAX_DEPTH} levels",
                 help="no value of a topology nests deeper than { key = value }")
    return Document(incomplete=True)


def _measure(key: str, written: str, offset: int) -> tuple[dict[str, object], dict[Path, Spot]]:
    """The setting as a document. `offset`: where the value stands in the setting."""
    spots = dict(locate(key + "=0").spots)
    path = max(spots, key=len)
    value: object = written
    if _is_toml_value(written):
        value = tomllib.loads("value=" + written)["value"]
        spots = dict(locate(key.ljust(offset - 1) + "=" + written).spots)
    else:
        spots[path] = replace(spots[path], value=(offset, offset + len(written)))
    for name in reversed(path):
        value = {name: value}
    assert isinstance(value, dict)
    return value, spots


def _end_of_key(text: str) -> int | None:
    """The equals sign behind the key; one inside a quoted part of it is passed over."""
    equals = text.find("=")
    while equals >= 0:
        key = text[:equals]
        if "\n" not in key and _parses(key + "=0"):
            return equals
        equals = text.find("=", equals + 1) if '"' in key or "'" in key else -1
    return None


def _parses(text: str) -> bool:
    try:
        return bool(tomllib.loads(text))
    except ValueError:
        return False


def _is_toml_value(text: str) -> bool:
    """Whether the whole text is one value, with no comment behind it. Raises NestedTooDeep."""
    prefix = "value="
    refuse_deep_keys(text)
    try:
        if not _parses(prefix + text):
            return False
    except RecursionError:
        raise NestedTooDeep((0, 1)) from None
    return locate(prefix + text).spots[("value",)].value == (len(prefix), len(prefix) + len(text))


def _shift(span: tuple[int, int], by: int) -> tuple[int, int]:
    return span[0] + by, span[1] + by
