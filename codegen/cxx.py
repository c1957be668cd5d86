"""C++ and assembler source text made from user text: nothing written here can end a literal, a comment or a line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

COLUMNS = 120

_PLAIN = re.compile(r"[\w .,:;/()<>=+*-]*", re.ASCII)  # what stands in a literal as it is


def string(text: str) -> str:
    """A string literal with exactly the UTF-8 bytes of `text`."""
    if _PLAIN.fullmatch(text):
        return f'"{text}"'
    simple = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    out = []
    previous = ""
    for char in text:
        if char in simple:
            out.append(simple[char])
        elif char == "?" and previous == "?":
            out.append("\\?")  # two of them may begin a trigraph
        elif char.isprintable():
            out.append(char)
        else:
            # Three octal digits end by themselves, whatever follows.
            out.extend(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))
        previous = char
    return '"' + "".join(out) + '"'


def string_view(text: str) -> str:
    """The same as a std::string_view, which compilers need not measure: there are thousands in a large topology."""
    return string(text) + "sv"


def shown(text: str) -> str:
    """`text` on one line, for people: blanks folded, invisible and direction-changing characters spelled out."""
    return _visible(" ".join(text.split()))


def message(text: str) -> str:
    """A literal for static_assert and #line, where the language allows no numeric escapes."""
    return string(shown(text))


def comment(text: str, *, indent: int = 0) -> list[str]:
    """`text` as `//` lines that fit the page."""
    prefix = " " * indent + "// "
    body = shown(text).replace("??", "? ?")
    lines = textwrap.wrap(body, COLUMNS - len(prefix), break_long_words=False, break_on_hyphens=False)
    return [prefix + _not_continued(line) for line in lines]


def comment_line(text: str) -> str:
    """`text` as what follows `//` on a line of its own, its blanks kept."""
    return _not_continued(_visible(text).replace("??", "? ?"))


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text)


def _not_continued(line: str) -> str:
    """A backslash at the end would pull the next line into the comment."""
    return line + "." if line.endswith("\\") else line


def _ascii(byte: int) -> str:
    if byte in (0x22, 0x5C):
        return f"\\{chr(byte)}"
    plain = 0x20 <= byte < 0x7F and byte != 0x29  # a `)` could be the end of the raw string
    return chr(byte) if plain else f"\\{byte:03o}"


_ASCII = tuple(map(_ascii, range(256)))


def asm_ascii(text: str, *, width: int = 80) -> list[str]:
    """Operands of `.ascii` directives that together give the UTF-8 bytes of `text`, safe inside a raw C++ string."""
    content = text.encode("utf-8", "surrogateescape")
    lines = (content[start:start + width] for start in range(0, len(content), width))
    return [f'"{"".join(_ASCII[byte] for byte in line)}"' for line in lines]


def wrapped(items: Sequence[str], *, indent: int, first: int) -> str:
    """`items` separated by commas over as many lines as they need; the first line starts at column `first`."""
    lines: list[str] = []
    line = ""
    room = COLUMNS - first
    for i, item in enumerate(items):
        piece = item + ("," if i + 1 < len(items) else "")
        if line and len(line) + 1 + len(piece) > room:
            lines.append(line)
            line, room = piece, COLUMNS - indent
        else:
            line = f"{line} {piece}" if line else piece
    lines.append(line)
    return ("\n" + " " * indent).join(lines)


def columns(rows: Iterable[Sequence[str]], *, gap: int = 1, right: frozenset[int] = frozenset()) -> list[str]:
    """One line a row, cells padded so that each column starts at one place; columns in `right` end at one place.
    One of empty cells takes no room.
    """
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for row in table:
        cells = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append((" " * gap).join(cell for cell in cells if cell).rstrip())
    return lines


def initialisers(rows: Sequence[Sequence[tuple[str, str] | None]]) -> list[str]:
    """One aligned `{.member = value, ...}` a row. None leaves a member at its default; a column of it takes no room."""
    texts = []
    for row in rows:
        last = max(i for i, cell in enumerate(row) if cell is not None)
        texts.append(
            [
                "" if cell is None else f".{cell[0]} = {cell[1]}" + ("," if i < last else "}")
                for i, cell in enumerate(row)
            ]
        )
    used = [i for i in range(len(rows[0])) if any(row[i] for row in texts)] if rows else []
    return ["{" + line for line in columns([[row[i] for i in used] for row in texts])]
