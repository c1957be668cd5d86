"""The inverse of document: JSON text back to the resolved topology that it was written from.

Origins that say nothing are not in the document, so they are not in what is read. The types of the model say what each
member must be, recorded_rules what is to be said beyond that.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

from codegen import document, recorded_rules, version
from codegen.diagnostics import shown
from codegen.machine.model import Cpu
from codegen.model import Topology

_EXTRA = frozenset(("format", "pinfold", "kinds"))  # of the document, beside the topology's members
_INTEGERS = range(-2**63, 2**64)  # no amount of anything is beyond these, sizes in bytes included


class Unreadable(Exception):
    """The text is no document of this pinfold; the message says why."""


@dataclass(frozen=True)
class Recorded:
    """A topology that was resolved before, perhaps by another pinfold."""

    topology: Topology
    pinfold: str  # the version that wrote it


def read(text: str | bytes) -> Recorded:
    """Raises Unreadable."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not JSON: {_reason(error)}") from None
    if not isinstance(found, dict) or "format" not in found:
        raise Unreadable("it is JSON, but not a resolved topology: it has no member 'format'")
    writer = shown(str(found.get("pinfold", "of an unknown version")), 40)
    if found["format"] != document.FORMAT or isinstance(found["format"], bool):
        raise Unreadable(
            f"pinfold {writer} wrote it in format {shown(str(found['format']), 20)}, and pinfold {version.text()} reads"
            f" format {document.FORMAT}: use the pinfold that wrote it")
    try:
        topology = _record(Topology, {key: value for key, value in found.items() if key not in _EXTRA}, "")
        for path, what in recorded_rules.faults(topology):
            _refuse(path, what)
    except Unreadable as error:
        if writer == version.text():
            raise
        raise Unreadable(f"{error}; pinfold {writer} wrote it, and this is pinfold {version.text()}") from None
    return Recorded(topology, writer)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it nests too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return shown(str(error))


def _value(type: Any, value: object, path: str) -> Any:
    outer, inner = get_origin(type), get_args(type)
    if outer in (types.UnionType, Union):
        return None if value is None else _value(inner[0], value, path)  # the model writes `X | None`
    if outer is tuple:
        return tuple(_value(inner[0], item, f"{path}[{index}]") for index, item in enumerate(_list(value, path)))
    if outer is not None and issubclass(outer, Mapping):
        return types.MappingProxyType(
            {key: _value(inner[1], item, f"{path}.{key}") for key, item in _object(value, path).items()})
    if type is Cpu:
        return _cpu(value, path)
    if is_dataclass(type):
        return _record(type, _object(value, path), path)
    if not isinstance(value, type) or (isinstance(value, bool) and type is not bool):
        _refuse(path, f"is not {_TYPES[type]}")
    if type is int and value not in _INTEGERS:
        _refuse(path, "has more than 64 bits")
    return value


_TYPES = {str: "a string", int: "an integer", bool: "true or false"}


def _record(type: Any, members: Mapping[str, object], path: str) -> Any:
    hints = get_type_hints(type)
    for name in members:
        if name not in hints:
            _refuse(f"{path}.{name}", "is unknown")
    values = {}
    for field in fields(type):
        if field.name in members:
            values[field.name] = _value(hints[field.name], members[field.name], f"{path}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            _refuse(f"{path}.{field.name}", "is missing")
    return type(**values)


def _cpu(value: object, path: str) -> Cpu:
    numbers = [_value(int, item, f"{path}[{index}]") for index, item in enumerate(_list(value, path))]
    if len(numbers) != len(fields(Cpu)):
        _refuse(path, f"has {len(numbers)} numbers instead of {len(fields(Cpu))}")
    return replace(Cpu(*numbers), allowed=bool(numbers[-1]))


def _list(value: object, path: str) -> list[object]:
    return value if isinstance(value, list) else _refuse(path, "is not a list")


def _object(value: object, path: str) -> dict[str, object]:
    return value if isinstance(value, dict) else _refuse(path, "is not an object")


def _refuse(path: str, what: str) -> NoReturn:
    raise Unreadable(f"it is no resolved topology: {shown(path.removeprefix('.') or 'the whole', 80)} {what}")
