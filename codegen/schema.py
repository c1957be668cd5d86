"""The only list of keys: what each table may hold, of which type, with which default, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.model import KINDS

MAX_THREADS = 4096
MAX_CPU = 65535
MAX_THREAD_NAME = 15  # bytes that the kernel keeps


@dataclass(frozen=True)
class Boolean:
    pass


@dataclass(frozen=True)
class Integer:
    low: int
    high: int
    power_of_two: bool = False


@dataclass(frozen=True)
class Text:
    one_line: bool = True  # without control characters
    empty: bool = False  # whether "" is a value


@dataclass(frozen=True)
class Choice:
    values: tuple[str, ...]


@dataclass(frozen=True)
class CoreExpression:
    """A string, a CPU number or an array of CPU numbers."""


@dataclass(frozen=True)
class Record:
    """An inline table whose keys are all required."""

    keys: Mapping[str, Key]


ValueType = Boolean | Integer | Text | Choice | CoreExpression | Record


@dataclass(frozen=True)
class Key:
    """`default` None: the key may stay unset; `computed` then says what happens."""

    name: str
    type: ValueType
    doc: str
    default: bool | int | str | None = None
    computed: str = ""
    unit: str = ""
    required: bool = False


def _keys(*keys: Key) -> dict[str, Key]:
    return {key.name: key for key in keys}


_MAX_DEADLINE_US = (2**63 - 1) // 1000  # the kernel counts nanoseconds in 63 bits

_DEADLINE = _keys(
    Key("runtime_us", Integer(2, _MAX_DEADLINE_US), "CPU time that a thread gets in each period", unit="us",
        required=True),
    Key("deadline_us", Integer(2, _MAX_DEADLINE_US), "by when in the period it must have got it", unit="us",
        required=True),
    Key("period_us", Integer(2, _MAX_DEADLINE_US), "how long a period is", unit="us", required=True),
)

TOPOLOGY = _keys(
    Key("name", Text(), "the C++ namespace; the header is <NAME/topology.hpp>", required=True),
    Key("undeclared", Choice(("fallback", "error")),
        "a lookup of an undeclared name: take the kind's default with a compile warning, or do not compile",
        "fallback"),
    Key("on_failure", Choice(("fail", "degrade")),
        "a problem at start: throw them all, or run what can run and report them", "fail"),
    Key("machine", Text(), "hwloc XML of the target, relative to this file, or \"host\"",
        computed="CPU numbers are checked for sense only"),
)

PROCESS = _keys(
    Key("cpuset", CoreExpression(), "CPUs that pools may use", computed="the machine's"),
    Key("cores", CoreExpression(), "where every thread runs that no pool owns", computed="left alone"),
    Key("lock_memory", Boolean(), "keep all memory of the process in RAM (mlockall)", False),
    Key("timer_slack_ns", Integer(1, 1_000_000_000), "how late the kernel may fire timers", computed="left alone",
        unit="ns"),
    Key("cpu_dma_latency_us", Integer(0, 2_000_000_000), "bound on the CPUs' wake-up latency, held while running",
        computed="left alone", unit="us"),
    Key("stray_tbb", Choice(("serial", "allow")),
        "TBB work started outside every pool: kept to its own thread, or left to TBB's workers", "serial"),
)

_COMMON = _keys(
    Key("cores", CoreExpression(), "where the pool's threads may run", computed="none"),
    Key("pin", Choice(("thread", "set", "none")),
        "thread i on the i-th core as written, all threads on the whole set, or affinity left alone", "thread",
        computed="\"none\" without cores"),
    Key("threads", Integer(1, MAX_THREADS), "worker threads", computed="number of cores"),
    Key("exclusive", Boolean(), "no other pool, nor [process] cores, may name these cores", False),
    Key("policy", Choice(("other", "batch", "idle", "fifo", "rr", "deadline")), "the kernel's scheduling policy",
        "other"),
    Key("priority", Integer(1, 99), "realtime priority, with policy fifo or rr", computed="none"),
    Key("nice", Integer(-20, 19), "nice value, with policy other or batch", computed="the process's"),
    Key("deadline", Record(_DEADLINE), "parameters of policy deadline", computed="none"),
    Key("idle", Choice(("park", "spin", "busy")),
        "a thread without work: sleep, look again for spin_us and then sleep, or look again for ever", "park"),
    Key("spin_us", Integer(1, 1_000_000), "how long idle = \"spin\" looks for work", 50, unit="us"),
    Key("stack_kib", Integer(64, 1_048_576), "stack of each thread", 2048, unit="KiB"),
    Key("prefault_stack", Boolean(), "touch the stack before the first task", False),
    Key("thread_name", Text(), "threads are called NAME-INDEX", computed="pool name"),
    Key("enabled", Boolean(), "false: the pool is not built and lookups resolve to its fallback", True),
    Key("optional", Boolean(), "where its cores are missing, the fallback takes over instead of an error", False),
    Key("fallback", Text(), "the pool or alias of the same kind that stands in", computed="none"),
    Key("description", Text(one_line=False, empty=True), "goes into the generated header and reports", ""),
)

_OF_KIND = {
    "asio": _keys(
        Key("blocking_threads", Integer(0, MAX_THREADS), "threads beside the workers for calls that block", 0),
        Key("contexts", Choice(("shared", "per_thread")), "one io_context for all threads, or one each", "shared"),
        Key("allow_blocking", Boolean(), "let the pool's threads wait for other pools", False),
    ),
    "tbb": _keys(),
    "native": _keys(
        Key("threads", Integer(0, MAX_THREADS), "task workers; 0 needs max_threads",
            computed="number of cores, or 0 without cores"),
        Key("max_threads", Integer(0, MAX_THREADS), "managed threads beside the task workers", 0),
        Key("task_slots", Integer(1, 1_048_576), "forked tasks that a worker can hold", 8192),
        Key("inject_slots", Integer(2, 1_048_576, power_of_two=True), "posted tasks that can wait; a power of two",
            4096),
    ),
}

POOLS: Mapping[str, Mapping[str, Key]] = {kind: {**_COMMON, **_OF_KIND[kind]} for kind in KINDS}

CORE_SET = Key("NAME", CoreExpression(), "a named core set", required=True)
ALIAS = Key("ALIAS", Text(), "the pool or alias of this kind that the alias stands for", required=True)

SECTIONS = ("topology", "process", "cores", *KINDS, "aliases")


def kinds_with(key: str) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if key in POOLS[kind])
