"""The files in tests/topology: one fault each, with the exact text that `check` prints beside it. And those in
tests/import, with what `import` says of them, and in tests/import/imported the topologies that it writes.

A first line "# arguments: ..." or "# environment: ..." adds command line arguments or sets PINFOLD_SET. To see what a
changed message does to all files, and to accept it: PYTHONPATH=. python3 tests/codegen/faults.py
That also chooses the examples of `pinfold explain` and docs/errors.md anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from codegen import cli, examples

TESTS = Path(__file__).resolve().parent.parent
FOLDER = TESTS / "topology"
IMPORTS = TESTS / "import"  # configurations of other systems: agave_NAME and loom_NAME
IMPORTED = IMPORTS / "imported"  # the topologies that they become
EXAMPLES = TESTS.parent / "codegen/pages/examples.txt"


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


def run(arguments: Sequence[str], *, environment: str = "", folder: Path = FOLDER) -> Outcome:
    """The command line in this process, from `folder`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), mock.patch.dict(os.environ, {"PINFOLD_SET": environment}):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(arguments)
    return Outcome(status, out.getvalue(), err.getvalue())


def topologies() -> Iterator[Path]:
    yield from sorted(FOLDER.glob("*.toml"))


def configurations() -> Iterator[Path]:
    yield from sorted(path for path in IMPORTS.iterdir() if path.suffix in (".toml", ".json", ".yaml"))


def check(file: Path, *more: str) -> Outcome:
    first = _first_line(file)
    environment = first.removeprefix("# environment:").strip() if first.startswith("# environment:") else ""
    return run(["check", file.name, *_arguments(first), *more], environment=environment)


def import_(file: Path) -> Outcome:
    system = file.stem.partition("_")[0]
    return run(["import", system, file.name, *_arguments(_first_line(file))], folder=file.parent)


def expected_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.expected") if file.parent == IMPORTS else file.with_suffix(".expected")


def expected(file: Path) -> str:
    return expected_file(file).read_text(encoding="utf-8")


def imported(file: Path) -> Path:
    return IMPORTED / f"{file.stem}.toml"


def chosen_examples() -> str:
    """For each ID the shortest message that a file of one fault shows."""
    found: dict[str, str] = {}
    for file in (*topologies(), *configurations()):
        messages = examples.split(expected(file))
        if len(messages) == 1:
            id, message = messages[0]
            found[id] = min(found.get(id, message), message, key=lambda text: (len(text), text))
    return "".join(found[id] for id in sorted(found))


def _first_line(file: Path) -> str:
    return file.read_bytes().split(b"\n", 1)[0].decode("utf-8", "replace")


def _arguments(first: str) -> list[str]:
    return shlex.split(first.removeprefix("# arguments:")) if first.startswith("# arguments:") else []


if __name__ == "__main__":
    for topology in topologies():
        outcome = check(topology)
        expected_file(topology).write_text(outcome.err + outcome.out, encoding="utf-8")
    IMPORTED.mkdir(exist_ok=True)
    for configuration in configurations():
        outcome = import_(configuration)
        expected_file(configuration).write_text(outcome.err, encoding="utf-8")
        if outcome.status == 0:
            imported(configuration).write_text(outcome.out, encoding="utf-8")
    EXAMPLES.write_text(chosen_examples(), encoding="utf-8")
