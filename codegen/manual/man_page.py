"""The manual page, section 1, in the man macros of roff."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen import version
from codegen.manual import words
from codegen.manual.surface import Argument, Command, CommandLine

_WORD_OF_USAGE = re.compile(r"--?[a-z][a-z-]*|[A-Z]+(?:=[A-Z]+)?")


def text(line: CommandLine) -> str:
    return "\n".join(_lines(line)) + "\n"


def _lines(line: CommandLine) -> Iterator[str]:
    name = line.program
    yield '.\\" Generated from the parser of pinfold: pinfold manual'
    yield f'.TH {name.upper()} 1 "" "{name} {version.text()}" "User Commands"'
    yield from (".SH NAME", f"{name} \\- static thread layouts out of one file, the topology")
    yield from (".SH SYNOPSIS", f"\\fB{name}\\fR \\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]", ".br",
                f"\\fB{name} \\-\\-version\\fR")
    yield from (".SH DESCRIPTION", _prose(line.description))
    yield ".SH COMMANDS"
    for command in line.commands:
        yield from (".TP", f"\\fB{name} {command.name}\\fR", _prose(_sentence(command.help)))
    for command in line.commands:
        yield from _command(command, line.epilog)
    yield from (".SH EXIT STATUS", _prose(line.epilog))
    yield ".SH ENVIRONMENT"
    for variable, meaning in words.ENVIRONMENT:
        yield from (".TP", f"\\fB{variable}\\fR", _prose(_sentence(meaning)))
    yield ".SH EXAMPLES"
    for purpose, commands in words.EXAMPLES:
        yield from (".TP", _prose(f"{purpose}:"), ".nf", *map(_escaped, commands), ".fi")
    yield ".SH SEE ALSO"
    pages = (re.sub(r"(.+)(\(\d\))", r"\\fB\1\\fR\2", page.replace("-", "\\-")) for page in words.SEE_ALSO)
    yield ",\n".join(pages)


def _command(command: Command, usual_end: str) -> Iterator[str]:
    yield from (f".SH {_escaped(command.name.upper())}", _usage(command.usage), ".PP", _prose(command.description))
    for argument in (*command.places, *command.options):
        yield from (".TP", _head(argument), _prose(_sentence(argument.help)))
    if command.epilog != usual_end:
        yield from (".PP", _prose(command.epilog))


def _head(argument: Argument) -> str:
    flags = ", ".join(f"\\fB{_escaped(flag)}\\fR" for flag in argument.flags)
    if argument.choices:
        value = "|".join(f"\\fB{_escaped(choice)}\\fR" for choice in argument.choices)
    else:
        value = f"\\fI{_escaped(argument.value)}\\fR" if argument.value else ""
    if argument.flags and argument.value_optional:
        value = f"[{value}]"
    return " ".join(filter(None, (flags, value)))


def _usage(usage: str) -> str:
    """With what is typed as it stands in bold, and what stands for something else in italics."""
    program, command, *rest = usage.split(" ", 2)
    marked = "".join(_WORD_OF_USAGE.sub(_marked, part) for part in rest)
    return f"\\fB{program} {command}\\fR {marked}".rstrip()


def _marked(found: re.Match[str]) -> str:
    font = "B" if found[0].startswith("-") else "I"
    return f"\\f{font}{_escaped(found[0])}\\fR"


def _prose(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"\\fB\1\\fR", _escaped(text))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _escaped(text: str) -> str:
    """As roff prints it again: it has special characters, and its lines do not begin with a control character."""
    found = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{found}" if found.startswith((".", "'")) else found
