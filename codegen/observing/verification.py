"""A process verified: its topologies, every declared thread beside the one that runs, and what is not as declared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from codegen import recorded, schema
from codegen.machine import interrupts
from codegen.observing import compare_process, compare_thread, cpu_map
from codegen.observing.choice import choose
from codegen.observing.cpu_map import CpuMap
from codegen.observing.declared import Layout
from codegen.observing.findings import DRIFT, Finding
from codegen.observing.match import Match, Matched, match
from codegen.observing.proc import Denied, Gone, Process
from codegen.observing.usable import Usable, usable
from codegen.read_document import Unreadable

_LOOKS, _PAUSE = 8, 0.1  # a start or a stop that is seen halfway is looked at again


@dataclass(frozen=True)
class Subject:
    """Which topologies are looked for in a process, and how its CPUs are mapped."""

    layouts: tuple[Layout, ...]  # that run
    why: str  # these
    pinfold: str  # the version that wrote them
    cpu_map: CpuMap


@dataclass(frozen=True)
class Verification:
    process: Process
    subject: Subject
    matched: Matched
    drifted: tuple[tuple[str, ...], ...]  # of each match: the kinds of its findings
    usable: Usable
    findings: tuple[Finding, ...]

    @property
    def drift(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == DRIFT)


def subject(process: Process, wanted: str | None, given_map: CpuMap | None) -> Subject:
    """Raises Gone, Denied, Unreadable, choice.Undecided and cpu_map.Malformed."""
    try:
        found = recorded.read(process.binary)
    except PermissionError:
        raise Denied(f"/proc/{process.pid}/exe") from None
    except (OSError, ValueError):
        if process.kernel:
            raise Unreadable("it is a thread of the kernel and runs no binary") from None
        raise Gone(f"process {process.pid} has ended") from None
    if isinstance(found, bytes):
        raise Unreadable("it is no ELF binary")
    if given_map is None:
        given_map = cpu_map.of_process(process.arguments(), process.environment(cpu_map.VARIABLE))
    threads = sum(pool.all_threads for each in found for pool in each.topology.pools)
    if threads > schema.MAX_ALL_THREADS:
        raise Unreadable(f"its topologies have {threads} threads, and {schema.MAX_ALL_THREADS} are the most")
    every = [Layout(each.topology, given_map) for each in found]
    chosen, why = choose(every, {thread.name for thread in process.threads()}, wanted)
    return Subject(tuple(chosen), why, found[0].pinfold, given_map)


def look(process: Process, wanted: str | None, given_map: CpuMap | None) -> Verification:
    """At what is there now. Raises as `subject` does."""
    about = subject(process, wanted, given_map)
    matched = match(about.layouts, process.threads())
    now = usable(process)
    by_thread = [tuple(_of_match(each, now)) for each in matched.matches]
    findings = [finding for found in by_thread for finding in found]
    findings += _of_process(process, about, matched, now)
    findings.sort(key=lambda finding: finding.severity != DRIFT)
    kinds = (tuple(finding.kind for finding in found if finding.severity == DRIFT) for found in by_thread)
    return Verification(process, about, matched, tuple(kinds), now, tuple(findings))


def settled(look: Callable[[], Verification], pause: Callable[[float], None] = time.sleep) -> Verification:
    """What is found twice in a row: threads that are just being started, named or joined are no drift."""
    found = look()
    for _ in range(_LOOKS):
        if not found.drift:
            break
        pause(_PAUSE)
        before, found = found, look()
        if found.drift == before.drift:
            break
    return found


def _of_match(each: Match, now: Usable) -> Iterator[Finding]:
    if each.thread is not None:
        yield from compare_thread.compare(each.declared, each.thread, now)


def _of_process(process: Process, about: Subject, matched: Matched, now: Usable) -> Iterator[Finding]:
    for each in about.layouts:
        yield from compare_process.missing(each, matched)
    yield from compare_process.doubled(matched)
    yield from compare_process.others(about.layouts, matched)
    routed = [interrupts.routed(process.root, row) for row in interrupts.rows(process.root) or ()
              if row.number is not None]
    for each in about.layouts:
        yield from compare_process.gone_cpus(each, now)
    yield from compare_process.interrupts(about.layouts, routed)
