"""How generated files are written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace_if_changed(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Readers see the old file or the new one, and build tools see no new file where nothing changed."""
    content = text.encode("utf-8", "surrogateescape")
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
