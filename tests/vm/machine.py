"""The shape of a virtual machine, as qemu's software emulation takes it: any number of CPUs, whatever the host has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """Linux numbers the CPUs of such a machine in order: SMT siblings beside each other, sockets one after another."""

    sockets: int
    cores: int  # of a socket
    threads: int  # of a core
    numa_nodes: int = 1  # of equal size
    memory_mib: int = 1024
    kernel_arguments: str = ""

    @property
    def cpus(self) -> int:
        return self.sockets * self.cores * self.threads

    def command(self, kernel: Path, initramfs: Path, scenario: str) -> list[str]:
        """`panic=-1` and `-no-reboot` end qemu when the guest crashes; its console is qemu's standard output."""
        arguments = f"console=ttyS0 quiet panic=-1 pinfold.scenario={scenario} {self.kernel_arguments}"
        return [
            "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-nographic", "-no-reboot", "-nodefaults",
            "-serial", "stdio",
            "-m", str(self.memory_mib),
            "-smp", f"{self.cpus},sockets={self.sockets},cores={self.cores},threads={self.threads}",
            *self._numa(),
            "-kernel", str(kernel), "-initrd", str(initramfs), "-append", arguments.strip(),
        ]

    def _numa(self) -> list[str]:
        if self.numa_nodes == 1:
            return []
        cpus, memory = self.cpus // self.numa_nodes, self.memory_mib // self.numa_nodes
        arguments = []
        for node in range(self.numa_nodes):
            first = node * cpus
            arguments += [
                "-object", f"memory-backend-ram,id=memory{node},size={memory}M",
                "-numa", f"node,cpus={first}-{first + cpus - 1},memdev=memory{node}",
            ]
        return arguments

    def __str__(self) -> str:
        parts = [f"{self.cpus} CPUs: {_count(self.sockets, 'socket')} x {_count(self.cores, 'core')}"]
        if self.threads > 1:
            parts[0] += f" x {self.threads} threads"
        if self.numa_nodes > 1:
            parts.append(f"{self.numa_nodes} NUMA nodes")
        if self.kernel_arguments:
            parts.append(self.kernel_arguments)
        return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
