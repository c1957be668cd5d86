"""What the parser takes, as plain values: commands, their arguments, and what each is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

_WIDE = 100_000  # columns: usage is one line


@dataclass(frozen=True)
class Argument:
    flags: tuple[str, ...]  # empty: it has a place, not a name
    value: str  # what to write for it, as FILE; "" of a switch
    choices: tuple[str, ...]
    help: str
    value_optional: bool = False

    @property
    def usage(self) -> str:
        value = f"[{self.value}]" if self.value_optional and self.flags else self.value
        return " ".join(filter(None, (", ".join(self.flags), value)))


@dataclass(frozen=True)
class Command:
    name: str
    help: str
    usage: str
    description: str
    epilog: str
    arguments: tuple[Argument, ...]

    @property
    def places(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if not argument.flags)

    @property
    def options(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.flags)


@dataclass(frozen=True)
class CommandLine:
    program: str
    description: str
    epilog: str
    commands: tuple[Command, ...]


def of(parser: argparse.ArgumentParser) -> CommandLine:
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    short = {action.dest: action.help or "" for action in commands._get_subactions()}
    return CommandLine(parser.prog, _flowing(parser.description), _flowing(parser.epilog), tuple(
        _command(name, short[name], each) for name, each in commands.choices.items()))


def _command(name: str, short: str, parser: argparse.ArgumentParser) -> Command:
    return Command(name, _flowing(short), _usage(parser), _flowing(parser.description), _flowing(parser.epilog),
                   tuple(_arguments(parser)))


def _usage(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(parser.prog, width=_WIDE)
    formatter.add_usage(None, parser._actions, parser._mutually_exclusive_groups, prefix="")
    return formatter.format_help().strip().replace(" [-h]", "")


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    formatter = argparse.HelpFormatter(parser.prog)
    for action in parser._actions:
        choices = tuple(map(str, action.choices or ()))
        if action.nargs == 0:
            value = ""
        else:
            value = str(action.metavar or ("{" + ",".join(choices) + "}" if choices else action.dest.upper()))
        yield Argument(tuple(action.option_strings), value, choices, _flowing(formatter._expand_help(action)),
                       action.nargs == "?")


def _flowing(text: str | None) -> str:
    return " ".join((text or "").split())
