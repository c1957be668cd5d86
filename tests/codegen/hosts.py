"""Hosts that tests make up: the files of /proc and /sys that a comparison reads, below a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_LIMITS = """Limit                     Soft Limit           Hard Limit           Units
Max processes             {processes:<20} unlimited            processes
Max locked memory         {memory:<20} unlimited            bytes
Max nice priority         {nice:<20} 40
Max realtime priority     {priority:<20} 99
Max realtime timeout      {timeout:<20} unlimited            us
"""


def limits(*, processes: str = "4096", memory: str = "8388608", nice: str = "0", priority: str = "0",
           timeout: str = "unlimited") -> str:
    return _LIMITS.format(processes=processes, memory=memory, nice=nice, priority=priority, timeout=timeout)


def status(allowed: str, *, capabilities: int = 0) -> str:
    return f"Name:\tbash\nCapEff:\t{capabilities:016x}\nCpus_allowed:\tff\nCpus_allowed_list:\t{allowed}\n"


def threads(pid: int, *allowed: str) -> dict[str, str | None]:
    """The files of a process that has a thread with each of these masks; the first is main()'s."""
    tasks: dict[str, str | None] = {
        f"proc/{pid}/task/{pid + index}/status": status(mask) for index, mask in enumerate(allowed)}
    return {f"proc/{pid}/status": status(allowed[0]), **tasks}


def host(folder: Path, files: Mapping[str, str | None]) -> Path:
    """A plain host of 12 CPUs; `files` replaces what it says, and takes away where it is None."""
    plain: dict[str, str | None] = {
        "proc/cmdline": "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet",
        "proc/self/status": status("0-11"),
        "proc/self/limits": limits(),
        "proc/self/cgroup": "0::/user.slice\n",
        "proc/irq/default_smp_affinity": "fff",
        "proc/irq/24/smp_affinity_list": "0-11",
        "proc/irq/25/smp_affinity_list": "1",
        "proc/sys/kernel/sched_rt_runtime_us": "950000",
        "sys/devices/system/cpu/online": "0-11",
        "sys/devices/system/cpu/possible": "0-15",
        "sys/devices/system/cpu/isolated": "",
        "sys/devices/system/cpu/nohz_full": "(null)",
    }
    for name, text in {**plain, **files}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return folder
