"""Reads another system's configuration file, TOML or JSON, as a tree of values with their places."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from codegen import tree
from codegen.diagnostics import Note, Problems, quoted
from codegen.imports import json_places
from codegen.locate import MAX_DEPTH, NestedTooDeep
from codegen.read import open_source, parse
from codegen.source import Source
from codegen.tree import Node

_NOT_JSON = "files that end in .json are JSON, which python3 -m json.tool checks; all others are TOML"


def read(path: str, problems: Problems) -> Node | None:
    """The whole file as one table; None where it cannot be read to its end."""
    ending = os.path.splitext(path)[1].lower()
    source = open_source(path, name=path, label=os.path.basename(path), layer="file", rank=0, problems=problems)
    if source is None:
        return None
    if ending in (".yaml", ".yml"):
        problems.add("PF065", source.top, "YAML is not read, only TOML and JSON",
                     help="convert it, with yq for example: yq -o json FILE.yaml > FILE.json")
        return None
    root = _json(source, problems) if ending == ".json" else _toml(source, problems)
    return None if root is None else Node(root, source.top, source.top)


def _toml(source: Source, problems: Problems) -> Mapping[str, Node] | None:
    document = parse(source, problems)
    return None if document.incomplete or problems.errors else document.root


def _json(source: Source, problems: Problems) -> Mapping[str, Node] | None:
    try:
        values = json.loads(source.text, parse_constant=_refuse_constant)
        spots = json_places.locate(source.text)
    except json.JSONDecodeError as error:
        problems.add("PF065", source.place(error.pos, error.pos + 1), f"not JSON: {_lowered(error.msg)}",
                     help=_NOT_JSON)
        return None
    except json_places.DuplicateMember as error:
        problems.add("PF013", source.place(*error.span), f"{quoted(error.name)} is set twice",
                     notes=[Note("first here", source.place(*error.first))],
                     help="keep one of them")
        return None
    except (NestedTooDeep, RecursionError) as error:
        place = source.place(*error.span) if isinstance(error, NestedTooDeep) else source.top
        problems.add("PF004", place, f"objects and arrays are nested deeper than {MAX_DEPTH} levels",
                     help="name the file with the configuration of the threads")
        return None
    except ValueError as error:  # NaN and its like, and integers too long for Python
        problems.add("PF065", source.top, f"not JSON: {_lowered(str(error).partition(';')[0])}", help=_NOT_JSON)
        return None
    if not isinstance(values, dict):
        problems.add("PF065", source.top, "not a configuration: the file must hold one JSON object",
                     help="the keys stand in braces: {\"KEY\": VALUE}")
        return None
    return tree.build(source, values, spots, lines=source.lines)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
