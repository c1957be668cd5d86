"""loom-rs: one tokio runtime and one rayon pool, with CPUs from one set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.cores import format_cpus
from codegen.diagnostics import Problems, counted, quoted
from codegen.imports import renaming
from codegen.imports.draft import Draft, Entry, Table
from codegen.imports.fields import Fields
from codegen.imports.request import GUESSED_CPUS, Request
from codegen.schema import MAX_CPU, MAX_THREADS
from codegen.tree import Node

OWNER = "loom-rs"
_KEYS = ("prefix", "cpuset", "tokio_threads", "rayon_threads", "compute_pool_size", "pin_threads", "tokio_flavor",
         "cuda_device", "mab_knobs", "calibration")
_TERM = re.compile(r"([0-9]+)\s*(?:-\s*([0-9]+))?")
_WITHOUT_COUNTERPART = {
    "compute_pool_size": "async_invoke() allocates nothing after its first calls, and needs no size for that",
    "mab_knobs": "pinfold never runs compute work on the thread that asks for it",
    "calibration": "pinfold never runs compute work on the thread that asks for it",
}


@dataclass(frozen=True)
class _Pool:
    kind: str
    role: str  # whose threads they were
    threads: int
    cpus: list[int]


def convert(root: Node, request: Request, problems: Problems) -> Draft | None:
    """None where the file has errors."""
    if root.table() and not set(_KEYS) & set(root.table() or ()):
        problems.add("PF065", root.place, f"not a configuration of {OWNER}", help=f"its keys: {', '.join(_KEYS)}")
        return None
    fields = Fields("the configuration", root, OWNER, problems)
    prefix = fields.text("prefix", "loom")
    pinned = fields.boolean("pin_threads", True)
    tokio = _tokio_threads(fields)
    written = fields.take("rayon_threads")
    rayon_threads = fields.integer("rayon_threads", 0, MAX_THREADS, 0) if written else None
    usable = _cpus(fields, tokio, rayon_threads, request.cpus, problems)
    for key, reason in _WITHOUT_COUNTERPART.items():
        if (node := fields.take(key)) is not None:
            problems.add("PF062", node.key, f"{quoted(key)} has no counterpart: {reason}",
                         help="the topology does without it")
    fields.report_unknown()
    if usable is None or problems.errors:
        return None
    if tokio > len(usable):
        fields.refuse(fields.take("tokio_threads") or root,
                      f"{tokio} tokio threads need {tokio} CPUs; has {len(usable)}",
                      f"lower it, or {'widen cpuset' if fields.take('cpuset') else 'raise --cpus'}")
        return None
    compute_cpus = usable[tokio:] or usable[:tokio]
    compute = rayon_threads if rayon_threads is not None else len(usable) - tokio
    if tokio + compute > len(usable):
        fields.refuse(written or fields.take("tokio_threads") or root,
                      f"{tokio} tokio and {compute} rayon threads need {tokio + compute} CPUs; has {len(usable)}",
                      f"lower a number, or {'widen cpuset' if fields.take('cpuset') else 'raise --cpus'}")
        return None
    if compute == 0:
        compute = len(compute_cpus)
        problems.add("PF064", written.place if written else root.place, "rayon takes 0 threads for one a CPU: threads ="
                     f" {compute} in [{request.rayon}.default]", help="say how many in the topology")
    pools = (_Pool("asio", "tokio", tokio, usable[:tokio]),
             _Pool(request.rayon, "rayon", compute, compute_cpus[:compute]))
    tables = [Table("topology", (Entry("name", request.name or renaming.namespace(prefix)),)),
              Table("process", (Entry("cpuset", format_cpus(usable)),)),
              *_tables(pools, prefix, pinned, fields.take("prefix") or root, problems)]
    return Draft(_comments(request), tuple(tables), len(pools))


def _tokio_threads(fields: Fields) -> int:
    threads = fields.integer("tokio_threads", 1, MAX_THREADS, 1)
    flavor = fields.text("tokio_flavor", "multi_thread")
    node = fields.take("tokio_flavor")
    if node is not None and flavor not in ("multi_thread", "current_thread"):
        fields.refuse(node, f"{quoted(flavor)} is no flavor of tokio", "flavors: multi_thread, current_thread")
    if flavor != "current_thread":
        return threads
    if threads != 1 and (written := fields.take("tokio_threads")) is not None:
        fields.problems.add("PF061", written.key,
                            f"{OWNER} ignores 'tokio_threads' where tokio_flavor is \"{flavor}\"",
                            help=f"the runtime had 1 thread, and has it still; if {threads} were meant, write threads ="
                            f" {threads} in [asio.default]")
    return 1


def _cpus(
    fields: Fields, tokio: int, rayon: int | None, machine_cpus: int | None, problems: Problems,
) -> list[int] | None:
    """The CPUs of both pools, ascending; None where they are wrong."""
    text = fields.text("cpuset", "")
    node = fields.take("cpuset")
    device = fields.take("cuda_device")
    if device is not None:
        location = f"hw:os=cuda{device.value}" if isinstance(device.value, int) else "hw:pci=ADDRESS"
        problems.add("PF062", device.key, "'cuda_device' takes the CPUs near a device of the machine that runs; a"
                     " topology names them",
                     help=f"write the numbers in [process] cpuset, or {location} where the topology has a machine")
    if node is not None:
        found = _parsed(fields, node, text) if isinstance(node.value, str) else None
        if found is not None and machine_cpus is not None and found[-1] >= machine_cpus:
            fields.refuse(node,
                          f"cpuset has CPU {found[-1]}, and --cpus says that the machine has 0-{machine_cpus - 1}",
                          "import with the machine's number of CPUs, or without --cpus: the file says which it uses")
            return None
        return found
    number = machine_cpus or (GUESSED_CPUS + tokio - 1 if rayon is None else tokio + rayon)
    if machine_cpus is None:
        problems.add("PF064", fields.node.place, "without cpuset loom-rs takes all CPUs of the machine that runs; the"
                     f" topology has {format_cpus(range(number))}", help="import with --cpus N for a machine of N CPUs")
    return list(range(number))


def _parsed(fields: Fields, node: Node, text: str) -> list[int] | None:
    """By loom's rules: ranges are inclusive, empty terms are passed over, order and repetition mean nothing."""
    found: set[int] = set()
    for term in (piece.strip() for piece in text.split(",")):
        if not term:
            continue
        bounds = _TERM.fullmatch(term)
        if bounds is None or max(len(number or "") for number in bounds.groups()) > 9:
            fields.refuse(node, f"{quoted(term)} is no CPU and no range of CPUs", "write cpuset = \"0-7,16-23\"")
            return None
        first, last = int(bounds[1]), int(bounds[2] or bounds[1])
        if last < first:
            fields.refuse(node, f"the range {first}-{last} is reversed", f"write {last}-{first}")
            return None
        if last > MAX_CPU:
            fields.refuse(node, f"CPU numbers are 0..{MAX_CPU}; it has {last}", "lower it")
            return None
        found |= set(range(first, last + 1))
    if not found:
        fields.refuse(node, "cpuset has no CPU", "write cpuset = \"0-7,16-23\", or leave it out for all CPUs")
        return None
    return sorted(found)


