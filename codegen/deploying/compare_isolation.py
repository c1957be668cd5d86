"""Whether a host keeps the isolated CPUs free: command line, partition, ticks and interrupts."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.deploying import cgroup, kernel
from codegen.deploying.facts import Facts
from codegen.deploying.host import Host, Unreadable
from codegen.machine.kernel_lists import cpu_list
from codegen.deploying.isolation import Isolation
from codegen.deploying.question import Question, listed

_BOOT = "add it to the kernel's command line (cmdline.txt) and boot again"
_SYSTEM = "/sys/devices/system/cpu"
_MOST_INTERRUPTS = 8  # that are named


def questions(facts: Facts, isolation: Isolation, host: Host) -> Iterator[Question]:
    yield from _partition(facts, isolation, host)
    if not facts.isolated:
        return
    yield from _command_line(facts, isolation, host)
    if facts.tickless:
        yield Question(f"{_SYSTEM}/nohz_full", listed(facts.tickless),
                       lambda: _covers(host.cpus(f"{_SYSTEM}/nohz_full"), facts.tickless),
                       "boot with nohz_full= (cmdline.txt), on a kernel that is built with CONFIG_NO_HZ_FULL",
                       facts.why(facts.tickless))
    yield from _interrupts(facts, host)


def _command_line(facts: Facts, isolation: Isolation, host: Host) -> Iterator[Question]:
    for setting in kernel.piece(facts, isolation).settings:
        name, value = setting.name, setting.value

        def look(name: str = name, value: str = value) -> tuple[bool, str]:
            found = host.command_line().get(name)
            fits = found is not None and _fits(name, value, found, facts, host)
            return fits, "nothing" if found is None else f"{name}={found}"

        yield Question(f"/proc/cmdline {name}", f"{name}={value}", look, _BOOT, setting.why)


def _fits(name: str, wanted: str, found: str, facts: Facts, host: Host) -> bool:
    """More CPUs isolated than wanted do no harm to this topology; interrupts are wanted on none of them."""
    if name == "irqaffinity":
        return not _parameter_cpus(found, host) & set(facts.isolated)
    if name != "isolcpus":
        return _parameter_cpus(found, host) >= _parameter_cpus(wanted, host)
    wanted_flags, wanted_cpus = _isolcpus(wanted, host)
    flags, cpus = _isolcpus(found, host)
    return flags >= wanted_flags and cpus >= wanted_cpus


def _isolcpus(value: str, host: Host) -> tuple[set[str], frozenset[int]]:
    words = value.split(",")
    flags = {word for word in words if word in ("nohz", "domain", "managed_irq")}
    rest = ",".join(word for word in words if word not in flags)
    return flags or {"domain"}, _parameter_cpus(rest, host)


def _parameter_cpus(value: str, host: Host) -> frozenset[int]:
    """Parameters may say N for the last CPU, and all."""
    if value == "all" or "N" in value:
        last = max(host.cpus(f"{_SYSTEM}/possible"), default=0)
        value = f"0-{last}" if value == "all" else value.replace("N", str(last))
    try:
        return cpu_list(value)
    except ValueError:
        raise Unreadable(f"/proc/cmdline: not understood: {value!r}") from None


def _partition(facts: Facts, isolation: Isolation, host: Host) -> Iterator[Question]:
    boot = f"{_SYSTEM}/isolated"
    wanted_at_boot = kernel.domain(facts, isolation)
    if wanted_at_boot:
        yield Question(boot, listed(wanted_at_boot), lambda: _covers(host.cpus(boot), wanted_at_boot),
                       "boot with isolcpus= (cmdline.txt)", facts.why(wanted_at_boot))
    if isolation.method == "partition":
        yield Question("cpuset partition", isolation.partition, lambda: _partition_state(facts, isolation, host),
                       "start the service with the drop-in and name it with --pid, or run cpuset.sh as root",
                       facts.partition_why)
    for roaming in facts.roaming:
        cpus = roaming.cpus or facts.process

        def look(cpus: tuple[int, ...] = cpus) -> tuple[bool, str]:
            affected = host.cpus(boot) & set(cpus)
            return len(affected) == 0, listed(affected)

        yield Question(f"CPUs without load balancing under {roaming.threads}", "none", look,
                       "take them out of isolcpus=: the kernel leaves such threads on one of them, whatever the load",
                       (roaming.why,))


def _partition_state(facts: Facts, isolation: Isolation, host: Host) -> tuple[bool, str]:
    """Of the process's cgroup or one above it, as only these can hold it; without a process of the script's group."""
    path = f"/{cgroup.group(facts)}" if host.pid == "self" else host.cgroup()
    while True:
        folder = f"{cgroup.ROOT}{path}"
        state = host.text(f"{folder}/cpuset.cpus.partition") if path else "member"
        if state != "member" or not path:
            break
        path = path.rpartition("/")[0]
    if state != isolation.partition:
        return False, f"{state} ({folder})"
    cpus = host.cpus(f"{folder}/cpuset.cpus.effective")
    return _covers(cpus, facts.process)[0], f"{state} with {listed(cpus)} ({folder})"


def _covers(cpus: frozenset[int], wanted: tuple[int, ...]) -> tuple[bool, str]:
    return cpus >= set(wanted), listed(cpus)


def _interrupts(facts: Facts, host: Host) -> Iterator[Question]:
    default = "/proc/irq/default_smp_affinity"
    isolated = set(facts.isolated)

    def look_default() -> tuple[bool, str]:
        cpus = host.cpu_mask(default)
        return not cpus & isolated, listed(cpus)

    def look_all() -> tuple[bool, str]:
        found = [f"{number} ({listed(cpus)})" for number, cpus in host.interrupts() if cpus & isolated]
        more = f" and {len(found) - _MOST_INTERRUPTS} more" if len(found) > _MOST_INTERRUPTS else ""
        return not found, ", ".join(found[:_MOST_INTERRUPTS]) + more or "none"

    yield Question(default, f"none of {listed(isolated)}", look_default,
                   "boot with irqaffinity= (cmdline.txt), or write a mask of the other CPUs to it", facts.isolated_why)
    yield Question(f"interrupts that may run on {listed(isolated)}", "none", look_all,
                   f"write {listed(facts.housekeeping)} to their /proc/irq/N/smp_affinity_list, and keep irqbalance"
                   " from them; of those that refuse, managed_irq in isolcpus= keeps the kernel from using these CPUs",
                   facts.isolated_why)
