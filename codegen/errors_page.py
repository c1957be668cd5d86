"""The page of all diagnostics, from the catalogue and a real message for each, and of all problems of start()."""

from __future__ import annotations

from pathlib import Path
from string import Template

from codegen import catalogue, examples
from codegen.catalogue import Entry
from codegen.start_problems import START_PROBLEMS, StartProblem

_WORDS = Path(__file__).resolve().parent / "pages/errors.md"


def page() -> str:
    entries = sorted(catalogue.ENTRIES.values(), key=lambda entry: entry.id)
    return Template(_WORDS.read_text(encoding="utf-8")).substitute(
        entries="\n".join(map(_section, entries)), start_problems="\n".join(map(_start, START_PROBLEMS.values())))


def _section(entry: Entry) -> str:
    return (f"### {entry.id}: {entry.title}\n\n{entry.severity.capitalize()}. {entry.explanation}\n\n"
            f"```text\n{examples.by_id()[entry.id]}```\n")


def _start(problem: StartProblem) -> str:
    severity = "Warning. " if problem.warns else ""
    return f"### {problem.id}: {problem.title}\n\n{severity}{problem.meaning}\n\nRemedy: {problem.remedy}\n"
