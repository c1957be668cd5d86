"""The schema as JSON Schema (draft 7): what editors complete and check while a topology is written.

It knows one table at a time. What concerns several values, or a name's meaning, is left to `pinfold check`. So is what
a topology must have: an overlay is of the same form, and has only what it changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from codegen import cores, names, schema
from codegen.model import KINDS
from codegen.schema import Key

Schema = dict[str, Any]

_NO_CONTROL = r"[^\u0000-\u001f\u007f]"


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"


def document() -> Schema:
    docs = {table.title: table.doc for table in schema.TABLES}
    properties: Schema = {
        "topology": {**_table(schema.TOPOLOGY), "description": docs["topology"]},
        "process": {**_table(schema.PROCESS), "description": docs["process"]},
        "cores": {**_named("set_name", of_key(schema.CORE_SET)), "description": docs["cores"]},
    }
    for kind in KINDS:
        properties[kind] = _named("pool_name", _definition(f"{kind}_pool"))
    aliases = {kind: _named("pool_name", of_key(schema.ALIAS)) for kind in KINDS}
    properties["aliases"] = {**_object(aliases), "description": docs["aliases.KIND"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pinfold topology or overlay",
        **_object(properties),
        "definitions": {
            "core_expression": _core_expression(),
            "set_name": {"pattern": f"^{cores.SET_NAME}$", "not": {"enum": sorted(cores.RESERVED_SET_NAMES)}},
            "pool_name": {"pattern": f"^{names.PATTERN}$", "not": {"enum": sorted(names.reserved())}},
            "topology_name": {"pattern": f"^{names.PATTERN}$", "not": {"enum": sorted(names.reserved_namespaces())}},
            **{f"{kind}_pool": {**_table(schema.POOLS[kind]), "description": docs[f"{kind}.NAME"]} for kind in KINDS},
        },
    }


def _definition(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _object(properties: Mapping[str, object]) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _named(names_of: str, value: object) -> Schema:
    """A table whose keys the user names."""
    return {"type": "object", "propertyNames": _definition(names_of), "additionalProperties": value}


def _table(keys: Mapping[str, Key]) -> Schema:
    return _object({name: of_key(key) for name, key in keys.items()})


def of_key(key: Key) -> Schema:
    shown = {"description": _description(key)}
    if key.default is not None:
        return {**shown, "default": key.default, **_type(key)}
    return {**shown, **_type(key)}


def _description(key: Key) -> str:
    sentences = [key.doc[:1].upper() + key.doc[1:]]
    if isinstance(key.type, schema.Choice):
        sentences[0] += ": " + "; ".join(
            f'"{value}": {meaning}' for value, meaning in zip(key.type.values, key.type.meanings))
    if key.unit:
        sentences.append(f"Unit: {key.unit}")
    if key.computed:
        sentences.append(f"Default: {key.computed}")
    return ". ".join(sentences) + "."


def _type(key: Key) -> Schema:
    match key.type:
        case schema.Boolean():
            return {"type": "boolean"}
        case schema.Integer(low, high, power_of_two):
            powers = {"enum": [1 << bit for bit in range(high.bit_length()) if low <= 1 << bit <= high]}
            return {"type": "integer", "minimum": low, "maximum": high, **(powers if power_of_two else {})}
        case schema.Choice(values):
            return {"type": "string", "enum": list(values)}
        case schema.CoreExpression():
            return {"allOf": [_definition("core_expression")]}
        case schema.Record(keys):
            return {**_table(keys), "required": list(keys)}
        case schema.Text() as wanted:
            return _text(wanted)
    raise AssertionError(key.type)


def _text(wanted: schema.Text) -> Schema:
    if wanted.names:
        return {"type": "string", "allOf": [_definition(f"{wanted.names}_name")]}
    found: Schema = {"type": "string"}
    if not wanted.empty:
        found["minLength"] = 1
    if wanted.one_line:
        found["pattern"] = f"^{_NO_CONTROL}*$"
    return found


def _core_expression() -> Schema:
    """`pattern` concerns strings only, the limits numbers only, and so on."""
    cpu: Schema = {"minimum": 0, "maximum": schema.MAX_CPU}
    return {"type": ["string", "integer", "array"], "pattern": f"^{cores.PATTERN}$", **cpu,
            "minItems": 1, "items": {"type": "integer", **cpu}}
