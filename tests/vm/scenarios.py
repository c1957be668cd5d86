"""What is tested on which machine; guest/NAME.sh says how."""

from __future__ import annotations

from dataclasses import dataclass

from tests.vm.machine import Machine


@dataclass(frozen=True)
class Scenario:
    name: str
    about: str
    machine: Machine
    programs: tuple[str, ...]  # below the build folder
    with_pinfold: bool = False  # the command, and the Python that it runs on
    patience: float = 200  # seconds


SCENARIOS = {
    each.name: each
    for each in (
        Scenario(
            "two_nodes", "whole cores, NUMA nodes and every policy, where the machine description says they are",
            Machine(sockets=2, cores=4, threads=2, numa_nodes=2), ("tests/vm/vm_two_nodes",),
        ),
        Scenario(
            "isolated", "every kind of pool on CPUs that the scheduler leaves alone, and what is said of crowds",
            Machine(sockets=1, cores=8, threads=1, kernel_arguments="isolcpus=4-7 nohz_full=4-7"),
            ("tests/vm/vm_isolated", "tests/vm/vm_crowded"),
        ),
        Scenario(
            "reference", "the reference topology, started as it is",
            Machine(sockets=2, cores=32, threads=1, numa_nodes=2, memory_mib=2048), ("tests/vm/vm_reference",),
        ),
        Scenario(
            "drift", "`pinfold verify` sees a thread moved, a CPU go offline and a cpuset shrink",
            Machine(sockets=1, cores=8, threads=1), ("tests/vm/vm_drift",), with_pinfold=True,
        ),
        Scenario(
            "contract", "what every pool owes its users, on 8 CPUs",
            Machine(sockets=1, cores=8, threads=1, memory_mib=3072),  # for a test with a stack of 1 GiB
            tuple(f"tests/unit/unit_{each}" for each in (
                "async_scope", "contract", "executor", "pool_ref", "scopes", "start", "stopping", "tbb",
            )),
            patience=300,
        ),
    )
}
