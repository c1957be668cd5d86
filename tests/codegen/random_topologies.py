"""Topologies at random of which a good part is valid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from codegen import schema
from codegen.model import KINDS

TERMS = ("0", "1-3", "0-7:2", "4-9", "8", "!2", "take:1", "take:9", "rest", "a", "b", "!a")
MACHINE_TERMS = (*TERMS[:9], "take:2", "hw:numa:0", "!hw:core:0", "hw:core:0-1.pu:0", "hw:all")
_WRONG: tuple[Any, ...] = (True, 0, -1, 2.5, "", "zz", [], [1, "2"], {}, {"a": 1})
_WRONG_TERMS = ("0-7:0", "3-0", "take:0", "!rest", "c", "65536", "hw:numa:0", "")
_NAMES = {kind: [f"{kind}_a", f"{kind}_b", "default", f"{kind}_c"] for kind in KINDS}


def structure(random: Random, terms: Sequence[str] = TERMS) -> dict[str, Any]:
    found: dict[str, Any] = {"topology": {"name": "md"}, "process": {"cpuset": "0-9"},
                             "cores": {"a": "1-3", "b": _expression(random, terms)}, "aliases": {}}
    if random.random() < 1 / 6:
        found["topology"] |= _table(random, schema.TOPOLOGY, ["md", "int"], terms)
        found["process"] |= _table(random, schema.PROCESS, ["x"], terms)
    for kind in random.sample(KINDS, random.randint(1, 2)):
        names = _NAMES[kind]
        found[kind] = {name: {"threads": 1} | _table(random, schema.POOLS[kind], names, terms)
                       for name in random.sample(names, random.randint(1, 3))}
        if random.random() < 0.5:
            aliases = random.sample(["x", "y", *names], random.randint(0, 2))
            found["aliases"][kind] = {alias: random.choice(names) for alias in aliases}
    return found


def written(structure: Mapping[str, Mapping[str, Any]]) -> str:
    lines = []
    for title, table in structure.items():
        lines.append(f"[{title}]")
        lines += [f"{name} = {_spelled(value)}" for name, value in table.items()]
    return "\n".join(lines) + "\n"


def _table(random: Random, keys: Mapping[str, schema.Key], names: Sequence[str], terms: Sequence[str]) -> Any:
    """A few keys of the table, one value in thirty wrong."""
    few = min(random.randint(0, 3), random.randint(0, 3), len(keys))
    chosen = random.sample(sorted(keys), few)
    return {name: random.choice(_WRONG) if random.random() < 1 / 30 else _right(random, keys[name], names, terms)
            for name in chosen}


def _right(random: Random, key: schema.Key, names: Sequence[str], terms: Sequence[str]) -> Any:
    match key.type:
        case schema.Boolean():
            return random.random() < 0.5
        case schema.Integer(low, high):
            return random.choice((low, high, *range(max(low, 0), max(low, 0) + 3)))
        case schema.Choice(choices, _):
            return random.choice(choices)
        case schema.CoreExpression():
            return random.choice((_expression(random, terms), random.sample(range(10), 2), random.randrange(10)))
        case schema.Record(keys):
            return dict.fromkeys(keys, random.randint(2, 5))
        case _:
            return random.choice(names)


def _expression(random: Random, terms: Sequence[str]) -> str:
    """One in thirty wrong."""
    chosen = random.choices(terms, k=random.randint(1, 3))
    if random.random() < 1 / 30:
        chosen[0] = random.choice(_WRONG_TERMS)
    return ",".join(chosen)


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_spelled(item)}" for name, item in value.items()) + "}"
    return "[" + ", ".join(map(_spelled, value)) + "]" if isinstance(value, list) else json.dumps(value)
