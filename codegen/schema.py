"""The only list of keys: what each table may hold, of which type, with which default, and what it means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from codegen.model import KINDS

MAX_THREADS = 4096
MAX_ALL_THREADS = 4_194_304  # of all pools: the kernel has no more numbers for threads (PID_MAX_LIMIT)
MAX_CPU = 65535
MAX_NAMED_CPUS = 1 << 20  # by all core expressions together: a thousand pools that each name a thousand
MAX_THREAD_NAME = 15  # bytes that the kernel keeps

REALTIME = ("fifo", "rr")  # the policies with priorities


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
    names: str = ""  # "topology" | "pool": the text is the name of one


@dataclass(frozen=True)
class Choice:
    values: tuple[str, ...]
    meanings: tuple[str, ...]
    misnomers: frozenset[str] = frozenset()  # as others name one, in lower case
    meant: str = ""  # by those


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
    example: str = ""  # a value as TOML, where there is no default to show

    @property
    def sample(self) -> str:
        """The key with a value, as a line of TOML."""
        name = self.name if re.fullmatch(r"[\w-]{1,40}", self.name, re.ASCII) else "KEY"
        return f"{name} = {self.example or toml(self.default)}"


@dataclass(frozen=True)
class Table:
    """The examples of all tables are together a topology."""

    title: str  # of its header; parts in capitals are the user's to choose
    doc: str
    keys: Mapping[str, Key]
    example: str


def toml(value: bool | int | str | None) -> str:
    """A default as TOML."""
    return json.dumps(value)


def _keys(*keys: Key) -> dict[str, Key]:
    return {key.name: key for key in keys}


def _choice(**meanings: str) -> Choice:
    return Choice(tuple(meanings), tuple(meanings.values()))


_MAX_DEADLINE_US = (2**63 - 1) // 1000  # the kernel counts nanoseconds in 63 bits

_DEADLINE = _keys(
    Key("runtime_us", Integer(2, _MAX_DEADLINE_US), "CPU time that a thread gets in each period", unit="us",
        required=True, example="100"),
    Key("deadline_us", Integer(2, _MAX_DEADLINE_US), "by when in the period it must have got it", unit="us",
        required=True, example="500"),
    Key("period_us", Integer(2, _MAX_DEADLINE_US), "how long a period is", unit="us", required=True, example="1000"),
)

TOPOLOGY = _keys(
    Key("name", Text(names="topology"), "the C++ namespace; the header is <NAME/topology.hpp>", required=True,
        example='"md"'),
    Key("undeclared", _choice(fallback="the kind's default pool serves it, and the compiler warns",
                              error="the program does not compile"),
        "what a lookup of an undeclared name gets", "fallback"),
    Key("on_failure", _choice(fail="throw all problems and start nothing",
                              degrade="run what can run, unpinned where it must be, and report the problems"),
        "what start() does when something cannot be had", "fail"),
    Key("machine", Text(), "hwloc XML of the target, relative to this file, or \"host\"",
        computed="CPU numbers are checked for sense only", example='"prod.xml"'),
)

PROCESS = _keys(
    Key("cpuset", CoreExpression(), "CPUs that pools may use", computed="the machine's", example='"0-15"'),
    Key("cores", CoreExpression(), "where every thread runs that no pool owns: main() and each std::thread",
        computed="left alone", example='"0-1"'),
    Key("lock_memory", Boolean(), "keep all memory of the process in RAM (mlockall)", False),
    Key("timer_slack_ns", Integer(1, 1_000_000_000), "how late the kernel may fire timers", computed="left alone",
        unit="ns", example="1"),
    Key("cpu_dma_latency_us", Integer(0, 2_000_000_000), "bound on the CPUs' wake-up latency, held while running",
        computed="left alone", unit="us", example="0"),
    Key("stray_tbb", _choice(serial="it stays on the thread that started it", allow="TBB's own workers take part"),
        "TBB work started outside every pool", "serial"),
)

COMMON = _keys(
    Key("cores", CoreExpression(), "where the pool's threads may run", computed="none", example='"0-3"'),
    Key("pin", _choice(thread="thread i runs on the i-th core as written; needs as many cores as threads",
                       set="all threads share the whole set", none="the affinity is left alone"),
        "how the threads are held to the cores", "thread", computed="\"none\" without cores"),
    Key("threads", Integer(1, MAX_THREADS), "worker threads; required without cores", computed="number of cores",
        example="2"),
    Key("exclusive", Boolean(), "no other pool, nor [process] cores, may name these cores", False),
    Key("policy",
        replace(_choice(other="the kernel's usual, fair to all",
                        batch="fair, for computation: it preempts nobody when it wakes up",
                        idle="only what nothing else wants to run on",
                        fifo="realtime: runs until it blocks or a higher priority comes",
                        rr="realtime: as fifo, in turns with its own priority",
                        deadline="realtime: the CPU time that the key deadline states"),
                misnomers=frozenset({"realtime", "real-time", "rt"}),
                meant='the real-time policies are "fifo" and "rr"'),
        "the kernel's scheduling policy", "other"),
    Key("priority", Integer(1, 99), "realtime priority, with policy fifo or rr (which need it); 99 is the highest",
        computed="none", example="50"),
    Key("nice", Integer(-20, 19), "nice value, with policy other or batch; -20 gets the most CPU time",
        computed="the process's", example="5"),
    Key("deadline", Record(_DEADLINE), "parameters of policy deadline, where they are required", computed="none",
        example="{ runtime_us = 100, deadline_us = 500, period_us = 1000 }"),
    Key("idle", _choice(park="it sleeps", spin="it looks again for spin_us, then sleeps", busy="it looks for ever"),
        "what a thread without work does", "park"),
    Key("spin_us", Integer(1, 1_000_000), "how long idle = \"spin\" looks for work", 50, unit="us"),
    Key("metrics", _choice(off="no more than its tasks are counted, and nothing stored",
                           counters="also what each thread steals and how often it sleeps, and the longest queue",
                           latency="also how long tasks wait and threads are busy: three looks at the clock a task"),
        "what the pool counts about itself: stats(), worker_stats(), latency()", "off"),
    Key("stack_kib", Integer(64, 1_048_576), "stack of each thread", 2048, unit="KiB"),
    Key("prefault_stack", Boolean(), "touch the stack before the first task, so that no task waits for a page", False),
    Key("thread_name", Text(), "threads are called NAME-INDEX, of 15 bytes at most, unique in the topology",
        computed="pool name", example='"net"'),
    Key("enabled", Boolean(), "false: the pool is not built and lookups resolve to its fallback", True),
    Key("optional", Boolean(), "where its cores are missing, the fallback takes over instead of an error", False),
    Key("fallback", Text(names="pool"), "the pool or alias of the same kind that stands in", computed="none",
        example='"default"'),
    Key("description", Text(one_line=False, empty=True), "goes into the generated header and reports", ""),
)

OF_KIND = {
    "asio": _keys(
        Key("blocking_threads", Integer(0, MAX_THREADS), "threads beside the workers for calls that block", 0),
        Key("contexts", _choice(shared="one for all threads", per_thread="one for each thread"),
            "how many io_contexts there are", "shared"),
        Key("allow_blocking", Boolean(), "let the pool's threads wait for other pools, instead of throwing would_block",
            False),
    ),
    "tbb": _keys(),
    "native": _keys(
        Key("threads", Integer(0, MAX_THREADS), "task workers; 0 needs max_threads",
            computed="number of cores, or 0 without cores", example="2"),
        Key("max_threads", Integer(0, MAX_THREADS), "managed threads beside the task workers", 0),
        Key("task_slots", Integer(1, 1_048_576), "forked tasks that a worker can hold; more run in their join", 8192),
        Key("inject_slots", Integer(2, 1_048_576, power_of_two=True),
            "posted tasks that can wait, a power of two; beyond that post() waits", 4096),
    ),
}

OF_ONE_KIND = tuple(name for keys in OF_KIND.values() for name in keys if name not in COMMON)

POOLS: Mapping[str, Mapping[str, Key]] = {kind: {**COMMON, **OF_KIND[kind]} for kind in KINDS}

CORE_SET = Key("NAME", CoreExpression(), "a named core set", required=True, example='"1-4"')
ALIAS = Key("ALIAS", Text(names="pool"), "the pool or alias of this kind that the alias stands for", required=True,
            example='"default"')

TABLES = (
    Table("topology", "The topology as a whole. The only table that every topology has.", TOPOLOGY, """\
