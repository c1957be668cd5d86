"""The locator agrees with tomllib about what a document holds, and points at it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
import toml_documents
from hypothesis import HealthCheck, given, settings

from codegen.locate import MAX_DEPTH, NestedTooDeep, Path, locate


def paths(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, path + (name,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, path + (index,))


def assert_located(text: str) -> None:
    spots = locate(text).spots
    found = dict(paths(tomllib.loads(text)))
    assert set(spots) == set(found)
    for path, value in found.items():
        shown = text[slice(*spots[path].value)]
        if isinstance(value, dict) and not shown.startswith("{"):
            continue  # a header, or part of a dotted key
        if isinstance(value, list) and value and isinstance(value[0], dict) and shown.startswith("[["):
            continue  # the header of an array of tables
        assert repr(tomllib.loads(f"value = {shown}")["value"]) == repr(value)
    for path in found:
        if isinstance(path[-1], str):
            assert list(tomllib.loads(f"{text[slice(*spots[path].key)]} = 0")) == [path[-1]]


@settings(max_examples=800, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(toml_documents.documents())
def test_random_documents_are_located_as_tomllib_reads_them(text: str) -> None:
    assert_located(text)


@pytest.mark.parametrize("text", [
    "", "#", "a=1", 'a."b c".\'d\' = [1, [2, {x.y = 3}]]', "[a]\n[a.b]\n[a.b.c]\nd=1", "[a.b]\n[a]\nc=1",
    "[[a]]\n[[a]]\nb=1\n[a.c]\nd=2\n[[a.e]]\n[[a.e]]\nf=3", 'a="""\n""""\nb = \'\'\'\'\'x\'\'\'\'\'',
    "a = 1979-05-27 07:32:00 # c\nb = [ # c ]\n 1, # 2\n]", "x = { a = { } , b = [ ] }",
])
def test_every_spelling_is_located(text: str) -> None:
    assert_located(text)


def test_header_wins_over_the_dotted_mention_of_a_table() -> None:
    text = "[a.b]\n[a]\n"
    assert text[slice(*locate(text).spots[("a",)].value)] == "[a]"


@pytest.mark.parametrize("text", [
    "a = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), ".".join("a" * (MAX_DEPTH + 1)) + " = 1",
    "[" + ".".join("a" * (MAX_DEPTH + 1)) + "]", "a = " + "{a=" * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
])
def test_nesting_has_a_limit(text: str) -> None:
    with pytest.raises(NestedTooDeep):
        locate(text)
