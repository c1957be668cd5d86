"""Writes the plan as a topology file with its reasons."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen.discover import findings
from codegen.discover.plan import Plan, Pool, Share, listed
from codegen.discover.survey import Survey
from codegen.machine.hardware import HOST

_COMMENT_COLUMN = 26


@dataclass(frozen=True)
class Header:
    name: str  # of the topology
    machine: str  # as [topology] machine names it
    subject: str  # the machine in words: "prod.xml", "this host"
    file: str  # under which the user will know the topology
    captured: bool  # whether discover wrote the machine's description


def topology(header: Header, survey: Survey, plan: Plan, expressions: Mapping[str, str]) -> str:
    parts = [
        _banner(header, survey, plan),
        _topology(header),
        _process(plan),
        _cores(plan, expressions),
        *(_pool(pool, survey, plan) for pool in plan.pools),
        _aliases(plan),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped) + '"'


def _banner(header: Header, survey: Survey, plan: Plan) -> list[str]:
    return [
        *_comment(f"A starter topology for {header.subject}, written by `pinfold discover`. From here on it is yours:"
                  " rename the pools to what your program does, move cores between the sets, and check it:"),
        "#",
        f"#     pinfold check {header.file}",
        "#",
        "# What was found:",
        "#",
        *findings.lines(survey, plan),
    ]


def _topology(header: Header) -> list[str]:
    if header.machine == HOST:
        comment = ("The machine is the host that builds. With `pinfold discover --out FILE` its description is a file,"
                   " and builds on other hosts give the same.")
    elif header.captured:
        comment = ("The machine is this host as lstopo describes it, with its isolated CPUs. Keep the file with this"
                   " one: builds on other hosts then give the same.")
    else:
        comment = "The machine is where core sets are looked up and checked, whatever host builds."
    return ["[topology]", f"name = {quoted(header.name)}", *_comment(comment), f"machine = {quoted(header.machine)}"]


def _process(plan: Plan) -> list[str]:
    return ["[process]", 'cores = "housekeeping"    # where main(), every std::thread and pools without cores run']


def _cores(plan: Plan, expressions: Mapping[str, str]) -> list[str]:
    names = max(len(share.name) for share in plan.shares)
    texts = max(len(expressions[share.name]) for share in plan.shares) + 2
    rows = [f"{share.name:{names}} = {quoted(expressions[share.name]):{texts}}  # {_described(share)}"
            for share in plan.shares]
    return [*_comment(" ".join(_legend(list(expressions.values())))), "[cores]", *rows]


def _legend(expressions: Sequence[str]) -> Iterator[str]:
    if any("hw:" in text for text in expressions):
        yield "hw:LOCATION names objects of the machine, by the numbers that lstopo shows after L#."
    if "rest" in expressions:
        yield "rest is what no other pool claims, so it follows when you change the other sets."
    elif any("!" in text for text in expressions):
        yield "!NAME leaves a set out."


def _described(share: Share) -> str:
    return f"{listed(share.cpus)}: {share.reason}"


def _pool(pool: Pool, survey: Survey, plan: Plan) -> list[str]:
    comments = {"networking": _networking, "disk": _disk, "general": _general, "dedicated": _dedicated,
                "compute": _compute}
    head, keys = comments[pool.purpose](pool, survey, plan)
    if pool.share is None:
        head += " Too few cores are left to have some of its own: its threads run where [process] cores says."
    return [*_comment(head), f"[{pool.kind}.{pool.name}]", *keys]


def _comment(text: str) -> list[str]:
    lines = textwrap.wrap(text, findings.WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]


_Text = tuple[str, Sequence[str]]


def _networking(pool: Pool, survey: Survey, plan: Plan) -> _Text:
    head = "Sockets: accept, read, write."
    if pool.share is None:
        return head, _placed(pool)
    return head, [*_placed(pool), _key("exclusive = true", "no other pool, nor [process] cores, may name these cores"),
                  _key('idle = "spin"', "a thread without work looks again for 50 us before it sleeps")]


def _disk(pool: Pool, survey: Survey, plan: Plan) -> _Text:
    assert pool.share is not None
    shared = [] if set(pool.share.cpus) & set(survey.machine.isolated) else [
        _key('pin = "set"', "the threads share the core")]
    return "Disk, and whatever else blocks.", [
        *_placed(pool), _key("threads = 1"), *shared,
        _key("blocking_threads = 2", "beside the reactor, for async_blocking()")]


def _general(pool: Pool, survey: Survey, plan: Plan) -> _Text:
    head = "Everything that has no pool of its own: undeclared native names lead here."
    return head, [*_placed(pool), _key("max_threads = 8", "threads that spawn_thread() may start beside the workers"),
                  _key('thread_name = "general"')]


def _dedicated(pool: Pool, survey: Survey, plan: Plan) -> _Text:
    return "For the most urgent work: each thread has an isolated CPU to itself.", [
        *_placed(pool),
        _key('pin = "thread"', "the kernel balances no load there: a shared mask would pile threads up"),
        _key("exclusive = true"),
        _key('idle = "busy"', 'never sleeps, as nothing else runs there; "park" saves power')]


def _compute(pool: Pool, survey: Survey, plan: Plan) -> _Text:
    keys = [*_placed(pool), _key('policy = "batch"', "a thread that wakes up pushes no other aside")]
    compute = [other for other in plan.pools if other.purpose == "compute"]
    if len(compute) > 1 and pool is not compute[0]:
        return "The same on the next node.", keys
    head = "Parallel compute with TBB."
    if len(compute) > 1:
        head += (" One pool for each NUMA node: tasks and the memory that they touch stay together, since TBB steals"
                 " within a pool only. Divide the data by node, and give each part to its node's pool.")
    return head, keys


def _placed(pool: Pool) -> list[str]:
    return [_key(f"threads = {pool.threads}")] if pool.share is None else [_key(f'cores = "{pool.share.name}"')]


def _key(text: str, comment: str = "") -> str:
    return f"{text:{_COMMENT_COLUMN}}# {comment}" if comment else text


def _aliases(plan: Plan) -> list[str]:
    compute = [pool for pool in plan.pools if pool.purpose == "compute"]
    if len(compute) < 2:
        return []
    return ["# For code that does not care about nodes.", "[aliases.tbb]", f"compute = {quoted(compute[0].name)}"]
