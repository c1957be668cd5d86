"""What the kernel itself says of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from codegen.machine import host
from codegen.observing import deadline, proc


def test_a_process_whose_main_thread_has_left_is_read_by_another_one() -> None:
    leave = "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(60,)).start();" \
            " ctypes.CDLL(None).pthread_exit(None)"
    with subprocess.Popen([sys.executable, "-c", leave], env={**os.environ, "WHO": "it"}) as left:
        try:
            main = host.ROOT / "proc" / str(left.pid)
            limit = time.monotonic() + 60
            while (stat := proc.read_stat(main)) is not None and stat.state != "Z" and time.monotonic() < limit:
                time.sleep(0.01)
            process = proc.open_process(host.ROOT, left.pid)
            assert process.binary.samefile(sys.executable)
            assert process.arguments()[1] == "-c"
            assert process.environment("WHO") == "it"
            assert len(process.threads()) == 1
            assert process.threads()[0].tid != left.pid
        finally:
            left.kill()


def test_the_kernel_tells_the_deadline_of_no_plain_thread() -> None:
    assert deadline.of_thread(1) is None
