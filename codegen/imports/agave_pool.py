"""One pool of Agave's thread-manager: its threads, cores, policy and stack in pinfold's keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen import schema
from codegen.cores import format_cpus
from codegen.diagnostics import Problems, counted, quoted
from codegen.imports.draft import Entry
from codegen.imports.fields import Fields
from codegen.imports.request import GUESSED_CPUS
from codegen.schema import MAX_CPU, MAX_THREADS
from codegen.tree import Node

OWNER = "Agave's thread-manager"

_POLICIES = ("other", "batch", "idle", *schema.REALTIME)
_STACK_KIB = schema.POOLS["asio"]["stack_kib"]


@dataclass(frozen=True)
class Family:
    """One of Agave's three tables of pools."""

    name: str
    kind: str  # of the pools that they become
    threads: int  # Agave's default
    policy: str  # Agave's default

    @property
    def configs(self) -> str:
        return f"{self.name}_configs"

    @property
    def mapping(self) -> str:
        return f"{self.name}_runtime_mapping"

    @property
    def threads_key(self) -> str:
        return "max_threads" if self.name == "native" else "worker_threads"


@dataclass(frozen=True)
class Settings:
    entries: tuple[Entry, ...]
    threads: int  # that have the pool's thread_name
    blocking: int


def families(rayon: str) -> tuple[Family, ...]:
    return (Family("native", "native", 16, "other"), Family("rayon", rayon, 16, "batch"),
            Family("tokio", "asio", 8, "other"))


class Allocations:
    """Reads core allocations. All ranges change alike, so one note speaks for them."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._converted: list[tuple[Node, range]] = []

    def cpus(self, node: Node) -> tuple[range, str] | tuple[None, str]:
        """The cores and how threads are pinned to them; None for OsDefault, and for what is reported."""
        if node.value == "OsDefault":
            return None, "none"
        table = node.table() or {}
        if len(table) != 1 or not table.keys() <= {"PinnedCores", "DedicatedCoreSet"}:
            self._problems.add("PF066", node.place, "not a core allocation", help="allocations are \"OsDefault\","
                               " PinnedCores = { min, max } and DedicatedCoreSet = { min, max }")
            return None, "none"
        form, bounds = next(iter(table.items()))
        fields = Fields(form, bounds, OWNER, self._problems)
        before = self._problems.errors
        for key in ("min", "max"):
            if bounds.table() is not None and fields.take(key) is None:
                fields.refuse(bounds, f"{form} has no {quoted(key)}", "a range is { min, max }, without max itself")
        low, high = (fields.integer(key, 0, MAX_CPU + 1, 0) for key in ("min", "max"))
        fields.report_unknown()
        if self._problems.errors > before:
            return None, "none"
        if low >= high:
            fields.refuse(bounds, f"{form} has no core: max is not part of the range, and min is {low}, max {high}",
                          f"core {low} alone is {{ min = {low}, max = {low + 1} }}")
            return None, "none"
        self._converted.append((bounds, range(low, high)))
        return range(low, high), "thread" if form == "PinnedCores" else "set"

    def report(self) -> None:
        if not self._converted:
            return
        node, cpus = self._converted[0]
        others = len(self._converted) - 1
        rest = f", and so on for {counted(others, 'other range')}" if others else ""
        self._problems.add("PF060", node.place, "max is not part of an Agave range:"
                           f" {_range(cpus)} is \"{format_cpus(cpus)}\"{rest}",
                           help=f"if core {cpus.stop} was meant to be in it, write that in the topology")


def pool_settings(
    family: Family, title: str, becomes: str, node: Node, allocations: Allocations, machine_cpus: int | None,
    problems: Problems,
) -> Settings:
    """`becomes`: the pool's table in the topology, for advice."""
    fields = Fields(title, node, OWNER, problems)
    allocation = fields.take("core_allocation")
    cpus, pin = allocations.cpus(allocation) if allocation else (None, "none")
    low = 1 if family.name == "native" else 0
    wanted = fields.integer(family.threads_key, low, MAX_THREADS, family.threads)
    entries = []
    if cpus:
        entries.append(Entry("cores", format_cpus(cpus), _range(cpus)))
        entries += [Entry("pin", "set")] if pin == "set" else []
    threads = wanted or _all_cpus(fields, becomes, cpus, machine_cpus)
    blocking = 0
    if family.name == "native":
        entries += [Entry("threads", 0), Entry("max_threads", threads)]
        threads = 0
    else:
        entries.append(Entry("threads", threads, "" if wanted else f"{family.threads_key} was 0: one a CPU"))
        if pin == "thread" and cpus and threads > len(cpus):
            at = fields.take(family.threads_key) or fields.take("core_allocation") or node
            fields.refuse(at, f"{title} needs {counted(threads, 'core')}, one a thread; PinnedCores has {len(cpus)}",
                          "raise max, or share the cores: DedicatedCoreSet")
    if family.name == "tokio":
        blocking = fields.integer("max_blocking_threads", 1, MAX_THREADS - threads, 1)
        entries.append(Entry("blocking_threads", blocking))
        if (interval := fields.take("event_interval")) is not None:
            problems.add("PF062", interval.key, "'event_interval' has no counterpart: an io_context looks for events in"
                         " its own rhythm", help="the topology does without it; idle says what an idle thread does")
    entries += _policy(fields, family, becomes, problems)
    entries += _stack(fields, problems)
    fields.report_unknown(_meant(family, becomes, node))
    return Settings(tuple(entries), threads, blocking)


