"""A drop-in for the process's systemd service: CPUs, limits and rights."""

from __future__ import annotations

from collections.abc import Iterable

from codegen import cxx
from codegen.cores import format_cpus
from codegen.deploying.facts import Facts, Right
from codegen.deploying.isolation import Isolation
from codegen.deploying.piece import Piece, Setting, commented, comments, of_process
from codegen.diagnostics import counted

OTHER_THREADS = 64  # room for main() and the threads that libraries and the program make

_LISTS = ("CPUAffinity", "AllowedCPUs")  # systemd adds each list to those before it; an empty one takes them away


def piece(facts: Facts, isolation: Isolation) -> Piece:
    settings = tuple(_settings(facts, isolation))
    notes = tuple(_notes(facts, isolation))
    topology = facts.topology
    head = comments([f"What the topology '{topology.name}' ({cxx.shown(topology.file)}) asks of its service. Install"
                     " as /etc/systemd/system/NAME.service.d/10-pinfold.conf, then: systemctl daemon-reload"])
    text = "\n".join([*head, "[Service]", *commented(settings), *comments(notes)]) + "\n"
    return Piece("systemd", "systemd drop-in", "10-pinfold.conf", settings, notes, text)


def _settings(facts: Facts, isolation: Isolation) -> Iterable[Setting]:
    process = facts.topology.process
    if facts.process:
        for name in _LISTS:
            yield Setting(name, "", ())
            yield Setting(name, format_cpus(facts.process), facts.process_why)
    if isolation.method == "partition":
        yield Setting("Slice", "-.slice", facts.partition_why)
        yield Setting("ExecStartPre", _make_partition(isolation.partition), facts.partition_why)
    if facts.realtime:
        yield Setting("LimitRTPRIO", str(facts.realtime.value), facts.realtime.why)
        yield Setting("LimitRTTIME", "infinity", facts.realtime.why)
    if facts.nice:
        yield Setting("LimitNICE", str(facts.nice.value), facts.nice.why)
    if facts.realtime or facts.deadline:
        yield Setting("RestrictRealtime", "no", (*(facts.realtime.why if facts.realtime else ()), *facts.deadline))
    if facts.deadline:
        yield Setting("AmbientCapabilities", "CAP_SYS_NICE", facts.deadline)
    if process.lock_memory:
        yield Setting("LimitMEMLOCK", "infinity", (of_process(process, "lock_memory"),))
    yield Setting("TasksMax", str(facts.threads + OTHER_THREADS), facts.threads_why)


def _make_partition(state: str) -> str:
    """The service's own cgroup becomes the partition, so that systemd keeps track of its processes."""
    file = "/sys/fs/cgroup/%n/cpuset.cpus.partition"
    return (f"+/bin/sh -c 'f={file}; echo {state} >\"$$f\" && read -r state <\"$$f\" &&"
            f" echo \"cpuset partition: $$state\" && [ \"$$state\" = {state} ]'")


def _notes(facts: Facts, isolation: Isolation) -> Iterable[str]:
    if facts.process:
        yield (f"The empty {' and '.join(f'{name}=' for name in _LISTS)} take away what the unit itself says, to which"
               " systemd would add these CPUs.")
    if isolation.method == "partition":
        yield from isolation.notes
        yield ("Slice=-.slice puts the service directly below the root cgroup, because the parent of a partition must"
               " be a partition. The service does not start where the kernel refuses: the journal has its reason.")
    if facts.deadline:
        yield ("Policy deadline needs the capability itself. Where the unit sets CapabilityBoundingSet=, add"
               " CAP_SYS_NICE there; setting it only here would take all other capabilities away.")
    elif facts.realtime or facts.nice:
        yield f"{_limits(facts.realtime, facts.nice)} in place of CAP_SYS_NICE: no capability is needed."
    if facts.topology.process.cpu_dma_latency_us is not None:
        yield ("The process writes to /dev/cpu_dma_latency. Where the unit restricts devices (DevicePolicy=closed, or a"
               " DeviceAllow= of its own), add: DeviceAllow=/dev/cpu_dma_latency rw. Alone it would close all other"
               " devices. A service with User= also needs a udev rule, as the device is root's:"
               " KERNEL==\"cpu_dma_latency\", GROUP=\"realtime\", MODE=\"0660\", and SupplementaryGroups=realtime.")
    yield (f"TasksMax is {counted(facts.threads, 'thread')} of pools and {OTHER_THREADS} for main() and what the"
           " program and its libraries start: raise it where they start more.")


def _limits(realtime: Right | None, nice: Right | None) -> str:
    names = [name for name, right in (("LimitRTPRIO", realtime), ("LimitNICE", nice)) if right]
    return " and ".join(names) + (" serve" if len(names) > 1 else " serves")
