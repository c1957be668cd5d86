"""What generated files were made from, for those who must know without Python whether they still are.

The text is compared by cmake/pinfold_checked_in.cmake: the request as CMake writes it, and the hash of every file.
"""

from __future__ import annotations

import contextlib
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
        *(line for label, path in inputs.items() for line in _one_line(f"input {_hash(path)}", [label])),
        *(f"output {_hash(path)} {path.name}" for path in outputs),
    ]
    return "".join(f"{line}\n" for line in lines)


def remove_others(folder: Path, name: str) -> None:
    """What was generated in `folder` under other names, as far as it still is what was generated."""
    for stamp in sorted(folder.glob(f"*/{NAME}")):
        if stamp.parent.name == name or stamp.parent.is_symlink() or not stamp.is_file():
            continue
        lines = [line.split(" ", 2) for line in stamp.read_text(encoding="utf-8", errors="replace").splitlines()]
        outputs = [(stamp.parent / line[2], line[1]) for line in lines if len(line) == 3 and line[0] == "output"]
        for path, expected in outputs:
            if path.parent == stamp.parent and path.is_file() and _hash(path) == expected:
                path.unlink()
        stamp.unlink()
        with contextlib.suppress(OSError):  # somebody else has a file there
            stamp.parent.rmdir()


def _request(request: Request) -> Iterator[str]:
    yield f"pinfold {version.text()}"
    yield from _one_line("file", [request.label(request.file)])
    yield from _one_line("overlay", map(request.label, request.overlays))
    yield from _one_line("environment", [request.environment] if request.environment else [])
    yield from _one_line("set", request.settings)


def _one_line(word: str, values: Iterable[str]) -> Iterator[str]:
    return (f"{word} {value}".replace("\n", "\\n") for value in values)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
