"""What is said of the machine, as the kernel's files have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.runner import machine

INTEL = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu vme {flag}\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd\n"


def sys_with(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("cpuinfo", "vendor", "said"),
    [
        (INTEL.format(flag="hypervisor"), "", "yes"),
        (INTEL.format(flag="hypervisor"), "Amazon EC2\n", "yes, Amazon EC2"),
        (INTEL.format(flag="sse"), "Dell Inc.\n", "no"),
        (ARM, "QEMU\n", "yes, QEMU"),
        (ARM, "", "not known"),
    ],
)
def test_whether_the_machine_is_virtual(tmp_path: Path, cpuinfo: str, vendor: str, said: str) -> None:
    files = {"class/dmi/id/sys_vendor": vendor} if vendor else {}

    assert machine._virtual(cpuinfo, sys_with(tmp_path, files)) == said


def test_the_governor_is_that_of_all_processors_or_every_one_that_there_is(tmp_path: Path) -> None:
    place = "devices/system/cpu/cpu{}/cpufreq/scaling_governor"

    assert machine._governor(tmp_path) == "not known"
    assert machine._governor(sys_with(tmp_path, {place.format(0): "performance\n"})) == "performance"
    assert machine._governor(sys_with(tmp_path, {place.format(1): "powersave\n"})) == "performance, powersave"


def test_a_processor_without_a_name_is_told_by_its_architecture() -> None:
    assert machine._cpu(INTEL) == "Intel(R) Xeon(R)"
    assert machine._cpu(ARM) in ("x86_64", "aarch64")


def test_memory_is_what_the_kernel_has() -> None:
    assert machine._memory("MemTotal:        8123456 kB\nMemFree: 1 kB\n") == 7933
