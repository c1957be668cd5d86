"""PINFOLD_SET and --set: KEY=VALUE settings become trees like those of files."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from codegen import setting_parts, tree
from codegen.diagnostics import Problems
from codegen.locate import NestedTooDeep, Path, Spot, locate, refuse_deep_keys
from codegen.read import Document, too_deep
from codegen.setting_parts import OPENING, Parts
from codegen.source import Source


def parse_list(source: Source, problems: Problems) -> list[Document]:
    """Settings separated by semicolons; those inside a quoted or bracketed value do not separate."""
    found = []
    start = 0
    while start < len(source.text):
        parts = setting_parts.parts(source.text, start, several=True)
        if source.text[start:parts.end].strip():
            found.append(_parse(source, start, parts, problems))
        start = parts.end + 1
    return found


def parse_one(source: Source, problems: Problems) -> Document:
    return _parse(source, 0, setting_parts.parts(source.text, 0, several=False), problems)


def _parse(source: Source, start: int, parts: Parts, problems: Problems) -> Document:
    text = source.text[start:parts.end].strip()
    first = source.text.index(text, start)
    try:
        refuse_deep_keys(text)
        key = "" if parts.equals is None else source.text[first:parts.equals]
        if not _is_key(key):
            return _malformed(source, first, text, "not a setting of the form KEY=VALUE",
                              "write a dotted key, an equals sign and a value: asio.net.threads=2", problems)
        written = text[len(key) + 1:].strip()
        if not written:
            return _malformed(source, first, text, "the setting has no value", 'an empty string is written ""',
                              problems)
        offset = text.index(written, len(key) + 1)
        is_value = _is_toml_value(written)
        if written[0] in OPENING and not is_value:
            kind = OPENING[written[0]]
            why = f"the {kind} does not end" if parts.unclosed else f"the value begins like a TOML {kind} and is none"
            return _malformed(source, first + offset, written, why,
                              "mend it, or put the whole text in quotes of the other kind", problems)
        values, spots = _measure(key, written, offset, is_value)
    except NestedTooDeep as error:
        return too_deep(source.place(first + error.span[0], first + error.span[1]), problems)
    shifted = {path: Spot(_shift(spot.key, first), _shift(spot.value, first)) for path, spot in spots.items()}
    return Document(tree.build(source, values, shifted, lines=source.lines))


def _malformed(source: Source, at: int, part: str, text: str, help: str, problems: Problems) -> Document:
    problems.add("PF005", source.place(at, at + len(part)), text, help=help)
    return Document(incomplete=True)


def _measure(key: str, written: str, offset: int, is_value: bool) -> tuple[dict[str, object], dict[Path, Spot]]:
    """The setting as a document. `offset`: where the value stands in the setting."""
    spots = dict(locate(key + "=0").spots)
    path = max(spots, key=len)
    value: object = written
    if is_value:
        value = tomllib.loads("value=" + written)["value"]
        spots = dict(locate(key.ljust(offset - 1) + "=" + written).spots)
    else:
        spots[path] = replace(spots[path], value=(offset, offset + len(written)))
    for name in reversed(path):
        value = {name: value}
    assert isinstance(value, dict)
    return value, spots


def _is_key(text: str) -> bool:
    return "\n" not in text and _parses(text + "=0")


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
