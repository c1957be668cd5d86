"""The values of a pool as the header, the report and the pictures word them."""

from __future__ import annotations

from codegen import reach
from codegen.cores import format_cpus
from codegen.model import Pool, Process


def thread_count(pool: Pool) -> str:
    """`4`, `1 + 2 blocking`, `2 + up to 16`."""
    blocking = f" + {pool.blocking_threads} blocking" if pool.blocking_threads else ""
    managed = f" + up to {pool.max_threads}" if pool.max_threads else ""
    return f"{pool.threads}{blocking}{managed}"


def where(pool: Pool, process: Process) -> str:
    """`1-4`, `6-8 shared`, `0 of the process`, `anywhere`."""
    if cpus := reach.inherited(pool, process):
        return f"{format_cpus(cpus)} of the process"
    shared = {"thread": "", "set": " shared", "none": " not pinned"}[pool.pin]
    return format_cpus(pool.cores) + shared if pool.cores else "anywhere"


def policy(pool: Pool) -> str:
    """`other`, `fifo 50`, `other nice 5`, `deadline 100/200/200 us`."""
    if pool.deadline is not None:
        due = pool.deadline
        return f"{pool.policy} {due.runtime_us}/{due.deadline_us}/{due.period_us} us"
    nice = f" nice {pool.nice}" if pool.nice is not None else ""
    priority = f" {pool.priority}" if pool.priority else ""
    return f"{pool.policy}{priority}{nice}"


def idle(pool: Pool) -> str:
    """`park`, `spin 50 us`."""
    return f"spin {pool.spin_us} us" if pool.idle == "spin" else pool.idle


def measures(pool: Pool) -> str:
    """Nothing, or `, metrics counters`."""
    return "" if pool.metrics == "off" else f", metrics {pool.metrics}"
