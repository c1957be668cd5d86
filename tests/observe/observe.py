"""observe.py SOURCE PROGRAM: what `pinfold verify` and `pinfold top` say of a process that really runs.

The program's topology is of four CPUs, and a CPU map puts it onto those that this machine has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, ClassVar

CPUS = sorted(os.sched_getaffinity(0))
HOME, WORK = CPUS[0], CPUS[-1]
MAP = f"0:{HOME};1-3:{WORK}"


class Observed:
    """The program, running."""

    def __init__(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "PINFOLD_CPU_MAP": MAP}
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "running\n"

    def thread(self, name: str) -> int:
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            if (task / "comm").read_text(encoding="utf-8").strip() == name:
                return int(task.name)
        raise AssertionError(f"no thread {name}")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.communicate(timeout=20)


class Observation(unittest.TestCase):
    source: ClassVar[str]
    program: ClassVar[str]

    def setUp(self) -> None:
        self.observed = Observed(self.program)
        self.addCleanup(lambda: self.observed.end())

    def pinfold(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "codegen", *arguments]
        return subprocess.run(command, env={**os.environ, "PYTHONPATH": self.source}, capture_output=True, text=True,
                              timeout=50)

    def verify(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.pinfold("verify", str(self.observed.process.pid), *arguments)

    def findings(self) -> list[Any]:
        outcome = self.verify("--json")
        self.assertIn(outcome.returncode, (0, 1), outcome.stderr)
        found = json.loads(outcome.stdout)
        drift = [finding for finding in found["findings"] if finding["severity"] == "drift"]
        self.assertEqual((outcome.returncode, found["drift"]), (1, True) if drift else (0, False))
        return drift

    def test_a_process_as_it_was_started_has_no_drift(self) -> None:
        outcome = self.verify()
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""), outcome.stdout)
        self.assertIn(f"CPU map {MAP} from PINFOLD_CPU_MAP\n", outcome.stdout)
        self.assertIn("no drift: 3 threads as declared\n", outcome.stdout)
        print(outcome.stdout)

    def test_a_thread_that_taskset_moved_is_named(self) -> None:
        if len(CPUS) == 1:
            self.skipTest("a thread cannot be moved on a machine that lends one CPU")
        tid = self.observed.thread("net-0")
        subprocess.run(["taskset", "-pc", str(HOME), str(tid)], check=True, stdout=subprocess.DEVNULL)
        outcome = self.verify()
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertIn(f"drift  asio.net thread 0: net-0 ({tid}) may run on {HOME}; declared {WORK},", outcome.stdout)
        print(outcome.stdout)
        subprocess.run(["taskset", "-pc", str(WORK), str(tid)], check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.findings(), [])

    def test_a_thread_of_another_policy_is_named(self) -> None:
        tid = self.observed.thread("work-0")
        subprocess.run(["chrt", "-i", "-p", "0", str(tid)], check=True)
        self.assertEqual([(each["kind"], each["tids"]) for each in self.findings()], [("policy", [tid])])

    def test_watch_tells_a_moved_thread_and_ends_with_the_process(self) -> None:
        if len(CPUS) == 1:
            self.skipTest("a thread cannot be moved on a machine that lends one CPU")
        command = [sys.executable, "-P", "-m", "codegen", "verify", str(self.observed.process.pid), "--watch", "0.1",
                   "--json"]
        environment = {**os.environ, "PYTHONPATH": self.source}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as watching:
            assert watching.stdout is not None and watching.stderr is not None
            self.assertFalse(json.loads(watching.stdout.readline())["drift"])
            tid = self.observed.thread("net-b0")
            subprocess.run(["taskset", "-pc", str(HOME), str(tid)], check=True, stdout=subprocess.DEVNULL)
            found = json.loads(watching.stdout.readline())
            self.assertEqual([each["tids"] for each in found["findings"] if each["kind"] == "affinity"], [[tid]])
            self.observed.end()
            _, said = watching.communicate(timeout=20)
        self.assertEqual((watching.returncode, said),
                         (1, f"pinfold: note: process {self.observed.process.pid} has ended\n"))

    def top(self, *, seconds: float = 0.5) -> Any:
        outcome = self.pinfold("top", str(self.observed.process.pid), "--once", "--json", "--interval", str(seconds))
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
        return json.loads(outcome.stdout)

    def test_top_sees_who_works(self) -> None:
        self.observed.end()
        self.observed = Observed(self.program, "--busy")
        found = self.top(seconds=1)
        work = next(pool for pool in found["pools"] if pool["pool"] == "native.work")
        self.assertEqual([thread["name"] for thread in work["threads"]], ["work-0", "decoder"])
        busy, idle = work["threads"]
        self.assertEqual((busy["tid"], busy["cpu"]), (self.observed.thread("work-0"), WORK))
        self.assertEqual(busy["state"], "R")
        self.assertGreater(busy["cpu_percent"], 0.0)  # nothing more: it is nice, and the machine may be full
        self.assertEqual(idle["cpu_percent"], 0.0)
        self.assertEqual([core["cpu"] for core in found["cores"]], [WORK])
        self.assertGreater(found["cores"][0]["interrupts"]["local"] + found["cores"][0]["interrupts"]["devices"], 0)
        print(json.dumps(work, indent=2))

    def test_top_names_a_foreign_thread_and_its_process(self) -> None:
        spinning = "while True: pass"
        with subprocess.Popen(["taskset", "-c", str(WORK), sys.executable, "-c", spinning]) as intruder:
            try:
                foreign = [each for _ in range(3) for core in self.top()["cores"] for each in core["foreign_threads"]
                           if each["pid"] == intruder.pid]
            finally:
                intruder.kill()
        self.assertTrue(foreign)
        self.assertEqual(foreign[0]["owner"], "other")
        self.assertGreater(max(each["cpu_percent"] for each in foreign), 1.0)

    def test_watch_is_interrupted_without_a_word(self) -> None:
        command = [sys.executable, "-P", "-m", "codegen", "verify", str(self.observed.process.pid), "--watch"]
        # A test run in a shell's background has interrupts ignored, and so would the command.
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": self.source}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as watching:
            assert watching.stdout is not None
            self.assertTrue(watching.stdout.readline().startswith("-- "))
            watching.send_signal(signal.SIGINT)
            _, said = watching.communicate(timeout=20)
        self.assertEqual((watching.returncode, said), (0, ""))


if __name__ == "__main__":
    Observation.source, Observation.program = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], "-v"])
