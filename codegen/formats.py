"""The forms in which diagnostics are printed: one for people, one for each kind of program that reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from codegen import diagnostics
from codegen.diagnostics import Diagnostic, Problems
from codegen.source import Place

Lines = Callable[[Diagnostic], Iterator[str]]


def text(problems: Problems, file: str, *, colour: bool = False) -> str:
    shown = "".join(diagnostics.render(problem, colour=colour) for problem in problems)
    return shown + (diagnostics.summary(problems, file) if problems.errors else "")


def document(problems: Problems, file: str, answer: Mapping[str, object]) -> str:
    """JSON: `answer` is what the command says beside the diagnostics."""
    found = {
        "file": file, "errors": problems.errors, "warnings": problems.warnings, **answer,
        "diagnostics": [_plain(problem) for problem in problems],
    }
    return json.dumps(found, indent=2) + "\n"


def _plain(problem: Diagnostic) -> dict[str, object]:
    return {
        "id": problem.id, "severity": problem.severity, **_position(problem.place), "message": problem.text,
        "notes": [_position(note.place) | {"message": note.text} if note.place else {"message": note.text}
                  for note in problem.notes],
        "help": problem.help,
    }


def _position(place: Place) -> dict[str, object]:
    return {"file": place.source.name, "line": place.line, "column": place.column,
            "end_column": place.column + place.length}


def _github(problem: Diagnostic) -> Iterator[str]:
    """A workflow command. What is no file cannot be annotated: its place opens the message."""
    place = problem.place
    properties: dict[str, object] = {"title": problem.id}
    message = _said(problem)
    if place.source.is_file:
        properties = {"file": place.source.name, "line": place.line, "col": place.column,
                      "endColumn": place.column + place.length, **properties}
    notes = [f"note: {diagnostics.location(note.place)}: {note.text}" if note.place else f"note: {note.text}"
             for note in problem.notes]
    whole = "\n".join([message, *notes, *([f"help: {problem.help}"] if problem.help else [])])
    listed = ",".join(f"{name}={_escaped(str(value), property=True)}" for name, value in properties.items())
    yield f"::{problem.severity} {listed}::{_escaped(whole)}"


def _escaped(value: str, *, property: bool = False) -> str:
    for character in "%\r\n" + (":," if property else ""):
        value = value.replace(character, f"%{ord(character):02X}")
    return value


def _gcc(problem: Diagnostic) -> Iterator[str]:
    """With the lines that GCC, too, shows: its readers pass over them, and builds are read by people as well."""
    yield f"{_gcc_origin(problem.place)}: {problem.severity}: {_said(problem)} [{problem.id}]"
    yield from diagnostics.excerpt(problem.place)
    for place, remark in _remarks(problem):
        yield f"{_gcc_origin(place)}: note: {remark}"
        if place is not problem.place:
            yield from diagnostics.excerpt(place)


def _msvc(problem: Diagnostic) -> Iterator[str]:
    yield f"{_msvc_origin(problem.place)}: {problem.severity} {problem.id}: {_said(problem)}"
    for place, remark in _remarks(problem):
        yield f"{_msvc_origin(place)}: note: {remark}"


def _gcc_origin(place: Place) -> str:
    """--set and PINFOLD_SET are no files that an IDE could open: there, as with GCC's own options, the tool speaks."""
    return diagnostics.location(place) if place.source.is_file else "pinfold"


def _msvc_origin(place: Place) -> str:
    return f"{place.source.name}({place.line},{place.column})" if place.source.is_file else "pinfold "


def _said(problem: Diagnostic) -> str:
    """The text, after the place where the line's form has none for it."""
    file = problem.place.source.is_file
    return problem.text if file else f"{diagnostics.location(problem.place)}: {problem.text}"


def _remarks(problem: Diagnostic) -> Iterator[tuple[Place, str]]:
    """Notes and help; those without a place in a file belong to the problem's."""
    for note in problem.notes:
        if note.place is None or note.place.source.is_file:
            yield note.place or problem.place, note.text
        else:
            yield problem.place, f"{diagnostics.location(note.place)}: {note.text}"
    if problem.help:
        yield problem.place, problem.help


def lines(form: Lines, problems: Problems) -> str:
    return "".join(f"{line}\n" for problem in problems for line in form(problem))


LINES: Mapping[str, Lines] = {"gcc": _gcc, "msvc": _msvc, "github": _github}  # by name; a program reads them by line
NAMES = ("text", "json", *LINES)
