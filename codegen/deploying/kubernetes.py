"""A pod for the kubelet's static CPU manager, whose choice of CPUs the topology must be mapped to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from codegen import cxx
from codegen.cores import format_cpus
from codegen.deploying.facts import Facts
from codegen.deploying.piece import Piece, Setting, because, comments, of_process


def piece(facts: Facts) -> Piece:
    settings = tuple(_settings(facts))
    notes = tuple(_notes(facts, _capabilities(settings)))
    return Piece("kubernetes", "Kubernetes pod", "kubernetes.yaml", settings, notes,
                 _manifest(facts, settings, notes) if facts.process else "")


def _settings(facts: Facts) -> Iterable[Setting]:
    process = facts.topology.process
    if facts.process:
        yield Setting("cpu", str(len(facts.process)), facts.process_why)
    rights = (*(facts.realtime.why if facts.realtime else ()), *(facts.nice.why if facts.nice else ()), *facts.deadline)
    if rights:
        yield Setting("capability", "SYS_NICE", rights)
    if process.lock_memory:
        yield Setting("capability", "IPC_LOCK", (of_process(process, "lock_memory"),))


def _capabilities(settings: Iterable[Setting]) -> list[str]:
    return [setting.value for setting in settings if setting.name == "capability"]


def _notes(facts: Facts, capabilities: Sequence[str]) -> Iterable[str]:
    yield ("The kubelet needs cpuManagerPolicy: static and cpuManagerPolicyOptions: {full-pcpus-only: \"true\"}. Only a"
           " pod of class Guaranteed (requests equal limits, whole CPUs, memory too) gets CPUs of its own.")
    machine = facts.topology.machine
    per_core = max(map(len, machine.siblings.values()), default=1) if machine else 2
    surplus = len(facts.process) % per_core
    if surplus:
        wanted = len(facts.process) + per_core - surplus
        yield (f"With {per_core} hardware threads a core full-pcpus-only admits only multiples of {per_core} CPUs: ask"
               f" for {wanted} there. The CPU map uses as many as the topology needs.")
    yield ("Which CPUs these are is the kubelet's choice, and the numbers of a topology are fixed when it is built: the"
           " command maps them to the CPUs that the container got, in ascending order. A cpuset = \"0-"
           f"{max(len(facts.process) - 1, 0)}\" with take:N in the pools says openly that only the number matters.")
    if capabilities:
        names = ",".join(f"cap_{name.lower()}" for name in capabilities)
        yield ("A pod cannot raise limits (RLIMIT_RTPRIO, RLIMIT_NICE, RLIMIT_MEMLOCK), so it takes capabilities, which"
               f" a program that does not run as root gets only by: setcap {names}+ep PROGRAM, in the image.")
    if facts.topology.process.cpu_dma_latency_us is not None:
        yield ("/dev/cpu_dma_latency is in no container by default: it takes a device plugin, or a privileged container"
               " with a hostPath volume.")
    if facts.isolated:
        yield ("The kubelet keeps other pods off these CPUs, not the kernel's own work: for that isolate them on the"
               " node and list the CPUs that remain in its reservedSystemCPUs.")


def _manifest(facts: Facts, settings: Sequence[Setting], notes: Iterable[str]) -> str:
    topology = facts.topology
    name = re.sub(r"[^a-z0-9]+", "-", topology.name.lower()).strip("-") or "pinfold"
    count = json.dumps(str(len(facts.process)))
    added = _capabilities(settings)
    start = (f"export PINFOLD_CPU_MAP=\"{format_cpus(facts.process)}:$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p'"
             f" /proc/self/status)\"; exec /usr/bin/PROGRAM")
    lines = [
        *comments([f"A pod for the topology '{topology.name}' ({cxx.shown(topology.file)}). Put in your image, program"
                   " and memory.", *(f"{setting.name} {setting.value}: {because(setting.why)}" for setting in settings),
                   *notes]),
        "apiVersion: v1",
        "kind: Pod",
        "metadata:",
        f"  name: {json.dumps(name)}",
        "spec:",
        "  containers:",
        f"    - name: {json.dumps(name)}",
        "      image: IMAGE",
        f"      command: [\"/bin/sh\", \"-c\", {json.dumps(start)}]",
        "      resources:",
        "        requests:",
        f"          cpu: {count}",
        "          memory: 1Gi",
        "        limits:",
        f"          cpu: {count}",
        "          memory: 1Gi",
    ]
    if added:
        lines += ["      securityContext:", "        capabilities:", f"          add: {json.dumps(added)}"]
    return "\n".join(lines) + "\n"