[topology]
name = "md"
"""),
    Table("process", "What concerns the whole process and the threads that no pool owns.", PROCESS, """\
[process]
cpuset = "0-16"
cores = "general"
lock_memory = true
"""),
    Table("cores", "Named core sets, for core expressions to use. NAME is of letters, digits and underscores.",
          _keys(CORE_SET), """\
[cores]
network = "1-4"
disk = 5
general = [6, 7, 8]
compute = "9-16,!12"
"""),
    Table("asio.NAME", "A Boost.Asio pool: threads that run an io_context.", OF_KIND["asio"], """\
[asio.net]
cores = "network"
idle = "spin"

[asio.file]
cores = "disk"
pin = "set"
threads = 1
blocking_threads = 2
"""),
    Table("tbb.NAME", "A oneTBB pool: a task arena whose workers belong to it.", OF_KIND["tbb"], """\
[tbb.risk]
cores = "compute"
policy = "batch"
nice = 5
"""),
    Table("native.NAME", "A native pool: task workers that steal work, managed threads, or both.", OF_KIND["native"],
          """\
[native.default]
cores = "general"
pin = "set"
threads = 2
max_threads = 16
"""),
    Table("aliases.KIND", "Second names for pools of the kind asio, tbb or native.", _keys(ALIAS), """\
[aliases.tbb]
pricing = "risk"
"""),
)

SECTIONS = ("topology", "process", "cores", *KINDS, "aliases")


@cache
def pool_default(key: str) -> bool | int | str | None:
    """Of whatever kind of pools has the key."""
    return POOLS[kinds_with(key)[0]][key].default


def kinds_with(key: str) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if key in POOLS[kind])
