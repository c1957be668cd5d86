"""The rules of one pool: threads against cores, idle strategy, scheduling policy."""

from __future__ import annotations

from codegen.cores import format_cpus
from codegen.diagnostics import Note, Problems, counted, quoted
from codegen.resolve import ResolvedPool
from codegen.schema import MAX_THREADS, REALTIME


_MORE_THREADS = {"asio": "blocking_threads", "native": "max_threads"}  # by kind, the key of those beside the workers


def all_threads(pool: ResolvedPool) -> int:
    """That it may have, as far as their numbers are known."""
    more = _MORE_THREADS.get(pool.table.kind)
    return (pool.threads or 0) + (pool.table.section.integer(more) if more else 0)


def check(pool: ResolvedPool, problems: Problems) -> None:
    _check_threads(pool, problems)
    _check_idle(pool, problems)
    _check_policy(pool, problems)


def _check_threads(pool: ResolvedPool, problems: Problems) -> None:
    section = pool.table.section
    if pool.cores is None:
        return
    if not pool.cores:
        for key in ("pin", "exclusive"):
            if section.sound("cores") and section.wrote(key) and section[key] not in ("none", False):
                problems.add("PF036", section.at(key),
                             f"{quoted(key)} is about the cores of {pool.table.title}, which has none",
                             help="give the pool cores, or remove the key")
        if pool.threads is None and section.sound("threads"):
            problems.add("PF031", section.place, f"{pool.table.title} has neither 'threads' nor 'cores'",
                         help="say how many: threads = 2")
    if pool.threads is None:
        return
    surplus = pool.threads > len(pool.cores) > 0
    if surplus and pool.pin == "thread":
        problems.add("PF030", section.at("threads"), f"{_needs(pool)} for pin = \"thread\"",
                     notes=_cores_note(pool), help="give it more cores, or let threads share them: pin = \"set\"")
    elif surplus and section["idle"] == "busy" and pool.table.kind != "tbb":
        problems.add("PF032", section.at("threads"), f"{_needs(pool)} for idle = \"busy\"",
                     notes=_cores_note(pool),
                     help="a busy thread never leaves its core: use no more threads than cores")
    extra = _MORE_THREADS.get(pool.table.kind)
    total = all_threads(pool)
    if extra and total > MAX_THREADS:
        problems.add("PF009", section.at(extra),
                     f"{pool.table.title} has {total} threads with its {extra}; {MAX_THREADS} are the most",
                     help=f"lower threads or {extra}")
    if pool.table.kind == "native" and pool.threads == 0 and section.sound("max_threads"):
        if section.integer("max_threads") == 0:
            place = section.at("threads") if section.wrote("threads") else section.place
            problems.add("PF033", place, f"{pool.table.title} has no threads",
                         help="set threads for task workers, max_threads for managed threads, or both")


def _needs(pool: ResolvedPool) -> str:
    assert pool.threads is not None and pool.cores is not None
    return f"{pool.table.title} needs {counted(pool.threads, 'core')}; has {len(pool.cores)}"


def _cores_note(pool: ResolvedPool) -> list[Note]:
    section = pool.table.section
    return [Note(f"cores {format_cpus(pool.cores or ())}", section.at("cores"))] if section.wrote("threads") else []


def _check_idle(pool: ResolvedPool, problems: Problems) -> None:
    section = pool.table.section
    if not section.sound("idle"):
        return
    if section.wrote("spin_us") and section["idle"] != "spin":
        problems.add("PF053", section.key_at("spin_us"), f"'spin_us' has no effect with idle = \"{section['idle']}\"",
                     help="set idle = \"spin\", or remove the key")


def _check_policy(pool: ResolvedPool, problems: Problems) -> None:
    section = pool.table.section
    if not section.sound("policy"):
        return
    policy = section.text("policy")
    realtime = policy in REALTIME
    if realtime and not section.wrote("priority") and section.sound("priority"):
        problems.add("PF040", section.at("policy"), f"policy \"{policy}\" needs a priority",
                     help="priority = 1 is the lowest, 99 the highest")
    if not realtime and section.wrote("priority"):
        problems.add("PF041", section.key_at("priority"),
                     f"policy \"{policy}\" has no priorities; only fifo and rr have",
                     notes=_policy_note(pool), help="use policy = \"fifo\" or \"rr\", or nice instead of priority")
    if policy not in ("other", "batch") and section.wrote("nice"):
        problems.add("PF042", section.key_at("nice"), f"policy \"{policy}\" ignores nice; only other and batch use it",
                     notes=_policy_note(pool), help="remove the key")
    if realtime and section["idle"] == "busy":
        problems.add("PF051", section.at("idle"), f"busy threads under {policy} starve everything else on their cores",
                     notes=_policy_note(pool),
                     help="keep other work off these cores (isolcpus), or use idle = \"spin\"")
    _check_deadline(pool, policy, problems)


def _check_deadline(pool: ResolvedPool, policy: str, problems: Problems) -> None:
    section = pool.table.section
    if policy == "deadline":
        if not section.wrote("deadline") and section.sound("deadline"):
            problems.add("PF043", section.at("policy"), "policy \"deadline\" needs its parameters",
                         help="deadline = { runtime_us = 100, deadline_us = 500, period_us = 1000 }")
        if pool.pin not in (None, "none") and pool.cores is not None:
            problems.add("PF045", section.at("pin") if section.wrote("pin") else section.at("policy"),
                         f"deadline threads cannot be pinned, and pin is \"{pool.pin}\"", help="set pin = \"none\"")
    elif section.wrote("deadline"):
        problems.add("PF043", section.key_at("deadline"), f"policy \"{policy}\" has no deadline",
                     notes=_policy_note(pool), help="set policy = \"deadline\", or remove the table")
    if section.wrote("deadline"):
        values = section["deadline"]
        assert isinstance(values, dict)
        if not values["runtime_us"] <= values["deadline_us"] <= values["period_us"]:
            problems.add("PF044", section.at("deadline"),
                         "the kernel requires runtime_us <= deadline_us <= period_us;"
                         f" they are {values['runtime_us']}, {values['deadline_us']} and {values['period_us']}",
                         help="make runtime_us the smallest and period_us the largest of them")


def _policy_note(pool: ResolvedPool) -> list[Note]:
    section = pool.table.section
    return [Note("the policy", section.at("policy"))] if section.wrote("policy") else []
