"""What was found, as the comment at the top of the topology."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from codegen.cores import format_cpus
from codegen.diagnostics import counted, shown
from codegen.discover.plan import Plan, listed
from codegen.discover.survey import Survey
from codegen.machine.model import Device, Machine

WIDTH = 118
_LABEL = 12


def lines(survey: Survey, plan: Plan) -> list[str]:
    """Comment lines, each fact behind its label."""
    found = []
    for label, fact in _facts(survey, plan):
        wrapped = textwrap.wrap(fact, WIDTH - _LABEL - 4, break_long_words=False, break_on_hyphens=False) or [""]
        found += [f"#   {label if number == 0 else '':{_LABEL}}{line}" for number, line in enumerate(wrapped)]
    return found


def _facts(survey: Survey, plan: Plan) -> Iterator[tuple[str, str]]:
    machine = survey.machine
    models = Counter(shown(model) for model in machine.packages if model)
    if models:
        yield "model", ", ".join(model if number == 1 else f"{number} x {model}" for model, number in models.items())
    yield "CPUs", _cpus(machine)
    yield from _kinds(machine)
    yield from _nodes(machine)
    yield from _unusable(machine)
    if machine.isolated:
        yield "isolated", f"{listed(machine.isolated)}: the kernel moves no thread there by itself"
    if survey.quota:
        yield "quota", (f"the control group gets {survey.quota} CPUs' worth of time: threads beyond that are stopped in"
                        " the middle of their work")
    yield from _network(survey, plan)
    if survey.storage is not None:
        yield "disk", _device(survey.storage, machine)
    yield from _smt(machine, plan)
    for left in plan.left_out:
        yield "left out", f"{listed(left.cpus)}: {left.reason}"


def _cpus(machine: Machine) -> str:
    usable = set(machine.usable)
    cores = sum(not usable.isdisjoint(cpus) for cpus in machine.siblings.values())
    text = f"{format_cpus(sorted(usable))}: {counted(cores, 'core')}"
    if cores < len(usable):
        text += f" with {counted(len(usable), 'hardware thread')}"
    return f"{text} in {counted(len(machine.packages), 'package')}" if len(machine.packages) > 1 else text


def _kinds(machine: Machine) -> Iterator[tuple[str, str]]:
    for kind, name in reversed(list(enumerate(machine.kinds))):
        cpus = [cpu.index for cpu in machine.cpus if cpu.kind == kind and cpu.allowed]
        if cpus and len(machine.kinds) > 1:
            yield "kind", f"{shown(name)}: {listed(cpus)}"


def _nodes(machine: Machine) -> Iterator[tuple[str, str]]:
    for number, node in enumerate(machine.nodes):
        cpus = [cpu.index for cpu in machine.cpus if cpu.node == number and cpu.allowed]
        if cpus and len(machine.nodes) > 1:
            memory = f", {node.memory / 2**30:.0f} GiB" if node.memory else ""
            yield f"NUMA {node.index}", f"{listed(cpus)}{memory}"


def _unusable(machine: Machine) -> Iterator[tuple[str, str]]:
    if machine.offline:
        yield "offline", listed(machine.offline)
    refused = [cpu.index for cpu in machine.cpus if not cpu.allowed]
    if refused:
        yield "not allowed", (f"{listed(refused)}: the cpuset or container in which the machine was described keeps"
                              " them from its processes. Describe it outside if the program will run outside")


def _network(survey: Survey, plan: Plan) -> Iterator[tuple[str, str]]:
    card = survey.card
    if card is None:
        yield "network", "no network card is described, so nothing is placed near one"
        return
    others = f"; --nic chooses another: {', '.join(map(shown, card.others))}" if card.others else ""
    yield "network", f"{_device(card.device, survey.machine)} ({card.rule}{others})"
    yield "interrupts", _interrupts(survey, plan)


def _interrupts(survey: Survey, plan: Plan) -> str:
    assert survey.card is not None
    name = shown(survey.card.device.name)
    if survey.interrupts is None:
        return (f"unknown: nothing here says which CPUs take those of {name}. Run discover on the host itself, or look"
                f" there: grep {name} /proc/interrupts")
    if not survey.interrupts:
        return f"/proc/interrupts knows none of {name}"
    numbers = format_cpus(sorted(one.number for one in survey.interrupts))
    sets = [share.name for share in plan.shares if not set(share.cpus).isdisjoint(survey.interrupt_cpus)]
    text = f"{name}'s ({numbers}) go to {listed(survey.interrupt_cpus)}"
    text += f", in {' and '.join(sets)}" if sets else ""
    movable = {cpu for one in survey.interrupts for cpu in one.allowed}
    if movable - set(survey.interrupt_cpus):
        text += (f", and may move within {format_cpus(sorted(movable))}: stop irqbalance, and fix them in"
                 " /proc/irq/N/smp_affinity_list")
    return text


def _device(device: Device, machine: Machine) -> str:
    near = [cpu for cpu in device.cpus if cpu in machine.by_index]
    everywhere = set(near) >= set(machine.usable)
    words = [shown(device.name), shown(device.description), "" if everywhere else f"near {listed(near)}"]
    return ", ".join(word for word in words if word)


def _smt(machine: Machine, plan: Plan) -> Iterator[tuple[str, str]]:
    if any(len(cpus) > 1 for cpus in machine.siblings.values()):
        yield "SMT", (
            "every pool has whole cores and one thread on each; the siblings stay empty" if plan.smt == "avoid"
            else "every pool has whole cores, with a thread on each sibling; --smt avoid leaves siblings empty")
