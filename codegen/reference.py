"""The reference page of the topology file: every table and key of the schema, around the words of a page template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from codegen import schema
from codegen.model import KINDS
from codegen.schema import Key

_WORDS = Path(__file__).resolve().parent / "pages/topology.md"


def page() -> str:
    tables = {table.title: "\n".join(_table(table)) for table in schema.TABLES}
    return Template(_WORDS.read_text(encoding="utf-8")).substitute(
        root="\n\n".join(tables[title] for title in ("topology", "process", "cores")),
        common="\n".join(_rows(schema.COMMON)),
        kinds="\n\n".join(tables[f"{kind}.NAME"] for kind in KINDS),
        aliases=tables["aliases.KIND"],
        largest_cpu=schema.MAX_CPU,
    )


def _table(table: schema.Table) -> Iterator[str]:
    yield f"### [{table.title}]\n\n{table.doc}\n\n```toml\n{table.example}```\n"
    if table.keys:
        yield from _rows(table.keys)
    else:
        yield "It has no keys beside those of every pool."


def _rows(keys: Mapping[str, Key]) -> Iterator[str]:
    yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
    for key in keys.values():
        yield f"| `{key.name}` | {_type(key)} | {_default(key)} | {_meaning(key)} |"


def _type(key: Key) -> str:
    unit = f" {key.unit}" if key.unit else ""
    match key.type:
        case schema.Boolean():
            return "boolean"
        case schema.Integer(low, high, power_of_two):
            return f"integer {low}..{high}{unit}" + (", a power of two" if power_of_two else "")
        case schema.Choice():
            return "one of its words"
        case schema.CoreExpression():
            return "core expression"
        case schema.Record():
            return "inline table"
        case schema.Text(names=names):
            return f"name of a {names}" if names else "string"
    raise AssertionError(key.type)


def _default(key: Key) -> str:
    if key.required:
        return "required"
    plain = "" if key.default is None else f"`{schema.toml(key.default)}`"
    return "; ".join(part for part in (plain, key.computed.replace('"none"', '`"none"`')) if part)


def _meaning(key: Key) -> str:
    found = key.doc
    if isinstance(key.type, schema.Choice):
        found += ":" + "".join(
            f'<br>`"{value}"`: {meaning}' for value, meaning in zip(key.type.values, key.type.meanings))
    if isinstance(key.type, schema.Record):
        found += ":" + "".join(f"<br>`{part.name}`: {_type(part)}, {part.doc}" for part in key.type.keys.values())
        found += f"<br>`{key.sample}`"
    return found.replace("|", "\\|").replace("<NAME/topology.hpp>", "`<NAME/topology.hpp>`")
