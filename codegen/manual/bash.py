"""Completion for bash: the words of the parser around functions that look at files, processes and the topology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from codegen import schema
from codegen.catalogue import ENTRIES
from codegen.manual.surface import Argument, Command, CommandLine
from codegen.model import KINDS
from codegen.schema import Key
from codegen.start_problems import START_PROBLEMS

_FUNCTIONS = Path(__file__).resolve().parent.parent / "pages/completion.bash"

# By what the parser calls a value, which function of the script completes it, and with what.
COMPLETED = {
    "FILE": "files", "A": "files", "B": "files", "DIR": "folders", "PID": "processes", "DEVICE": "devices",
    "KEY=VALUE": "settings", "KIND,...": f"list {' '.join(KINDS)}",
    "ID": f"words {' '.join(sorted([*ENTRIES, *START_PROBLEMS]))}",
    "NAME": "nothing", "MAP": "nothing", "SECONDS": "nothing", "N": "nothing", "LIST": "nothing",
}
_TABLES: Mapping[str, Mapping[str, Key]] = {
    "topology": schema.TOPOLOGY, "process": schema.PROCESS,
    **{kind: {**schema.COMMON, **schema.OF_KIND[kind]} for kind in KINDS},
}


def script(line: CommandLine) -> str:
    return Template(_FUNCTIONS.read_text(encoding="utf-8")).substitute(
        commands=" ".join(command.name for command in line.commands),
        options="\n".join(f"    {command.name}) echo '{' '.join(_long(command))}' ;;" for command in line.commands),
        values="\n".join(_values(line)),
        kinds="|".join(KINDS),
        keys="\n".join(_keys()),
        words="\n".join(_words()),
    )


def _long(command: Command) -> Iterator[str]:
    """Options begin with the long names: short ones complete nothing."""
    for option in command.options:
        yield from (flag for flag in option.flags if flag.startswith("--"))


def _values(line: CommandLine) -> Iterator[str]:
    for command in line.commands:
        for option in command.options:
            if option.value:
                yield from (f"    '{command.name} {flag}') echo '{_completer(option)}' ;;" for flag in option.flags)
        for place, argument in enumerate(command.places):
            yield f"    '{command.name} {place}') echo '{_completer(argument)}' ;;"


def _completer(argument: Argument) -> str:
    return f"words {' '.join(argument.choices)}" if argument.choices else COMPLETED[argument.value]


def _keys() -> Iterator[str]:
    for table, keys in _TABLES.items():
        yield f"    {table}) echo '{' '.join(keys)}' ;;"


def _words() -> Iterator[str]:
    for key in {name: key for keys in _TABLES.values() for name, key in keys.items()}.values():
        match key.type:
            case schema.Boolean():
                yield f"    {key.name}) echo 'true false' ;;"
            case schema.Choice(values):
                yield f"    {key.name}) echo '{' '.join(values)}' ;;"
