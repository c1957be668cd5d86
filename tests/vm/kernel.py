"""Debian's kernel for virtual machines: taken out of its package, which is not installed, so that no host's boot menu
changes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

META_PACKAGE = "linux-image-cloud-amd64"


class NoKernel(Exception):
    """Says what went wrong and what helps."""


def fetch(folder: Path) -> Path:
    """The kernel image, downloaded into `folder` if it is not there. Raises NoKernel."""
    ready = folder / "vmlinuz"
    if ready.exists():
        return ready
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name).resolve()
        _run(["apt-get", "download", "-q", _package()], work)
        (archive,) = work.glob("*.deb")
        _run(["dpkg-deb", "-x", str(archive), "content"], work)
        (image,) = work.glob("content/boot/vmlinuz-*")
        shutil.move(image, ready)
    return ready


def _package() -> str:
    """The kernel package that the meta package stands for today."""
    for line in _run(["apt-cache", "depends", META_PACKAGE]).splitlines():
        kind, _, package = line.strip().partition(": ")
        if kind == "Depends" and package.startswith("linux-image-"):
            return package
    raise NoKernel(f"apt knows no kernel behind {META_PACKAGE}; `apt-get update` may help")


def _run(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoKernel(f"`{' '.join(command)}` failed; `apt-get update` may help:\n{done.stderr.strip()}")
    return done.stdout
