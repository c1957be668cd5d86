"""Random TOML documents that are valid by construction, in every spelling that the format has."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

_NAMES = st.one_of(st.text("abcxyz_-09", min_size=1, max_size=5), st.text(max_size=4),
                   st.sampled_from(["a.b", 'q"', "é", " "]))
_SPACE = st.sampled_from(["", " ", "\t", "  "])
_GAP = st.sampled_from(["", " ", "\n", "  # note, ] } =\n", "\n\t"])

_INTEGERS = st.one_of(st.integers(-2**63, 2**63 - 1).map(str),
                      st.sampled_from(["0x1F", "0b101", "0o17", "1_000", "+7"]))
_OTHERS = st.sampled_from([
    "true", "false", "1.5", "-2e10", "inf", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5",
    "1979-05-27 07:32:00+01:00",
])
_PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="'\x7f",
                               blacklist_categories=("Cc", "Cs")), max_size=8)


def _basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=True).replace("\x7f", "\\u007f") if text.isprintable() and max(
        text, default="") < "\uffff" else '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


_STRINGS = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=8).map(_basic),
    _PLAIN.map(lambda text: f"'{text}'"),
    _PLAIN.map(lambda text: f"'''\n{text}\n#'x\n'''''"),
    _PLAIN.map(lambda text: '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '\n"" \\\n  ]"""""'),
)


def _values(depth: int) -> st.SearchStrategy[str]:
    scalars = st.one_of(_INTEGERS, _OTHERS, _STRINGS)
    if depth == 0:
        return scalars
    inner = _values(depth - 1)
    return st.one_of(scalars, _arrays(inner), _inline_tables(inner))


@st.composite
def _arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(inner, max_size=3))
    text = "[" + draw(_GAP)
    for index, item in enumerate(items):
        last = index == len(items) - 1
        text += item + draw(_GAP) + ("," if not last or draw(st.booleans()) else "") + draw(_GAP)
    return text + "]"


@st.composite
def _inline_tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    names = draw(st.lists(_NAMES, max_size=3, unique=True))
    pairs = [f"{draw(_SPACE)}{draw(_spelled(name))}{draw(_SPACE)}={draw(_SPACE)}{draw(inner)}" for name in names]
    return "{" + ",".join(pairs) + draw(_SPACE) + "}"


@st.composite
def _spelled(draw: st.DrawFn, name: str) -> str:
    spellings = [_basic(name)]
    if name and all(character in "abcdefghijklmnopqrstuvwxyz_-0123456789" for character in name):
        spellings.append(name)
    if "'" not in name and (name.isprintable() or not name):
        spellings.append(f"'{name}'")
    return draw(st.sampled_from(spellings))


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines: list[str] = []
    _statements(draw, lines, _values(2))
    for name in draw(st.lists(_NAMES, max_size=3, unique=True)):
        head = "t" + name  # apart from the statements above
        depth = draw(st.lists(_NAMES, max_size=2))
        if draw(st.booleans()):
            lines.append(_header(draw, [head, *depth], "[", "]"))
            _statements(draw, lines, _values(2))
        else:
            for _ in range(draw(st.integers(1, 3))):
                lines.append(_header(draw, [head], "[[", "]]"))
                _statements(draw, lines, _values(1))
                lines.append(_header(draw, [head, "tsub", *depth], "[", "]"))
                _statements(draw, lines, _values(1))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n# end"]))


def _statements(draw: Any, lines: list[str], values: st.SearchStrategy[str]) -> None:
    for index, name in enumerate(draw(st.lists(_NAMES, max_size=3, unique=True))):
        parts = [f"k{index}{name}", *draw(st.lists(_NAMES, max_size=2))]
        key = f"{draw(_SPACE)}.{draw(_SPACE)}".join(draw(_spelled(part)) for part in parts)
        lines.append(f"{draw(_SPACE)}{key}{draw(_SPACE)}={draw(_SPACE)}{draw(values)}{draw(_SPACE)}"
                     + draw(st.sampled_from(["", "# note [x]"])))
        lines += draw(st.sampled_from([[], [""], ["# a = [comment"]]))


def _header(draw: Any, parts: list[str], opening: str, closing: str) -> str:
    key = ".".join(draw(_SPACE) + draw(_spelled(part)) + draw(_SPACE) for part in parts)
    return f"{draw(_SPACE)}{opening}{key}{closing}{draw(st.sampled_from(['', ' # note']))}"
