"""The options of `docker run`."""

from __future__ import annotations

from collections.abc import Iterable

from codegen.cores import format_cpus
from codegen.deploying.facts import Facts
from codegen.deploying.isolation import Isolation
from codegen.deploying.piece import Piece, Setting, of_process
from codegen.deploying.systemd import OTHER_THREADS


def piece(facts: Facts, isolation: Isolation) -> Piece:
    settings = tuple(_settings(facts))
    options = " \\\n".join(f"  {setting.name}={setting.value}" for setting in settings)
    return Piece("docker", "docker run", "docker.txt", settings, tuple(_notes(facts, isolation)),
                 f"docker run --rm \\\n{options} \\\n  IMAGE\n")


def _settings(facts: Facts) -> Iterable[Setting]:
    process = facts.topology.process
    if facts.process:
        yield Setting("--cpuset-cpus", format_cpus(facts.process), facts.process_why)
    if facts.realtime:
        yield Setting("--ulimit", f"rtprio={facts.realtime.value}", facts.realtime.why)
    if facts.nice:
        yield Setting("--ulimit", f"nice={20 - facts.nice.value}", facts.nice.why)
    if facts.deadline:
        yield Setting("--cap-add", "SYS_NICE", facts.deadline)
    if process.lock_memory:
        yield Setting("--ulimit", "memlock=-1", (of_process(process, "lock_memory"),))
    if process.cpu_dma_latency_us is not None:
        yield Setting("--device", "/dev/cpu_dma_latency", (of_process(process, "cpu_dma_latency_us"),))
    yield Setting("--pids-limit", str(facts.threads + OTHER_THREADS), facts.threads_why)


def _notes(facts: Facts, isolation: Isolation) -> Iterable[str]:
    yield "Core numbers in a container are those of the host: the topology needs no CPU map here."
    if facts.realtime or facts.nice:
        yield ("The ulimits serve in place of --cap-add=SYS_NICE, which a program that does not run as root has no use"
               " of.")
    if facts.deadline:
        yield ("Policy deadline needs the capability: the program runs as root in the container, or has it from setcap"
               " cap_sys_nice+ep.")
    if isolation.method == "partition":
        yield ("--cpuset-cpus keeps the container on its CPUs, not others off them. Containers cannot use a partition"
               " that the host made outside their own cgroup, so isolate at boot: pinfold deploy --isolate isolcpus.")
