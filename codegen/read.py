"""Files become trees of values. A syntax error is reported, its statement set aside, and the rest read on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen import encoding, statements, syntax, tree
from codegen.diagnostics import Note, Problems, quoted
from codegen.locate import MAX_DEPTH, Located, NestedTooDeep, locate, refuse_deep_keys
from codegen.source import LineIndex, Place, Source, printable_path

MAX_BYTES = 1 << 20  # thousands of pools have room
_MAX_SYNTAX_ERRORS = 20
_AT = re.compile(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)
_STATEMENT = re.compile(r"""^\s*+(?:[A-Za-z0-9_.\- \t]++|"[^"]*"|'[^']*')++=""")
_HEADER = re.compile(r"^\s*\[")
_WORD = re.compile(r"[^\s,\]}#=]*")


@dataclass(frozen=True)
class Document:
    """One layer's values. `incomplete`: some could not be read, so what seems to be missing may not be."""

    root: Mapping[str, tree.Node] = field(default_factory=dict)
    incomplete: bool = False


def open_source(
    path: str, *, name: str, label: str, layer: str, rank: int, problems: Problems, content: bytes | None = None,
) -> Source | None:
    """`content`: of the file, where it was read already."""
    empty = Source(printable_path(name), printable_path(label), "", layer, rank)
    try:
        data = _content(path) if content is None else content
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a usable file name"
        problems.add("PF001", empty.top, f"cannot read the file: {reason[0].lower() + reason[1:]}",
                     help=_access_help(error))
        return None
    if len(data) > MAX_BYTES:
        problems.add("PF056", empty.top, f"the file is larger than {MAX_BYTES // 1024} KiB, so it is no topology",
                     help="name the topology file; large comments belong into documents of their own")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding.report(empty, data, error.start, problems)
        return None
    if encoding.report_disguised(empty, data, problems):
        return None
    return Source(empty.name, empty.label, text.replace("\r\n", "\n"), layer, rank)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def _access_help(error: Exception) -> str:
    match error:
        case PermissionError():
            return "let this user read it: chmod +r"
        case IsADirectoryError():
            return "name a file in it"
        case _:
            return "check the name; a relative one starts from the working directory"


def parse(source: Source, problems: Problems) -> Document:
    try:
        refuse_deep_keys(source.text)
    except NestedTooDeep as error:
        return too_deep(_at(source, source.lines, error.span[0]), problems)
    reader = _Reader(source, problems)
    values = reader.values()
    if values is None:
        return Document(incomplete=True)
    lines = LineIndex(reader.text())
    try:
        located = locate(reader.text())
    except NestedTooDeep as error:
        return too_deep(_at(source, lines, error.span[0]), problems)
    root = tree.build(source, values, located.spots, lines=lines, broken_lines=frozenset(reader.broken))
    return Document(root, reader.incomplete)


def _at(source: Source, lines: LineIndex, offset: int) -> Place:
    line, column = lines.position(offset)
    return Place(source, line, column, 1)


def too_deep(place: Place, problems: Problems) -> Document:
    problems.add("PF004", place, f"tables and arrays are nested deeper than {MAX_DEPTH} levels",
                 help="no value of a topology nests deeper than { key = value }")
    return Document(incomplete=True)


