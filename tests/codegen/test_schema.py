"""One table of keys: the JSON Schema for editors and the reference page say what the validator does."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import faults
from codegen import json_schema, names, reference, schema
from codegen.cores import MalformedTerm, parse
from topologies import topology

NAMED: dict[str, object] = {"topology": {"name": "md"}}
ROOT = Path(__file__).resolve().parents[2]

# What a schema that looks at one value at a time can see.
STRUCTURAL = {"PF004", "PF006", "PF007", "PF008", "PF009", "PF010", "PF011", "PF012", "PF020", "PF047"}
# Faults with such an ID that it cannot see: sums, ranges inside strings, JSON's 2.0, which is an integer there, and
# what a topology lacks: it fits overlays too.
BEYOND = {"threads_and_managed_out_of_range", "cores_too_large", "cores_reversed", "threads_float", "name_missing"}


def is_toml(file: Path) -> bool:
    try:
        tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


FILES = [file for file in faults.topologies() if is_toml(file)]


def complaints(document: object) -> list[str]:
    validator = jsonschema.Draft7Validator(json_schema.document())
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(document)]


def plain(file: Path) -> Any:
    """As an editor sees it: dates are strings."""
    return json.loads(json.dumps(tomllib.loads(file.read_text(encoding="utf-8")), default=str))


def test_the_json_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema.document())


@pytest.mark.parametrize(("file", "arguments"), [
    ("topology/pinfold.schema.json", ["schema"]), ("docs/topology.md", ["schema", "--markdown"]),
    ("docs/errors.md", ["explain", "--markdown"]), ("docs/command_line.md", ["manual", "--markdown"]),
])
def test_what_is_generated_is_up_to_date(file: str, arguments: list[str]) -> None:
    assert faults.run(arguments).out == (ROOT / file).read_text(encoding="utf-8"), (
        f"{file} is stale: codegen/pinfold {' '.join(arguments)} >{file}")


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_json_schema_and_the_validator_agree(file: Path) -> None:
    outcome = json.loads(faults.check(file, "--format", "json").out)
    ours = {problem["id"] for problem in outcome["diagnostics"] if problem["file"] == file.name}
    found = complaints(plain(file))
    if file.stem in BEYOND:
        assert ours and not found
    else:
        assert bool(found) == bool(ours & STRUCTURAL), found or ours


def test_topologies_and_overlays_name_the_schema_rightly_and_fit() -> None:
    files = [ROOT / "topology/topology.toml", *sorted((ROOT / "examples").rglob("*.toml"))]
    naming = [file for file in files if file.read_text(encoding="utf-8").startswith("#:schema ")]
    assert naming == files and "dedicated.8.toml" in {file.name for file in files}  # which is an overlay
    for file in naming:
        path = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("#:schema ")
        assert path.startswith(".")  # taplo takes other paths for addresses
        assert os.path.samefile(file.parent / path, ROOT / "topology/pinfold.schema.json")
        assert complaints(plain(file)) == []


@pytest.mark.parametrize("tables", [
    {"native": {"a": {"threads": 0}}}, {"tbb": {"x_": {"nice": -20}}},
    {"cores": {"a": [0, 1], "b": "0 - 3 : 2 , !2,take: 1,rest"}},
    {"asio": {"default": {"deadline": {"runtime_us": 2, "deadline_us": 2, "period_us": 2}}}},
    {"asio": {"a": {"description": "two\nlines", "fallback": "default", "cores": 0}}},
])
def test_the_json_schema_accepts(tables: dict[str, object]) -> None:
    assert complaints(NAMED | tables) == []


@pytest.mark.parametrize("topology_table", [{"name": ""}, {"name": "std"}, {"name": 1}, {"x": 1}])
def test_the_json_schema_refuses_a_topology_without_a_usable_name(topology_table: object) -> None:
    assert complaints({"topology": topology_table})


@pytest.mark.parametrize("overlay", [{}, {"topology": {"machine": "host"}}, {"asio": {"net": {"enabled": False}}}])
def test_the_json_schema_fits_overlays(overlay: object) -> None:
    assert complaints(overlay) == []


@pytest.mark.parametrize("tables", [
    {"asio": {"a": {"threads": 0}}}, {"asio": {"a": {"threads": True}}}, {"asio": {"a": {"task_slots": 1}}},
    {"native": {"a": {"inject_slots": 1000}}}, {"asio": {"a": {"cores": []}}}, {"asio": {"a": {"cores": " "}}},
    {"asio": {"a": {"cores": [0.5]}}}, {"asio": {"a": {"cores": -1}}}, {"asio": {"a": {"cores": "1,,2"}}},
    {"asio": {"a": {"deadline": {"runtime_us": 2}}}}, {"asio": {"new": {}}}, {"asio": {"a__b": {}}},
    {"cores": {"rest": "1"}}, {"aliases": {"rayon": {}}}, {"aliases": {"tbb": {"a": ""}}}, {"asio": {"a": 4}},
    {"process": {"lock_memory": 1}}, {"asio": {"a": {"thread_name": "a\nb"}}}, {"x": 1},
])
def test_the_json_schema_refuses(tables: dict[str, object]) -> None:
    assert complaints(NAMED | tables)


def test_names_are_judged_by_the_pattern_as_by_the_generator() -> None:
    words = ["a", "A1", "a_b", "a_", "_a", "a__b", "1a", "a-b", "", "\u00e9", "default", "default_", "new", "std",
             "main", "tables", "linux", "a__", "a_b_c", "a_ "]
    for word in words:
        pool = bool(re.fullmatch(names.PATTERN, word)) and word not in names.reserved()
        assert pool == (names.why_unusable(word) is None), word
        space = bool(re.fullmatch(names.PATTERN, word)) and word not in names.reserved_namespaces()
        assert space == (names.why_no_namespace(word) is None), word
        assert names.why_unusable(names.usable_like(word, "pool")) is None, word
        assert names.why_no_namespace(names.usable_like(word, "topology")) is None, word


@pytest.mark.parametrize("text", ["3", "0-7", "0-15:2", "net", "!3,1", "take:2", "rest", "hw:os=eth0", " 1 , 2 ", "1,",
                                  "a b", "1..2", "!", "!!1", "take:x", "", "-1", "hw:"])
def test_core_expressions_are_judged_by_the_pattern_as_by_the_parser(text: str) -> None:
    pattern = json_schema.document()["definitions"]["core_expression"]["pattern"]
    try:
        parsed = bool(parse(text))
    except MalformedTerm:
        parsed = False
    assert bool(re.search(pattern, text)) == parsed


def test_the_examples_of_all_tables_are_together_a_topology(tmp_path: Path) -> None:
    text = "\n".join(table.example for table in schema.TABLES)
    assert [pool.name for pool in topology(tmp_path, text).pools] == ["net", "file", "risk", "default"]
    assert complaints(tomllib.loads(text)) == []


def test_every_key_shows_a_value_that_it_takes() -> None:
    keys = [key for table in schema.TABLES for key in table.keys.values()] + [*schema.COMMON.values()]
    for key in keys:
        sample = tomllib.loads(key.sample)
        jsonschema.Draft7Validator({**json_schema.document(), "additionalProperties": True, "required": [],
                                    "properties": {key.name: json_schema.of_key(key)}}).validate(sample)


def test_the_page_has_every_table_and_key() -> None:
    page = reference.page()
    for table in schema.TABLES:
        assert f"\n### [{table.title}]\n" in page
        assert all(f"\n| `{name}` | " in page for name in table.keys)
    assert all(f"\n| `{name}` | " in page for name in schema.COMMON)
    assert "$" not in page
