"""What the parser takes, as plain values: commands, their arguments, and what each is."""

from __future__ import annotations

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Argument:
    flags: tuple[str, ...]  # empty: it has a place, not a name
    value: str  # what to write for it, as FILE; "" of a switch
    choices: tuple[str, ...]
    help: str
    value_optional: bool = False

    @property
    def usage(self) -> str:
        """With all its names."""
        return " ".join(filter(None, (", ".join(self.flags), self._value)))

    @property
    def shown(self) -> str:
        """With the last of them, which is the long one."""
        return " ".join(filter(None, (*self.flags[-1:], self._value)))

    @property
    def _value(self) -> str:
        return f"[{self.value}]" if self.value_optional and self.flags else self.value


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
                   tuple(map(_argument, parser._actions)))


def _usage(parser: argparse.ArgumentParser) -> str:
    """On one line: the options, then what has a place."""
    group_of = {id(action): id(group) for group in parser._mutually_exclusive_groups
                for action in group._group_actions}
    parts: dict[int, str] = {}  # by action, or by group of actions of which only one can be given
    required: set[int] = set()
    for action in sorted(parser._actions, key=lambda action: not action.option_strings):
        if isinstance(action, argparse._HelpAction):
            continue
        part = group_of.get(id(action), id(action))
        shown = _argument(action).shown
        parts[part] = f"{parts[part]} | {shown}" if part in parts else shown
        if action.required:
            required.add(part)
    return " ".join((parser.prog, *(text if part in required else f"[{text}]" for part, text in parts.items())))


def _argument(action: argparse.Action) -> Argument:
    choices = tuple(map(str, action.choices or ()))
    value = str(action.metavar or ("{" + ",".join(choices) + "}" if choices else action.dest.upper()))
    return Argument(tuple(action.option_strings), "" if action.nargs == 0 else value, choices,
                    _flowing((action.help or "") % vars(action)), action.nargs == "?")


def _flowing(text: str | None) -> str:
    return " ".join((text or "").split())
