"""A verification for people: a table of threads, declared and actual beside each other, then what differs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from codegen import cxx, provenance
from codegen.cores import format_cpus
from codegen.diagnostics import counted
from codegen.observing import compare_process
from codegen.observing.findings import DRIFT, Finding
from codegen.observing.proc import Thread
from codegen.observing.verification import Verification
from codegen.observing.wording import actual_policy, declared_policy

_MARK = "!"
_HEADING = (" ", "thread", "pool", "tid", "cpus declared", "actual", "policy declared", "actual", "last cpu")
_CORES = 28  # of a list of CPUs, before they are counted instead


def text(found: Verification, *, colour: bool = False) -> str:
    sections = ([title(found)], _threads(found, colour), _others(found), [_summary(found)], _findings(found, colour))
    return "\n".join("".join(f"{line}\n" for line in lines) for lines in sections if lines)


def title(found: Verification) -> str:
    about = found.subject
    names = ", ".join(f"{layout.topology.name} ({cxx.shown(layout.topology.file)})" for layout in about.layouts)
    noun = "topology" if len(about.layouts) == 1 else "topologies"
    lines = f"process {found.process.pid}, {cxx.shown(found.process.name)}: {noun} {names}, {about.why}"
    if about.cpu_map.source:
        lines += f"\nCPU map {cxx.shown(about.cpu_map.text)} from {about.cpu_map.source}"
    return lines


def _threads(found: Verification, colour: bool) -> list[str]:
    several = len(found.subject.layouts) > 1
    rows = [_HEADING]
    for match, kinds in zip(found.matched.matches, found.drifted, strict=True):
        declared, thread = match.declared, match.thread
        pool = declared.pool
        label = provenance.label(pool)
        wrong = bool(kinds or match.doubles or thread is None)
        rows.append((
            _MARK if wrong else "", cxx.shown(declared.name),
            f"{declared.topology.name} {label}" if several else label, str(thread.tid) if thread else "",
            "any" if declared.cpus is None else _cpus(declared.cpus),
            _cpus(thread.cpus) if thread else "missing", declared_policy(pool),
            actual_policy(thread, pool) if thread else "", str(thread.stat.cpu) if thread else ""))
    heading, *lines = cxx.columns(rows, gap=2, right=frozenset((3,)))
    return [_in("1", heading, colour), *(_in("31", line, colour and line.startswith(_MARK)) for line in lines)]


def _others(found: Verification) -> list[str]:
    if not found.matched.others:
        return []
    astray = {tid for finding in found.findings if finding.kind == "process_cores" for tid in finding.tids}
    rows = [(_MARK if thread.tid in astray else "", cxx.shown(thread.name), str(thread.tid), _cpus(thread.cpus),
             actual_policy(thread, None), str(thread.stat.cpu), _remark(thread, found))
            for thread in found.matched.others]
    return cxx.columns([(" ", "other thread", "tid", "cpus", "policy", "last cpu", ""), *rows], gap=2,
                       right=frozenset((2,)))


def _remark(thread: Thread, found: Verification) -> str:
    if thread.tid == found.process.pid:
        return "main"
    homes = [layout.process_cpus for layout in found.subject.layouts]
    pool = compare_process.managed_by(found.subject.layouts, thread)
    return f"may be a managed thread of {provenance.label(pool)}" if pool and thread.cpus not in homes else ""


def _summary(found: Verification) -> str:
    there = sum(match.thread is not None for match in found.matched.matches)
    total = len(found.matched.matches)
    if not found.drift:
        return f"no drift: {counted(total, 'thread')} as declared"
    return f"drift: {counted(len(found.drift), 'finding')}; {there} of {counted(total, 'thread')} there"


def _findings(found: Verification, colour: bool) -> list[str]:
    """A remedy that the next finding has too is printed there alone."""
    following = [*(finding.remedy for finding in found.findings[1:]), ""]
    return [line for finding, after in zip(found.findings, following)
            for line in _lines(finding, colour, with_remedy=finding.remedy != after)]


def _lines(finding: Finding, colour: bool, *, with_remedy: bool) -> Iterator[str]:
    word = _in("31" if finding.severity == DRIFT else "36", f"{finding.severity:<5}", colour)
    first, *rest = _wrapped(f"{finding.subject}: {finding.text}", 9)
    yield f"  {word}  {first.lstrip()}"
    yield from rest
    if with_remedy:
        yield from _wrapped(f"remedy: {finding.remedy}", 9)


def _wrapped(text: str, indent: int) -> list[str]:
    """Names of the process and of its topology stand in findings."""
    return textwrap.wrap(cxx.shown(text), cxx.COLUMNS, initial_indent=" " * indent,
                         subsequent_indent=" " * (indent + 2), break_on_hyphens=False, break_long_words=False)


def _cpus(cpus: Sequence[int]) -> str:
    listed = format_cpus(cpus)
    return listed if len(listed) <= _CORES else f"{len(cpus)} CPUs"


def _in(code: str, text: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text