def _all_cpus(fields: Fields, becomes: str, cpus: range | None, machine_cpus: int | None) -> int:
    threads = len(cpus) if cpus else machine_cpus or GUESSED_CPUS
    if not cpus and machine_cpus is None:
        node = fields.take("worker_threads")
        assert node is not None
        fields.problems.add("PF064", node.place, f"0 means one thread a CPU, and a topology says how many: threads ="
                            f" {threads} in [{becomes}]", help="import with --cpus N for a machine of N CPUs")
    return threads


def _policy(fields: Fields, family: Family, becomes: str, problems: Problems) -> list[Entry]:
    policy = fields.text("policy", family.policy).lower()
    written = fields.take("policy")
    priority = fields.integer("priority", 0, 99, 0)
    at = fields.take("priority")
    if policy not in _POLICIES:
        assert written is not None
        fields.refuse(written, f"{quoted(policy)} is no policy that can be imported",
                      f"policies: {', '.join(_POLICIES)}")
        return []
    entries = [Entry("policy", policy)] if policy != "other" else []
    if policy in schema.REALTIME:
        assert written is not None
        problems.add("PF067", written.place,
                     f"policy {policy} takes effect here; Agave knows other, batch and idle, and panics",
                     help="remove it from the topology if these threads must not go before all others")
        if priority == 0:
            problems.add("PF064", (at or written).place,
                         f"{policy} needs a priority of 1..99: priority = 1, the lowest, in [{becomes}]",
                         help="choose one; 99 is the highest")
        return [*entries, Entry("priority", priority or 1)]
    if at is None or priority == 0:
        return entries
    if policy == "idle":
        problems.add("PF062", at.key, "'priority' has no counterpart with policy idle, whose threads have none",
                     help="the topology does without it; other and batch have nice")
        return entries
    nice = 39 * priority // 99 - 20
    problems.add("PF067", at.place,
                 f"priority {priority} is nice = {nice}: on Agave's scale 0 is nice -20 and 99 is nice 19",
                 help="a larger priority was the weaker claim; see that it is what you meant")
    return [*entries, Entry("nice", nice, f"priority {priority}")]


def _stack(fields: Fields, problems: Problems) -> list[Entry]:
    """In KiB, rounded up."""
    limits = _STACK_KIB.type
    assert isinstance(limits, schema.Integer)
    size = fields.integer("stack_size_bytes", 0, limits.high * 1024, 2048 * 1024)
    kib = max(-(-size // 1024), limits.low)
    node = fields.take("stack_size_bytes")
    if node is not None and kib * 1024 != size:
        problems.add("PF067", node.place, f"{size} bytes become stack_kib = {kib}",
                     help=f"stacks are whole KiB, {limits.low} at least")
    return [Entry("stack_kib", kib)] if kib != _STACK_KIB.default else []


def _meant(family: Family, becomes: str, node: Node) -> Mapping[str, str]:
    """What people write for the number of threads in tables of the other families."""
    table = node.table() or {}
    wrong = "worker_threads" if family.name == "native" else "max_threads"
    key = "max_threads" if family.name == "native" else "threads"
    number = table[wrong].value if wrong in table else None
    ran = table[family.threads_key].value if family.threads_key in table else family.threads
    if not isinstance(number, int):
        return {}
    return {wrong: f"the pool had {family.threads_key} = {ran}, and has it still; if {number} was meant, write"
            f" {key} = {number} in [{becomes}]"}


def _range(cpus: range) -> str:
    return f"{{ min = {cpus.start}, max = {cpus.stop} }}"
