"""Whether a process may do what the topology does: limits, capabilities, devices, realtime throttling."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.deploying.facts import Facts
from codegen.deploying.host import IPC_LOCK, SYS_NICE, Host, Unreadable
from codegen.deploying.isolation import Isolation
from codegen.deploying.piece import of_process
from codegen.deploying.question import Question

_THROTTLE = "/proc/sys/kernel/sched_rt_runtime_us"
_LATENCY = "/dev/cpu_dma_latency"


def questions(facts: Facts, isolation: Isolation, host: Host) -> Iterator[Question]:
    process = facts.topology.process
    if facts.realtime:
        wanted = facts.realtime.value
        yield Question("realtime priority", f"at least {wanted}",
                       lambda: _limit(host, "Max realtime priority", wanted, SYS_NICE),
                       f"LimitRTPRIO={wanted} in the unit, rtprio {wanted} in /etc/security/limits.conf, or setcap"
                       " cap_sys_nice+ep", facts.realtime.why)
        yield Question("realtime time without a pause", "unlimited", lambda: _limit(host, "Max realtime timeout", None),
                       "LimitRTTIME=infinity in the unit", facts.realtime.why)
    if facts.nice:
        least = 20 - facts.nice.value
        yield Question("nice limit", f"at least {least} (nice {facts.nice.value})",
                       lambda: _limit(host, "Max nice priority", least, SYS_NICE),
                       f"LimitNICE={facts.nice.value} in the unit, nice {facts.nice.value} in"
                       " /etc/security/limits.conf, or setcap cap_sys_nice+ep", facts.nice.why)
    if facts.deadline:
        yield Question("CAP_SYS_NICE", "effective", lambda: _capability(host, SYS_NICE),
                       "AmbientCapabilities=CAP_SYS_NICE in the unit, or setcap cap_sys_nice+ep", facts.deadline)
    if process.lock_memory:
        yield Question("locked memory", "unlimited", lambda: _limit(host, "Max locked memory", None, IPC_LOCK),
                       "LimitMEMLOCK=infinity in the unit, or memlock unlimited in /etc/security/limits.conf",
                       (of_process(process, "lock_memory"),))
    yield Question("processes and threads of the user", f"at least {facts.threads}",
                   lambda: _limit(host, "Max processes", facts.threads),
                   "LimitNPROC= in the unit, or nproc in /etc/security/limits.conf", facts.threads_why)
    if facts.never_yields:
        yield Question(_THROTTLE, "-1", lambda: _throttle(host),
                       "sysctl kernel.sched_rt_runtime_us=-1, on a host whose other CPUs remain free: busy realtime"
                       " threads are stopped for the rest of each period otherwise", facts.never_yields)
    if process.cpu_dma_latency_us is not None:
        yield Question(_LATENCY, "there", lambda: _device(host), "a kernel with CONFIG_CPU_IDLE, and in a container"
                       " --device=/dev/cpu_dma_latency", (of_process(process, "cpu_dma_latency_us"),))


def _limit(host: Host, name: str, wanted: int | None, capability: int | None = None) -> tuple[bool, str]:
    """`wanted` None: no limit at all. A process with the capability needs no limit."""
    limit = host.limit(name)
    found = "unlimited" if limit is None else str(limit)
    if limit is None or wanted is not None and limit >= wanted:
        return True, found
    if capability is not None and host.has_capability(capability):
        return True, f"{found}, and the capability that stands in for it"
    return False, found


def _capability(host: Host, bit: int) -> tuple[bool, str]:
    held = host.has_capability(bit)
    return held, "effective" if held else "not held"


def _throttle(host: Host) -> tuple[bool, str]:
    runtime = host.number(_THROTTLE)
    return runtime == -1, str(runtime)


def _device(host: Host) -> tuple[bool, str]:
    if not host.exists(_LATENCY):
        raise Unreadable(f"{_LATENCY}: No such file or directory")
    return True, "there"
