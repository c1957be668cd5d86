"""Where the threads of a pool without cores run: on the CPUs that main() has."""

from __future__ import annotations

from codegen.model import Pool, Process


def inherited(pool: Pool, process: Process) -> tuple[int, ...]:
    """Empty for a pool with cores, and where the kernel may choose among all CPUs of the process.

    It may for policy deadline, whatever [process] cores says: the kernel refuses that policy to narrower threads.
    """
    return () if pool.cores or pool.policy == "deadline" else process.cores or ()
