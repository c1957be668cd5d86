"""observe_demo.py SOURCE PROGRAM: the demo's own process, as `pinfold verify` and `pinfold top` see it while it works.

It runs the layout `contending` first and `dedicated` after it, each for as long as it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import ClassVar

CPUS = os.sched_getaffinity(0)
POOLS = ["asio.client", "asio.api", "asio.feed", "tbb.compute"]
SECONDS = 7


@unittest.skipIf(len(CPUS) < 2, "the demo's layouts are for two CPUs")
class ObservedDemo(unittest.TestCase):
    source: ClassVar[str]
    program: ClassVar[str]

    def setUp(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "PINFOLD_CPU_MAP"}
        self.process = subprocess.Popen(
            [self.program, "--connections", "8", "--rounds", "1", "--seconds", str(SECONDS)],
            stdout=subprocess.DEVNULL, env=environment)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)

    def pinfold(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "codegen", *arguments]
        outcome = subprocess.run(command, env={**os.environ, "PYTHONPATH": self.source}, capture_output=True, text=True,
                                 timeout=50)
        self.assertEqual(outcome.stderr, "")
        return outcome

    def threads(self) -> dict[str, int]:
        """By name; those that end meanwhile are left out."""
        found = {}
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                found[(task / "comm").read_text(encoding="utf-8").strip()] = int(task.name)
            except OSError:
                continue
        return found

    def wait_for_layout(self, *, pinned: bool) -> dict[str, int]:
        """Until this layout has run for half a second: the demo tries both for a moment before it measures."""
        since = None
        for _ in range(2000):
            self.assertIsNone(self.process.poll(), "the demo has ended")
            threads = self.threads()
            try:
                runs = "feed-0" in threads and (os.sched_getaffinity(threads["feed-0"]) != CPUS) == pinned
            except ProcessLookupError:
                runs = False
            since = (since or time.monotonic()) if runs else None
            if since is not None and time.monotonic() > since + 0.5:
                return threads
            time.sleep(0.02)
        raise AssertionError(f"the layout does not run: {threads}")

    def check_top(self, layout: str, threads: dict[str, int]) -> None:
        outcome = self.pinfold("top", str(self.process.pid), "--once", "--json", "--interval", "0.5")
        self.assertEqual(outcome.returncode, 0)
        found = json.loads(outcome.stdout)
        self.assertEqual(found["topologies"], [layout])
        self.assertEqual([pool["pool"] for pool in found["pools"]], POOLS)
        for pool in found["pools"]:
            name = pool["pool"].split(".")[1]
            self.assertEqual({thread["name"]: thread["tid"] for thread in pool["threads"]},
                             {thread: tid for thread, tid in threads.items() if thread.startswith(name + "-")})
            self.assertGreater(pool["cpu_percent"], 0.0, pool)

    def test_the_demo_is_seen_at_work_and_a_thread_that_taskset_moved_is_reported(self) -> None:
        threads = self.wait_for_layout(pinned=False)
        verified = self.pinfold("verify", str(self.process.pid))
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.assertIn(": topology contending (contending.toml), ", verified.stdout)
        self.check_top("contending", threads)

        threads = self.wait_for_layout(pinned=True)
        verified = self.pinfold("verify", str(self.process.pid))
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.assertIn(": topology dedicated (dedicated.toml), ", verified.stdout)
        print(verified.stdout)
        self.check_top("dedicated", threads)

        moved = threads["feed-0"]
        declared = os.sched_getaffinity(moved)
        elsewhere = min(CPUS - declared)
        subprocess.run(["taskset", "-pc", str(elsewhere), str(moved)], check=True, stdout=subprocess.DEVNULL)
        verified = self.pinfold("verify", str(self.process.pid))
        self.assertEqual(verified.returncode, 1, verified.stdout)
        self.assertIn(f"drift  asio.feed thread 0: feed-0 ({moved}) may run on {elsewhere}; declared {min(declared)}",
                      verified.stdout)
        print(verified.stdout)


if __name__ == "__main__":
    ObservedDemo.source, ObservedDemo.program = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], "-v"])
