"""How the dedicated CPUs are kept free: by a cpuset partition around the process where one can be, else by isolcpus."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.cores import format_cpus
from codegen.cpus import Cpus
from codegen.deploying.facts import Facts, without
from codegen.deploying.piece import because, cpus_are

_FEW = 8  # one CPU in as many, or fewer, for other processes is said

METHODS = ("partition", "isolcpus")


@dataclass(frozen=True)
class Isolation:
    method: str | None  # one of METHODS; None: no pool is dedicated
    partition: str  # of the process's cgroup: "root" | "isolated" | "member"
    notes: tuple[str, ...]


def others(facts: Facts, method: str | None) -> Cpus:
    """The CPUs that other processes still have. A partition takes away all of the process's, isolcpus some."""
    if method == "partition":
        return without(facts.host, facts.process)
    return without(facts.host, facts.unbalanced) if method == "isolcpus" else facts.host


def decide(facts: Facts, wanted: str | None) -> Isolation:
    outside = bool(set(facts.host) - set(facts.process))
    if not facts.isolated and not (facts.deadline and outside):
        return Isolation(None, "member", ("No pool is exclusive, busy or realtime, so no CPU is isolated.",))
    method = wanted or ("partition" if outside else "isolcpus")
    if method == "partition":
        notes = [] if outside else [f"A partition cannot take every CPU of a host, and this one takes {_host(facts)}."]
        left = others(facts, method)
        if len(left) == 1 or 0 < len(left) * _FEW <= len(facts.host):
            notes.append(f"The partition takes {format_cpus(facts.process)} from every other process of the host, and"
                         f" leaves them {cpus_are(left)}: name fewer in [process] cpuset and cores, or isolate at boot"
                         " (--isolate isolcpus).")
        return Isolation(method, _type(facts), (*notes, _why_type(facts)))
    notes = [] if wanted else [
        f"The process uses {_host(facts)}, and a partition must leave a CPU: so isolcpus. Where the host has more CPUs,"
        " say which (--cpus 0-63) to get a partition."]
    if facts.balanced:
        notes.append(f"{cpus_are(facts.balanced)} cannot be in isolcpus: {_roamers(facts)}. The kernel balances"
                     " no load between CPUs of isolcpus and would leave all these threads on one of them."
                     " Only a partition keeps other work away from there.")
    if facts.deadline and outside:
        notes.append("The kernel refuses policy deadline to threads that may not use every CPU of their scheduling"
                     f" domain ({because(facts.deadline)}). Only a partition gives the process a smaller one.")
    return Isolation(method, "member", tuple(notes))


def _type(facts: Facts) -> str:
    """A partition without load balancing serves only a process each of whose threads has one CPU."""
    return "root" if facts.roaming or facts.deadline else "isolated"


def _why_type(facts: Facts) -> str:
    if _type(facts) == "isolated":
        return "The partition is \"isolated\" (no load balancing): every thread of the process has one CPU."
    if facts.roaming:
        return (f"The partition is \"root\", with load balancing inside it: {_roamers(facts)}. In an \"isolated\" one"
                " all these threads would stay on one CPU.")
    return (f"The partition is \"root\": threads of policy deadline ({because(facts.deadline)}) need its own"
            " scheduling domain.")


def _roamers(facts: Facts) -> str:
    return "; ".join(
        f"{roaming.threads} share {format_cpus(roaming.cpus) if roaming.cpus else 'all CPUs of the process'}"
        f" ({because([roaming.why])})" for roaming in facts.roaming)


def _host(facts: Facts) -> str:
    return f"all of {format_cpus(facts.host)}"
