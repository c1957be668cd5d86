"""The guest's whole file system, in memory: programs with the libraries that they load, a shell, and the scenarios."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

GUEST = Path(__file__).parent / "guest"
ROOT = Path(__file__).parent.parent.parent
VERSION = "include/pinfold/version.hpp"
PYTHON_LIBRARY = Path("/usr/lib/python3.11")
NOT_FOR_GUESTS = ("config-*", "idlelib", "lib2to3", "pydoc_data", "test", "tests", "unittest")
FOLDERS = ("bin", "dev", "proc", "sys", "tmp", "run")


class Initramfs:
    """Files laid out in a folder, packed when they are complete."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._root = folder
        for name in FOLDERS:
            (folder / name).mkdir(parents=True)
        self._copy(Path("/bin/busybox"), "bin/busybox")
        for script in sorted(GUEST.glob("*.sh")):
            self._copy(script, script.name)
        (folder / "init").symlink_to("init.sh")

    def add_program(self, program: Path) -> None:
        """At /bin, without its debugging information, and with its libraries at their places."""
        target = self._copy(program, f"bin/{program.name}")
        subprocess.run(["strip", "--strip-debug", target], check=True)
        self._add_libraries([program])

    def add_pinfold(self) -> None:
        """The command, at /pinfold/codegen/pinfold, with Debian's Python."""
        self._copy(Path("/usr/bin/python3"), "usr/bin/python3")
        self._add_tree(PYTHON_LIBRARY, str(PYTHON_LIBRARY)[1:], NOT_FOR_GUESTS)
        self._add_libraries([Path("/usr/bin/python3"), *PYTHON_LIBRARY.glob("lib-dynload/*.so")])
        self._add_tree(ROOT / "codegen", "pinfold/codegen")
        self._copy(ROOT / VERSION, f"pinfold/{VERSION}")

    def _add_tree(self, source: Path, at: str, without: Iterable[str] = ()) -> None:
        shutil.copytree(source, self._root / at, symlinks=True, ignore=shutil.ignore_patterns(*without))

    def _add_libraries(self, binaries: Iterable[Path]) -> None:
        for binary in binaries:
            # Of a library that lacks its own search path ldd says "not found"; the guest's loader will say so again.
            listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
            for path in re.findall(r"(/\S+) \(0x", listed):
                if not (self._root / path[1:]).exists():
                    self._copy(Path(path), path[1:])

    def pack(self, archive: Path) -> Path:
        """Not compressed: an emulated CPU takes longer to unpack than the host to hand it over."""
        names = "\n".join(str(path.relative_to(self._root)) for path in sorted(self._root.rglob("*")))
        with archive.open("wb") as output:
            subprocess.run(["cpio", "--create", "--format=newc", "--quiet", "--owner=0:0"], cwd=self._root,
                           input=names.encode(), stdout=output, check=True)
        return archive

    def _copy(self, source: Path, name: str) -> Path:
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(source, target))
