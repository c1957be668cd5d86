"""The reference page of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template

from codegen.manual import words
from codegen.manual.surface import Command, CommandLine

_WORDS = Path(__file__).resolve().parent.parent / "pages/command_line.md"


def text(line: CommandLine) -> str:
    return Template(_WORDS.read_text(encoding="utf-8")).substitute(
        description=line.description,
        list="\n".join(f"| [`{command.name}`](#{command.name}) | {command.help} |" for command in line.commands),
        epilog=line.epilog,
        environment="\n".join(f"| `{name}` | {_cell(meaning)} |" for name, meaning in words.ENVIRONMENT),
        examples="\n\n".join(map(_example, *zip(*words.EXAMPLES))),
        commands="\n\n".join("\n".join(_command(command, line.epilog)) for command in line.commands),
    )


def _example(purpose: str, commands: tuple[str, ...]) -> str:
    return "\n".join((f"{purpose}:", "", "```sh", *commands, "```"))


def _command(command: Command, usual_end: str) -> Iterator[str]:
    yield from (f"### {command.name}", "", "```text", command.usage, "```", "", command.description, "")
    yield from ("| argument | meaning |", "| --- | --- |")
    for argument in (*command.places, *command.options):
        yield f"| `{_cell(argument.usage)}` | {_cell(argument.help)} |"
    if command.epilog != usual_end:
        yield from ("", command.epilog)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
