"""tracepoints.py SOURCE READELF PROGRAM [TEST]: a program's tracepoints, and that bpftrace can attach to them.

Attaching takes root and a kernel that lets it; where that is missing the test is skipped and says what. A tracefs that
is not mounted is, where nobody else sees it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import ClassVar

ARGUMENTS = {"post": 3, "start": 4, "finish": 3, "steal": 4, "park": 3, "wake": 3}
NOTE = re.compile(r"Provider: (\S+)\s+Name: (\S+)\s+Location: (\w+), .*\s+Arguments: (.*)")
BREAKPOINT = {"x86_64": b"\xcc", "aarch64": b"\x05\x00\x20\xd4"}  # what an attached tracer has the kernel put there
PATIENCE = 60  # seconds


def has_probe_events() -> bool:
    return any(Path("/sys/kernel", folder, "uprobe_events").exists() for folder in ("tracing", "debug/tracing"))


def mount_and_run_again() -> None:
    """Does not return if it can."""
    if os.geteuid() != 0 or "PINFOLD_OWN_MOUNTS" in os.environ or shutil.which("unshare") is None:
        return
    mount = 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec "$0" "$@"'
    os.execvpe("unshare", ["unshare", "--mount", "sh", "-c", mount, sys.executable, *sys.argv],
               os.environ | {"PINFOLD_OWN_MOUNTS": "1"})


def why_not_attached() -> str | None:
    if shutil.which("bpftrace") is None:
        return "there is no bpftrace (Debian: apt-get install bpftrace)"
    if os.geteuid() != 0:
        return "bpftrace needs root"
    if not has_probe_events():
        return "the kernel has no uprobe_events: mount -t tracefs tracefs /sys/kernel/tracing, if it is built with them"
    empty = subprocess.run(["bpftrace", "-e", "BEGIN { exit(); }"], capture_output=True, text=True, timeout=50)
    return f"bpftrace cannot run here: {empty.stderr.strip()}" if empty.returncode != 0 else None


class Tracepoints(unittest.TestCase):
    source: ClassVar[str]
    readelf: ClassVar[str]
    program: ClassVar[str]

    def tracepoints(self) -> list[tuple[str, int, list[str]]]:
        """Names, addresses in the file, places of the arguments."""
        notes = subprocess.run([self.readelf, "--wide", "--notes", self.program], check=True, capture_output=True,
                               text=True).stdout
        return [(name, int(address, 16), places.split())
                for provider, name, address, places in NOTE.findall(notes) if provider == "pinfold"]

    def wait_until_attached(self, process: int) -> None:
        """bpftrace says that it attaches, and not when it has."""
        start = int(Path(f"/proc/{process}/maps").read_text(encoding="utf-8").split("-", 1)[0], 16)
        breakpoint = BREAKPOINT[platform.machine()]
        deadline = time.monotonic() + PATIENCE
        with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
            for name, address, _ in self.tracepoints():
                while os.pread(memory.fileno(), len(breakpoint), start + address) != breakpoint:
                    self.assertLess(time.monotonic(), deadline, f"bpftrace has not attached to {name}")
                    time.sleep(0.05)

    def test_each_has_its_arguments_where_a_tracer_can_read_them(self) -> None:
        found = self.tracepoints()
        self.assertEqual({name for name, _, _ in found}, set(ARGUMENTS))
        for name, _, places in found:
            self.assertEqual(len(places), ARGUMENTS[name], f"{name}: {places}")
            self.assertNotIn("%fs", " ".join(places), name)

    def test_bpftrace_counts_what_a_program_does(self) -> None:
        if reason := why_not_attached():
            self.skipTest(reason)
        with subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as observed:
            assert observed.stdin is not None and observed.stdout is not None
            self.assertEqual(observed.stdout.readline(), "ready\n")
            tracer = subprocess.Popen(["bpftrace", "-p", str(observed.pid), f"{self.source}/docs/tasks.bt"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            assert tracer.stdout is not None
            said = ""
            while "Attaching" not in said:
                line = tracer.stdout.readline()
                self.assertTrue(line, f"bpftrace ended: {said}")
                said += line
            self.wait_until_attached(observed.pid)
            observed.stdin.close()
            self.assertEqual(observed.wait(timeout=PATIENCE), 0)
            said += tracer.communicate(timeout=PATIENCE)[0]  # it ends with the process
        self.assertIn("@posts[work]: 100\n", said)
        self.assertIn("@tasks[work-0]: 100\n", said)
        self.assertIn("@sleeps[work-0]: ", said)
        self.assertIn("@task_us[work]:", said)
        self.assertIn("@wait_us[work]:", said)


if __name__ == "__main__":
    if not has_probe_events():
        mount_and_run_again()
    Tracepoints.source, Tracepoints.readelf, Tracepoints.program = sys.argv[1:4]
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