def _tables(pools: tuple[_Pool, ...], prefix: str, pinned: bool, at: Node, problems: Problems) -> Iterator[Table]:
    names: set[str] = set()
    plain = re.sub(r"[^ -~]", "_", prefix)
    for pool in pools:
        tail = f"-{pool.role}"
        thread_name = renaming.thread_name(plain, pool.kind, threads=pool.threads, blocking=0, taken=names, tail=tail)
        if thread_name != prefix + tail:
            problems.add("PF069", at.place,
                         f"the {pool.role} threads are called {quoted(f'{thread_name}-0')} and so on",
                         help=f"{counted(pool.threads, 'thread')} must have ASCII names of at most 15 bytes")
        entries = [Entry("cores", format_cpus(pool.cpus))] if pinned else []
        entries += [Entry("threads", pool.threads), Entry("thread_name", thread_name)]
        yield Table(f"{pool.kind}.default", tuple(entries))


def _comments(request: Request) -> tuple[str, ...]:
    rayon, other = request.rayon, request.other_kind
    return (
        f"Imported from {request.file}, a configuration of {OWNER}. This file is the source now: edit it.",
        f"The tokio runtime became asio.default, and the rayon pool {rayon}.default (import with --rayon {other} for a"
        f" {other} pool). tokio starts threads for spawn_blocking when they are wanted; here blocking_threads says how"
        " many there are. What environment variables, the command line or code set is not in the file: see that the"
        " values are those that ran.",
    )
