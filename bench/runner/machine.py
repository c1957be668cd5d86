"""What the figures belong to: processor, kernel, compilers."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from bench.runner.build import Build


def describe(build: Build) -> dict[str, str | int]:
    described: dict[str, str | int] = {
        "cpu": _cpu(Path("/proc/cpuinfo")),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": f"{platform.system()} {platform.release()}",
        "compiler": build.compiler,
        "flags": build.flags,
    }
    if build.rust:
        described["rust"] = build.rust
    return described


def _cpu(cpuinfo: Path) -> str:
    """Where the kernel does not name the model, as on many ARM machines: the architecture."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()
