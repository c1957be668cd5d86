"""What the kernel says of the host that this runs on and hwloc does not: isolated CPUs, and a description with them.

Every path is below `root`, so that a copy of another host's /proc and /sys can be read in their place."""

from __future__ import annotations

import re
from pathlib import Path

from codegen.machine import describe, hwloc
from codegen.machine.kernel_lists import cpus_listed

ROOT = Path("/")
_MACHINE = re.compile(r'<object type="Machine"[^>]*[^/]>\n')


def isolated(root: Path = ROOT) -> tuple[int, ...]:
    return cpus_listed(text(root / "sys/devices/system/cpu/isolated"))


def text(path: Path) -> str:
    """Of a file of the kernel, without blanks around it; "" where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except (OSError, ValueError):
        return ""


def capture(root: Path = ROOT) -> str:
    """The host as XML for [topology] machine, isolated CPUs included. Raises hwloc.Unusable."""
    xml = hwloc.export(None)
    cpus = ",".join(map(str, isolated(root)))
    if not cpus:
        return xml
    info = f'    <info name="{describe.ISOLATED}" value="{cpus}"/>\n'
    return _MACHINE.sub(lambda found: found[0] + info, xml, count=1)
