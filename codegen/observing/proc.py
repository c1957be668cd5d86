"""A process and its threads as /proc shows them, below a root. What ends while it is read is left out, not a fault."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from codegen.machine import host
from codegen.machine.kernel_lists import cpus_listed
from codegen.model import Deadline
from codegen.observing import deadline

_POLICIES = {0: "other", 1: "fifo", 2: "rr", 3: "batch", 5: "idle", 6: "deadline"}
_KERNEL_THREAD = 0x00200000  # PF_KTHREAD
_ENDED = ("Z", "X", "x")


class Gone(Exception):
    """There is no such process, or not any more; the message says which."""


class Denied(Exception):
    """The kernel does not let this user look; the message is the file."""


@dataclass(frozen=True)
class Stat:
    """The part of /proc/PID/stat, or of a thread's, that matters here."""

    name: str
    state: str  # R: it runs or wants to
    ticks: int  # of CPU time, in user and in kernel mode
    nice: int
    started: int  # in ticks since boot
    cpu: int  # on which it runs, or ran last
    priority: int  # of fifo and rr; else 0
    policy: str
    kernel: bool  # a thread of the kernel's own


@dataclass(frozen=True)
class Thread:
    tid: int
    stat: Stat
    cpus: tuple[int, ...]  # on which it may run, ascending
    deadline: Deadline | None  # of policy deadline, where the kernel tells

    @property
    def name(self) -> str:
        return self.stat.name


@dataclass(frozen=True)
class Process:
    """One that was there when it was opened. Every question may raise Gone or Denied."""

    root: Path
    pid: int
    name: str
    started: int  # tells it from a later process of the same number
    kernel: bool
    deadline_of: Callable[[int], Deadline | None]

    @property
    def binary(self) -> Path:
        """The file that runs, also where it was replaced or removed since."""
        return next(self._with_memory(), self._folder) / "exe"

    def arguments(self) -> list[str]:
        return _strings(self.read("cmdline"))

    def environment(self, name: str) -> str | None:
        """As the process was started with; what it sets by itself does not show."""
        entries = (entry.partition("=") for entry in _strings(self.read("environ")))
        return next((value for key, equals, value in entries if equals and key == name), None)

    def threads(self) -> tuple[Thread, ...]:
        """Those that live, the oldest first."""
        found = [thread for tid in self._task_ids() if (thread := self._thread(tid)) is not None]
        if not found or not self.lives():
            raise Gone(f"process {self.pid} has ended")
        return tuple(sorted(found, key=lambda thread: (thread.stat.started, thread.tid)))

    def lives(self) -> bool:
        stat = read_stat(self._folder)
        return stat is not None and stat.started == self.started

    def read(self, name: str) -> bytes:
        for folder in self._with_memory():
            try:
                return (folder / name).read_bytes()
            except PermissionError:
                raise Denied(f"/proc/{self.pid}/{name}") from None
            except OSError:
                pass  # it has ended since; another thread may be there
        raise Gone(f"process {self.pid} has ended")

    @property
    def _folder(self) -> Path:
        return _folder(self.root, self.pid)

    def _with_memory(self) -> Iterator[Path]:
        """Folders of threads that have the process's memory: the main one may have left before the others."""
        folders = (self._folder, *map(self.task_folder, self._task_ids()))
        return (folder for folder in folders if not _has_ended(folder))

    def task_folder(self, tid: int) -> Path:
        return self._folder / "task" / str(tid)

    def _task_ids(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._folder / "task") if name.isdecimal()]
        except OSError:
            return []

    def _thread(self, tid: int) -> Thread | None:
        folder = self.task_folder(tid)
        allowed = _status(folder, "Cpus_allowed_list")
        stat = read_stat(folder)
        if stat is None or stat.state in _ENDED or not allowed:
            return None
        parameters = self.deadline_of(tid) if stat.policy == "deadline" else None
        return Thread(tid, stat, tuple(sorted(cpus_listed(allowed))), parameters)


def open_process(root: Path, pid: int) -> Process:
    """Raises Gone."""
    folder = _folder(root, pid)
    stat = read_stat(folder)
    if stat is None:
        raise Gone(f"there is no process {pid} that this user can see")
    leader = _status(folder, "Tgid")
    if leader not in ("", str(pid)):
        raise Gone(f"{pid} is a thread of process {leader}, and no process")
    ask = deadline.of_thread if root == host.ROOT else _nobody
    return Process(root, pid, stat.name, stat.started, stat.kernel, ask)


def read_stat(folder: Path) -> Stat | None:
    """Of /proc/PID or /proc/PID/task/TID. None: it has ended."""
    text = host.text(folder / "stat")
    name, closed, rest = text[text.find("(") + 1:].rpartition(")")  # a name may hold both
    fields = rest.split()  # from the third on, as proc(5) counts them
    try:
        return Stat(name, fields[0], int(fields[11]) + int(fields[12]), int(fields[16]), int(fields[19]),
                    int(fields[36]), int(fields[37]), _POLICIES.get(int(fields[38]), f"policy {fields[38]}"),
                    bool(int(fields[6]) & _KERNEL_THREAD))
    except (IndexError, ValueError):
        return None


def _has_ended(folder: Path) -> bool:
    stat = read_stat(folder)
    return stat is None or stat.state in _ENDED


def _folder(root: Path, pid: int) -> Path:
    return root / "proc" / str(pid)


def _status(folder: Path, key: str) -> str:
    found = re.search(rf"^{key}:\s*(\S+)$", host.text(folder / "status"), re.MULTILINE)
    return found[1] if found else ""


def _strings(content: bytes) -> list[str]:
    return [part.decode("utf-8", "replace") for part in content.removesuffix(b"\0").split(b"\0")] if content else []


def _nobody(tid: int) -> Deadline | None:
    return None
