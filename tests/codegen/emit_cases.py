"""Resolved topologies, made by hand, for the tests of the emitter."""

from __future__ import annotations

from typing import Any

from codegen import schema
from codegen.model import KINDS, Absent, CoreSet, Deadline, Name, Origin, Pool, Process, Topology

DEFAULT = Origin("default")


def in_file(line: int, file: str = "md.toml") -> Origin:
    return Origin("file", file, line)


def computed(note: str) -> Origin:
    return Origin("default", note=note)


def pool(kind: str, name: str, cores: tuple[int, ...] = (), *, line: int = 10, **keys: Any) -> Pool:
    """A pool whose given keys stand one a line under its table."""
    file = keys.pop("file", "md.toml")
    overridden = keys.pop("origins", {})
    written = [*(["cores"] if cores else []), *(key for key in keys if key != "cores_text")]
    origins = {key: in_file(line + 1 + i, file) for i, key in enumerate(written)}
    origins.setdefault("threads", computed("number of cores"))
    origins.setdefault("thread_name", computed("pool name"))
    origins.setdefault("policy", DEFAULT)
    origins |= overridden
    values: dict[str, Any] = {
        **{key: schema.pool_default(key) for key in schema.OF_ONE_KIND},
        "identifier": "default_" if name == "default" else name,
        "origin": in_file(line, file),
        "origins": origins,
        "cores_text": ",".join(map(str, cores)),
        "threads": len(cores),
        "pin": "thread" if cores else "none",
        "exclusive": False,
        "policy": "other",
        "priority": 0,
        "nice": None,
        "deadline": None,
        "idle": "park",
        "metrics": "off",
        "spin_us": 50,
        "stack_kib": 2048,
        "prefault_stack": False,
        "thread_name": name,
        "description": "",
    }
    return Pool(kind=kind, name=name, cores=cores, **(values | keys))


def alias(kind: str, name: str, index: int, target: str, *, line: int) -> Name:
    return Name(kind, name, name, index, "alias", target, in_file(line))


def topology(*pools: Pool, names: tuple[Name, ...] = (), **values: Any) -> Topology:
    declared = tuple(Name(p.kind, p.name, p.identifier, i, "declared", p.name, p.origin) for i, p in enumerate(pools))
    process = Process(
        **(
            {
                "cpuset": None,
                "cores": None,
                "lock_memory": False,
                "timer_slack_ns": None,
                "cpu_dma_latency_us": None,
                "stray_tbb": "serial",
                "origins": {"lock_memory": DEFAULT},
            }
            | values.pop("process", {})
        )
    )
    settings: dict[str, Any] = {
        "name": "md",
        "file": "md.toml",
        "undeclared": "fallback",
        "on_failure": "fail",
        "core_sets": {},
        "absent": (),
        "inputs": (values.get("file", "md.toml"),),
        "origins": {"name": in_file(2), "undeclared": DEFAULT},
    }
    return Topology(pools=pools, names=declared + names, process=process, **(settings | values))


def small() -> Topology:
    """One pool, nothing else: every other key at its default."""
    return topology(pool("native", "work", (0, 1), line=4), name="small", file="small.toml", inputs=("small.toml",))


def all_kinds() -> Topology:
    """Every key away from its default in some pool, every layer, a process table."""
    return topology(
        pool("asio", "net", (1, 2, 3, 4), line=20, cores_text="network", description="market data in, orders out"),
        pool("asio", "file", (5,), line=24, blocking_threads=2, contexts="per_thread", allow_blocking=True),
        pool("tbb", "sig_verify", (9, 10, 11, 13), line=30, policy="batch", nice=5, idle="spin", spin_us=20, pin="set"),
        pool(
            "native",
            "poh",
            (6,),
            line=40,
            policy="fifo",
            priority=50,
            idle="busy",
            exclusive=True,
            stack_kib=8192,
            prefault_stack=True,
            task_slots=1024,
            origins={"priority": Origin("overlay prod.toml", "prod.toml", 3), "task_slots": Origin("set")},
        ),
        pool(
            "native",
            "clock",
            (7,),
            line=50,
            policy="deadline",
            deadline=Deadline(runtime_us=100, deadline_us=200, period_us=400),
            thread_name="ck",
        ),
        pool(
            "native",
            "default",
            line=60,
            threads=2,
            max_threads=16,
            origins={"threads": Origin("environment")},
        ),
        on_failure="degrade",
        undeclared="error",
        inputs=("md.toml", "prod.toml"),
        core_sets={"network": (1, 2, 3, 4), "compute": (9, 10, 11, 13)},
        written_sets={"network": CoreSet("1-4", Origin("overlay prod.toml", "prod.toml", 9)),
                      "compute": CoreSet("9-13,!12", in_file(12))},
        process={
            "cpuset": tuple(range(17)),
            "cores": (6, 7, 8),
            "lock_memory": True,
            "timer_slack_ns": 1,
            "cpu_dma_latency_us": 0,
            "stray_tbb": "allow",
            "origins": {"cpuset": in_file(5), "cores": in_file(6), "lock_memory": in_file(7), "stray_tbb": in_file(8)},
        },
    )


def other_names() -> Topology:
    """Aliases, a fallback for a disabled pool and one for a pool that the machine cannot hold."""
    return topology(
        pool("tbb", "verify", (2, 3), line=10),
        pool("asio", "net", (0,), line=14),
        names=(
            alias("tbb", "gossip_consume", 0, "verify", line=31),
            alias("tbb", "a_consume", 0, "gossip_consume", line=30),
            Name("asio", "rx", "rx", 1, "fallback", "net", in_file(18)),
            Name("asio", "rx2", "rx2", 1, "fallback", "rx", in_file(22)),
        ),
        absent=(
            Absent("asio", "rx", "disabled", "net", in_file(18)),
            Absent("asio", "rx2", "needs core 12; the machine has 0-7", "rx", in_file(22)),
            Absent("tbb", "spare", "disabled", None, in_file(26)),
        ),
        name="names",
    )


def hostile() -> Topology:
    """Text that ends literals, comments, raw strings, lines and directives wherever it is not escaped."""
    return topology(
        pool(
            "asio",
            "md",
            (0,),
            description='ends */ here "quoted" )" ??/ 10% back\\slash\n#error next \u202e reversed \u00e9\u4e16 \\',
            thread_name="tables",
            file='we"ird \\??/.toml',
        ),
        pool("asio", "asio", (1,), description="a trailing backslash \\", thread_name='x"??/\\\x01\n'),
        pool("asio", "after", (2,), cores_text='"??/\\'),
        file='we"ird \\??/.toml',
        inputs=('we"ird \\??/.toml', "back\\", "two\nlines.toml"),
        absent=(Absent("asio", "gone", "why */ \\", "md", in_file(3)),),
        names=(Name("asio", "gone", "gone", 0, "fallback", "md", in_file(3)),),
        name="hostile",
    )


def large(pools: int, aliases: int) -> Topology:
    return topology(
        *(pool(KINDS[i % 3], f"pool_{i}", (i,), line=10 * i + 1) for i in range(pools)),
        names=tuple(
            alias(KINDS[i % pools % 3], f"alias_{i}", i % pools, f"pool_{i % pools}", line=i) for i in range(aliases)
        ),
        name="large",
    )


GOLDEN = {"small": small, "all_kinds": all_kinds, "other_names": other_names, "hostile": hostile}
