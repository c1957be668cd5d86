"""What generated files were made from, for those who must know without Python whether they still are.

The text is compared by cmake/pinfold_checked_in.cmake: the request as CMake writes it, and the hash of every file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from codegen import version
from codegen.layers import Request

NAME = "topology.inputs"


def text(request: Request, inputs: Mapping[str, Path], outputs: Sequence[Path]) -> str:
    """`inputs`: every file that was read, by its name in generated text, as in Topology.inputs."""
    lines = [
        *_request(request),
        *(f"input {_hash(path)} {label}" for label, path in inputs.items()),
        *(f"output {_hash(path)} {path.name}" for path in outputs),
    ]
    return "".join(f"{line}\n" for line in lines)


def _request(request: Request) -> Iterator[str]:
    yield f"pinfold {version.text()}"
    yield f"file {request.label(request.file)}"
    yield from (f"overlay {request.label(path)}" for path in request.overlays)
    yield from _one_line("environment", [request.environment] if request.environment else [])
    yield from _one_line("set", request.settings)


def _one_line(word: str, values: Iterable[str]) -> Iterator[str]:
    return (f"{word} {value}".replace("\n", "\\n") for value in values)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
