"""The files in tests/topology: one fault each, with the exact text that `check` prints beside it.

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

FOLDER = Path(__file__).resolve().parent.parent / "topology"
EXAMPLES = FOLDER.parent.parent / "codegen/pages/examples.txt"


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


def check(file: Path, *more: str) -> Outcome:
    first = file.read_bytes().split(b"\n", 1)[0].decode("utf-8", "replace")
    arguments = shlex.split(first.removeprefix("# arguments:")) if first.startswith("# arguments:") else []
    environment = first.removeprefix("# environment:").strip() if first.startswith("# environment:") else ""
    return run(["check", file.name, *arguments, *more], environment=environment)


def expected(topology: Path) -> str:
    return topology.with_suffix(".expected").read_text(encoding="utf-8")


def chosen_examples() -> str:
    """For each ID the shortest message that a file of one fault shows."""
    found: dict[str, str] = {}
    for topology in topologies():
        messages = examples.split(expected(topology))
        if len(messages) == 1:
            id, message = messages[0]
            found[id] = min(found.get(id, message), message, key=lambda text: (len(text), text))
    return "".join(found[id] for id in sorted(found))


if __name__ == "__main__":
    for topology in topologies():
        outcome = check(topology)
        topology.with_suffix(".expected").write_text(outcome.err + outcome.out, encoding="utf-8")
    EXAMPLES.write_text(chosen_examples(), encoding="utf-8")