class _Reader:
    """Runs tomllib until the text parses, each time setting aside the statement that it stopped at."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.lines = source.text.split("\n")
        self.broken: set[int] = set()  # lines whose value was replaced
        self.incomplete = False

    def text(self) -> str:
        return "\n".join(self.lines)

    def values(self) -> dict[str, object] | None:
        values: dict[str, object]
        reported = 0
        while reported < _MAX_SYNTAX_ERRORS:
            try:
                values = tomllib.loads(self.text())
                return values
            except RecursionError:
                self._report_recursion()
                return None
            except ValueError as error:
                line, column, message = self._where(error)
            if line in self.broken:  # the key is at fault, not only the value
                self._drop(line, line)
                continue
            self._report(line, column, message)
            reported += 1
            if not self._set_aside(line):
                return None
        return None

    def _where(self, error: ValueError) -> tuple[int, int, str]:
        found = _AT.match(str(error))
        if found is None:  # an integer too long for Python
            for line, text in enumerate(self.lines, 1):
                if digits := re.search(r"\d[\d_]{4000,}", text):
                    return line, digits.start() + 1, "integer too long"
            return 1, 1, str(error)
        message = str(found[1])
        if found[2] is not None:
            return int(found[2]), int(found[3]), message
        start = self._line_place(statements.start_of(self.lines, len(self.lines)))
        return start.line, start.column, message

    def _report_recursion(self) -> None:
        lines = LineIndex(self.text())
        try:
            locate(self.text())
        except NestedTooDeep as error:
            too_deep(_at(self.source, lines, error.span[0]), self.problems)
        except (AssertionError, IndexError):
            too_deep(_at(self.source, lines, 0), self.problems)

    def _report(self, line: int, column: int, message: str) -> None:
        if message.startswith(("Cannot overwrite", "Cannot declare", "Duplicate inline table key")):
            if self._report_duplicate(line):
                return
        text = self.lines[line - 1]
        word = _WORD.match(text, column - 1)
        length = max(len(word.group()), 1) if word and column <= len(text) else 1
        advice = syntax.remedy(message, text[:column - 1], text[column - 1:column - 1 + length])
        start = statements.start_of(self.lines, line)
        notes = [] if start == line else [Note("the statement starts here", self._line_place(start))]
        self.problems.add("PF003", Place(self.source, line, column, length), syntax.sentence(message),
                          notes=notes, help=advice)

    def _line_place(self, line: int) -> Place:
        text = self.lines[line - 1]
        return Place(self.source, line, len(text) - len(text.lstrip()) + 1, max(len(text.strip()), 1))

    def _report_duplicate(self, line: int) -> bool:
        """Says where the first declaration is. Statements of one line only."""
        try:
            before = locate("\n".join(self.lines[:line - 1]))
            text = self.lines[line - 1]
            header = bool(_HEADER.match(text))
            here = locate(text if header else text[:text.index("=")] + "= 0")
        except (AssertionError, IndexError, ValueError, NestedTooDeep):
            return False
        last = max(here.spots.items(), key=lambda item: item[1].key)
        path = last[0] if header else before.table + last[0]
        first = before.spots.get(path)
        if first is None:
            return False
        start, end = last[1].key
        title = quoted(".".join(map(str, path)))
        self.problems.add(
            "PF013", Place(self.source, line, start + 1, end - start),
            f"table {title} is declared twice" if header else f"{title} is set twice",
            notes=[Note("first here", _place(self.source, before, path, "\n".join(self.lines)))],
            help="put the keys of both tables into one" if header else "remove one of the two")
        return True

    def _set_aside(self, line: int) -> bool:
        """Takes the statement at `line` out of the text; false where its extent cannot be told."""
        start = statements.start_of(self.lines, line)
        text = self.lines[line - 1]
        if start < line and not (_HEADER.match(text) or _STATEMENT.match(text)):
            return False
        if start == line and _HEADER.match(text):
            end = next((number for number in range(line + 1, len(self.lines) + 1)
                        if _HEADER.match(self.lines[number - 1])), len(self.lines) + 1)
            self._drop(line, end - 1)
            return True
        opening = _STATEMENT.match(self.lines[start - 1])
        if opening is None:
            self._drop(start, max(start, line - 1))
        else:
            self._drop(start + 1, line - 1)
            self.lines[start - 1] = opening.group() + "0"
            self.broken.add(start)
        return True

    def _drop(self, first: int, last: int) -> None:
        for line in range(first, last + 1):
            if self.lines[line - 1]:
                self.lines[line - 1] = ""
                self.incomplete = True
            self.broken.discard(line)


def _place(source: Source, located: Located, path: tuple[str | int, ...], text: str) -> Place:
    start, end = located.spots[path].key
    line, column = LineIndex(text).position(start)
    return Place(source, line, column, end - start)
