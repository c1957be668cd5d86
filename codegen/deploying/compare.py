"""Compares a running host with what a topology asks of it. Everything is looked at, whatever differs first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from codegen.cores import format_cpus
from codegen.deploying import compare_isolation, compare_rights
from codegen.deploying.facts import Facts
from codegen.deploying.findings import Finding
from codegen.deploying.host import Host, Unreadable
from codegen.deploying.isolation import Isolation
from codegen.deploying.question import Question

Questions = Callable[[Facts, Isolation, Host], Iterable[Question]]


def compare(facts: Facts, isolation: Isolation, host: Host) -> tuple[Finding, ...]:
    groups: Sequence[Questions] = (_cpus, compare_isolation.questions, compare_rights.questions)
    return tuple(_answer(question) for group in groups for question in group(facts, isolation, host))


def _answer(question: Question) -> Finding:
    try:
        fits, found = question.look()
        state = "ok" if fits else "differs"
    except Unreadable as error:
        state, found = "unknown", str(error)
    return Finding(question.subject, state, question.wanted, found, question.remedy, question.why)


def _cpus(facts: Facts, isolation: Isolation, host: Host) -> Iterator[Question]:
    if not facts.process:
        return
    wanted = format_cpus(facts.process)

    def covered(cpus: frozenset[int], spare: Sequence[int] = ()) -> tuple[bool, str]:
        return cpus.union(spare) >= set(facts.process), format_cpus(sorted(cpus))

    yield Question("CPUs online", wanted, lambda: covered(host.cpus("/sys/devices/system/cpu/online")),
                   "change the topology's cores, or start the program with PINFOLD_CPU_MAP", facts.process_why)
    if host.pid != "self":
        # Its threads, once they are pinned, have these between them.
        yield Question(f"CPUs allowed to process {host.pid}", wanted,
                       lambda: covered(host.allowed_to_threads(), facts.reserved),
                       "give it the drop-in's CPUAffinity= and AllowedCPUs=, or start it in the group of cpuset.sh",
                       facts.process_why)
    elif isolation.method != "partition":  # the CPUs of a partition are not allowed to what is outside
        yield Question("CPUs allowed to this shell", wanted, lambda: covered(host.allowed()),
                       f"start the program with taskset -c {wanted}, or as a service: a process does not get the CPUs"
                       " of isolcpus= by itself", facts.process_why)
