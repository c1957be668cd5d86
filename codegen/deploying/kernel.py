"""The kernel's command line: what only the boot can set, and what stands in for a partition."""

from __future__ import annotations

from codegen.cores import format_cpus
from codegen.deploying.facts import Facts
from codegen.deploying.isolation import Isolation
from codegen.deploying.piece import Piece, Setting, cpus_are


def piece(facts: Facts, isolation: Isolation) -> Piece:
    settings = _settings(facts, isolation) if facts.isolated else ()
    return Piece("kernel", "kernel command line", "cmdline.txt", settings, _notes(facts, isolation),
                 " ".join(f"{setting.name}={setting.value}" for setting in settings) + "\n" if settings else "")


def domain(facts: Facts, isolation: Isolation) -> tuple[int, ...]:
    """The CPUs to take out of load balancing at boot."""
    return facts.unbalanced if isolation.method == "isolcpus" else ()


def _settings(facts: Facts, isolation: Isolation) -> tuple[Setting, ...]:
    at_boot = domain(facts, isolation)
    isolcpus = f"managed_irq,domain,{format_cpus(at_boot)}" if at_boot else f"managed_irq,{format_cpus(facts.isolated)}"
    found = [Setting("isolcpus", isolcpus, facts.why(at_boot or facts.isolated))]
    if facts.tickless:
        found.append(Setting("nohz_full", format_cpus(facts.tickless), facts.why(facts.tickless)))
    found.append(Setting("rcu_nocbs", format_cpus(facts.isolated), facts.isolated_why))
    if facts.housekeeping:
        found.append(Setting("irqaffinity", format_cpus(facts.housekeeping), facts.isolated_why))
    return tuple(found)


def _notes(facts: Facts, isolation: Isolation) -> tuple[str, ...]:
    if not facts.isolated:
        return isolation.notes
    notes = [] if isolation.method == "partition" else list(isolation.notes)
    if isolation.method == "partition":
        notes.append("isolcpus carries no `domain`: the partition does that part, and recent kernels refuse a"
                     " partition with load balancing over CPUs that isolcpus took out of it at boot.")
    ticking = [cpu for cpu in facts.isolated if cpu not in facts.tickless]
    if ticking:
        notes.append(f"No nohz_full for {cpus_are(ticking)}: the tick stops only where one pinned thread runs alone,"
                     " and never on the CPU that boots, as a rule 0.")
    if facts.tickless and facts.tickless != (domain(facts, isolation) or facts.isolated):
        notes.append("Kernels before 5.18 want the same CPUs in isolcpus and nohz_full and ignore the second that"
                     " differs.")
    if facts.neighbours:
        notes.append(f"{cpus_are(facts.neighbours)} {'shares a core' if len(facts.neighbours) == 1 else 'share cores'}"
                     " with isolated CPUs, and what runs there slows these down: dedicate whole cores, or take the"
                     " siblings offline.")
    if not facts.housekeeping:
        notes.append(f"Every CPU of {format_cpus(facts.host)} is isolated, and none is left for interrupts and the"
                     " kernel: leave one, or say with --cpus that the host has more.")
    return tuple(notes)
