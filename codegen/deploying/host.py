"""What a host says of itself under /proc and /sys: values, or the file that does not say it and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from codegen.machine.kernel_lists import cpu_list, cpu_mask

SYS_NICE, IPC_LOCK = 23, 14  # bits of a capability mask

T = TypeVar("T")


class Unreadable(Exception):
    """The text names the file as the host knows it, and says why it cannot be used."""


@dataclass(frozen=True)
class Host:
    root: Path
    pid: str  # "self" or a number

    def text(self, path: str) -> str:
        try:
            return (self.root / path.lstrip("/")).read_text(encoding="utf-8", errors="replace").strip("\0\n ")
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}") from None

    def exists(self, path: str) -> bool:
        return (self.root / path.lstrip("/")).exists()

    def cpus(self, path: str) -> frozenset[int]:
        return self._parsed(path, cpu_list)

    def number(self, path: str) -> int:
        return self._parsed(path, int)

    def cpu_mask(self, path: str) -> frozenset[int]:
        return self._parsed(path, cpu_mask)

    def _parsed(self, path: str, parse: Callable[[str], T]) -> T:
        text = self.text(path)
        try:
            return parse(text)
        except ValueError:
            raise Unreadable(f"{path}: not understood: {text[:40]!r}") from None

    def command_line(self) -> dict[str, str]:
        """The kernel's parameters; of one that is given twice the last."""
        words = (word.partition("=") for word in self.text("/proc/cmdline").split())
        return {name: value for name, _, value in words}

    def limit(self, name: str) -> int | None:
        """The soft limit of the process. None: unlimited."""
        path = self.process_file("limits")
        found = re.search(rf"^{re.escape(name)} +(\S+)", self.text(path), re.MULTILINE)
        if not found or not (found[1] == "unlimited" or found[1].isdecimal()):
            raise Unreadable(f"{path}: has no '{name}'")
        return None if found[1] == "unlimited" else int(found[1])

    def allowed(self) -> frozenset[int]:
        """To the process's first thread, which a running topology moves to [process] cores."""
        return self._status(self.process_file("status"), "Cpus_allowed_list", cpu_list)

    def allowed_to_threads(self) -> frozenset[int]:
        """To any thread of the process."""
        folder = self.process_file("task")
        try:
            threads = sorted(entry.name for entry in (self.root / folder.lstrip("/")).iterdir())
        except OSError as error:
            raise Unreadable(f"{folder}: {error.strerror}") from None
        paths = [f"{folder}/{thread}/status" for thread in threads]
        masks = [self._status(path, "Cpus_allowed_list", cpu_list) for path in paths if self.exists(path)]
        if not masks:
            raise Unreadable(f"{folder}: has no thread")
        return frozenset[int]().union(*masks)

    def has_capability(self, bit: int) -> bool:
        return bool(self._status(self.process_file("status"), "CapEff", lambda text: int(text, 16)) >> bit & 1)

    def _status(self, path: str, key: str, parse: Callable[[str], T]) -> T:
        found = re.search(rf"^{key}:\s*(.*)$", self.text(path), re.MULTILINE)
        try:
            return parse(found[1].strip() if found else "?")
        except ValueError:
            raise Unreadable(f"{path}: has no usable '{key}'") from None

    def process_file(self, name: str) -> str:
        return f"/proc/{self.pid}/{name}"

    def cgroup(self) -> str:
        """The process's own in the v2 hierarchy, from its root."""
        path = self.process_file("cgroup")
        found = re.search(r"^0::(/.*)$", self.text(path), re.MULTILINE)
        if not found:
            raise Unreadable(f"{path}: names no cgroup v2")
        return found[1].rstrip("/")

    def interrupts(self) -> Iterator[tuple[str, frozenset[int]]]:
        """Each interrupt with the CPUs that it may run on."""
        folder = self.root / "proc/irq"
        try:
            numbers = sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal())
        except OSError as error:
            raise Unreadable(f"/proc/irq: {error.strerror}") from None
        for number in numbers:
            yield str(number), self.cpus(f"/proc/irq/{number}/smp_affinity_list")
