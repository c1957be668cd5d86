"""Completion for fish: a declaration for each command, option and argument of the parser."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.catalogue import ENTRIES
from codegen.manual.surface import Argument, Command, CommandLine
from codegen.model import KINDS
from codegen.start_problems import START_PROBLEMS

_FILES = "-F"

# By what the parser calls a value, what completes it: files, a list, or nothing.
COMPLETED = {
    "FILE": _FILES, "A": _FILES, "B": _FILES, "DIR": "-a '(__fish_complete_directories)'",
    "PID": "-a '(__fish_complete_pids)'", "DEVICE": "-a '(__fish_print_interfaces)'",
    "KIND,...": f"-a '{' '.join(KINDS)}'", "ID": f"-a '{' '.join(sorted([*ENTRIES, *START_PROBLEMS]))}'",
    "KEY=VALUE": "", "NAME": "", "MAP": "", "SECONDS": "", "N": "", "LIST": "",
}


def script(line: CommandLine) -> str:
    return "\n".join(_lines(line)) + "\n"


def _lines(line: CommandLine) -> Iterator[str]:
    name = line.program
    yield f"# Completion of {name} for fish. Generated from {name}'s parser: {name} completion fish"
    yield f"complete -c {name} -f"  # no files, but where it says so below
    for command in line.commands:
        yield f"complete -c {name} -n __fish_use_subcommand -a {command.name} -d {_quoted(command.help)}"
    for command in line.commands:
        yield from _of(command, f"complete -c {name} -n '__fish_seen_subcommand_from {command.name}'")


def _of(command: Command, start: str) -> Iterator[str]:
    for completer in dict.fromkeys(map(_completer, command.places)):
        if completer:
            yield f"{start} {completer}"
    for option in command.options:
        parts = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
        if option.value:
            completer = _completer(option)
            parts += ["-r" if completer == _FILES else "-x", completer]  # -x: a value that is no file
        yield " ".join((start, *filter(None, parts), "-d", _quoted(option.help)))


def _completer(argument: Argument) -> str:
    return f"-a '{' '.join(argument.choices)}'" if argument.choices else COMPLETED[argument.value]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
