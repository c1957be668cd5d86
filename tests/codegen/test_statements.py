"""Statements are found where they start, over every form of value that spans lines."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings

from codegen import statements
from toml_documents import documents


def first_that_parses(lines: list[str], line: int) -> int:
    """What start_of() computes, by trying: slow, and plainly right."""
    for start in range(line, 0, -1):
        try:
            tomllib.loads("\n".join(lines[:start - 1]))
            return start
        except ValueError:
            continue
    return line


@pytest.mark.parametrize(("text", "start"), [
    ("a = 1\nb = [\n1,\n2", 2), ("a = '''\nx\n'''\nb", 4), ('a = """\n[\n', 1), ("a = '#'\nb = \"[\"\nc", 3),
    ("a = [ # ]\n1,\n", 1), ("[x]\na = 1\n", 3), ('a = """x"""""\nb', 2), ("a = {b = [\n1", 1), ("a", 1),
])
def test_the_statement_that_reaches_the_last_line(text: str, start: int) -> None:
    lines = text.split("\n")
    assert statements.start_of(lines, len(lines)) == start


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(text=documents())
def test_agrees_with_the_parser_on_every_line(text: str) -> None:
    lines = text.split("\n")
    for line in range(1, len(lines) + 1):
        assert statements.start_of(lines, line) == first_that_parses(lines, line)
