"""The CPUs that a process may use now: those online, and those of its cpuset cgroup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from codegen.machine import host
from codegen.machine.kernel_lists import cpus_listed
from codegen.observing.proc import Denied, Gone, Process

_CGROUPS = PurePosixPath("sys/fs/cgroup")


@dataclass(frozen=True)
class Usable:
    """None where the system does not say."""

    online: frozenset[int] | None
    cpuset: frozenset[int] | None
    cpuset_file: str

    def missing(self, cpus: Iterable[int]) -> tuple[int, ...]:
        return tuple(cpu for cpu in cpus if any(known is not None and cpu not in known
                                                for known in (self.online, self.cpuset)))


def usable(process: Process) -> Usable:
    online = cpus_listed(host.text(process.root / "sys/devices/system/cpu/online"))
    for path in _cpuset_files(process):
        if cpus := cpus_listed(host.text(process.root / path)):
            return Usable(frozenset(online) or None, frozenset(cpus), f"/{path}")
    return Usable(frozenset(online) or None, None, "")


def _cpuset_files(process: Process) -> Iterator[PurePosixPath]:
    """The nearest one rules: a group without the controller has the CPUs of the one above it."""
    try:
        lines = process.read("cgroup").decode("utf-8", "replace").splitlines()
    except (Denied, Gone):
        return
    for line in lines:
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        group = PurePosixPath(path.lstrip("/") or ".")
        if ".." in group.parts:
            continue  # outside of the cgroup namespace that this command sees
        if "cpuset" in controllers.split(","):
            folder, name = _CGROUPS / "cpuset", "cpuset.effective_cpus"
        elif not controllers:
            folder, name = _CGROUPS, "cpuset.cpus.effective"
        else:
            continue
        for inner in (group, *group.parents):
            yield folder / inner / name
