"""What the figures belong to: processor, kernel, compilers, day."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from bench.runner.build import ROOT, Build

GOVERNORS = "devices/system/cpu/cpu*/cpufreq/scaling_governor"


def describe(build: Build) -> dict[str, str | int]:
    described: dict[str, str | int] = {
        "cpu": _cpu(_read(Path("/proc/cpuinfo"))),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": _memory(_read(Path("/proc/meminfo"))),
        "virtual": _virtual(_read(Path("/proc/cpuinfo")), Path("/sys")),
        "governor": _governor(Path("/sys")),
        "kernel": f"{platform.system()} {platform.release()}",
        "system": _system(_read(Path("/etc/os-release"))),
        "compiler": build.compiler,
        "flags": build.flags,
        "libraries": build.libraries,
    }
    if build.rust:
        described["rust"] = build.rust
    described["load"] = f"{os.getloadavg()[0]:.2f}"  # of the minute before
    described["pinfold"] = _commit(ROOT) or "not in a repository"
    described["date"] = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    return described


def _read(file: Path) -> str:
    """Nothing where there is no such file."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _cpu(cpuinfo: str) -> str:
    """Where the kernel does not name the model, as on many ARM machines: the architecture."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory(meminfo: str) -> int:
    found = re.search(r"^MemTotal:\s*(\d+) kB$", meminfo, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0


def _virtual(cpuinfo: str, sys: Path) -> str:
    """x86 processors say so in a flag; elsewhere the firmware's name of the machine has to do."""
    vendor = _read(sys / "class/dmi/id/sys_vendor").strip()
    if re.search(r"^flags\s*:.*\bhypervisor\b", cpuinfo, re.MULTILINE):
        return f"yes, {vendor}" if vendor else "yes"
    if re.search("QEMU|KVM|VMware|Xen|VirtualBox", vendor):
        return f"yes, {vendor}"
    return "no" if re.search(r"^flags\s*:", cpuinfo, re.MULTILINE) else "not known"


def _governor(sys: Path) -> str:
    """All that processors have; the kernel of a virtual machine knows none, as a rule."""
    found = sorted({_read(file).strip() for file in sys.glob(GOVERNORS)})
    return ", ".join(found) or "not known"


def _system(release: str) -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', release, re.MULTILINE)
    return found[1] if found else platform.system()


def _commit(root: Path) -> str:
    """And a plus, where files differ from it."""
    done = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty=+", "--exclude=*"],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip()
