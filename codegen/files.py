"""How files are written: nothing is replaced that is no regular file, or that the same command has read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def is_one_of(name: str | Path, files: Iterable[str | Path]) -> bool:
    """Whether it is the same file as one of those, under whatever name."""
    try:
        return any(os.path.samefile(name, file) for file in files)
    except (OSError, ValueError):
        return False  # it is not there yet, or cannot be: writing says why


def replace_if_changed(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Readers see the old file or the new one, and build tools see no new file where nothing changed. A link stays, and
    leads to the new file; a device or pipe is written to. Of `mode` a new file has what the umask leaves."""
    content = text.encode("utf-8", "surrogateescape")
    if path.is_file() and path.read_bytes() == content:
        return
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(mode & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process has one thread: nobody meets the other mask."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
