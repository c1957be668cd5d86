"""Processes that tests make up: what /proc says of them, below a folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import test_elf

from codegen import document
from codegen.cores import format_cpus
from codegen.model import Topology
from codegen.observing.cpu_map import CpuMap
from codegen.observing.declared import Layout

PID = 4711
_POLICIES = {"other": 0, "fifo": 1, "rr": 2, "batch": 3, "idle": 5, "deadline": 6}


class FakeProcess:
    """One whose binary links topologies, on a host with `cpus` CPUs. It starts with its main thread alone."""

    def __init__(
        self, root: Path, *topologies: Topology, cpus: int = 64, arguments: Sequence[str] = ("./server",),
        environment: Sequence[str] = ("HOME=/",), main: str = "",
    ) -> None:
        self.root, self.topologies = root, topologies
        self.all = f"0-{cpus - 1}"
        self.folder = root / "proc" / str(PID)
        self.next = PID
        self.write("exe", test_elf.file(True, "<", b"".join(
            test_elf.note("<", document.compact(topology).encode()) for topology in topologies)))
        self.write("cmdline", b"".join(word.encode() + b"\0" for word in arguments))
        self.write("environ", b"".join(word.encode() + b"\0" for word in environment))
        self.write("cgroup", b"0::/\n")
        self.neighbour(1, "init", 0)
        self.host("sys/devices/system/cpu/online", self.all)
        self.host("sys/fs/cgroup/cpuset.cpus.effective", self.all)
        self.thread("server", main or self.all)
        for name in ("stat", "status"):
            shutil.copy(self.folder / f"task/{PID}/{name}", self.folder / name)

    def start(self, cpu_map: CpuMap = CpuMap(), *, only: Topology | None = None) -> FakeProcess:
        """Every thread as its topology declares it."""
        for topology in self.topologies if only is None else (only,):
            for each in Layout(topology, cpu_map).threads:
                pool = each.pool
                self.thread(each.name, format_cpus(each.cpus) if each.cpus else self.all, policy=pool.policy,
                            priority=pool.priority, nice=pool.nice or 0)
        return self

    def thread(
        self, name: str, cpus: str, *, policy: str = "other", priority: int = 0, nice: int = 0, cpu: int | None = None,
        state: str = "S", tid: int | None = None, counted: Sequence[int] = (0, 0, 0, 0, 0),
    ) -> int:
        """A new one, or `tid` as it is from now on. Younger ones have higher numbers. `counted` are nanoseconds on a
        CPU and waiting for one, voluntary and involuntary switches, and migrations."""
        if tid is None:
            tid, self.next = self.next, self.next + 1
        where = int(cpus.split(",")[0].split("-")[0]) if cpu is None else cpu
        cpu_ns, delay_ns, voluntary, involuntary, migrations = counted
        folder = f"proc/{PID}/task/{tid}"
        self.stat(folder, tid, name, state=state, nice=nice, cpu=where, priority=priority, policy=policy, cpu_ns=cpu_ns)
        self.host(f"{folder}/status", f"Name:\t{name}\nTgid:\t{PID}\nCpus_allowed_list:\t{cpus}\n"
                  f"voluntary_ctxt_switches:\t{voluntary}\nnonvoluntary_ctxt_switches:\t{involuntary}")
        self.host(f"{folder}/schedstat", f"{cpu_ns} {delay_ns} 1")
        self.host(f"{folder}/sched", f"{name} ({tid}, #threads: 1)\n---\nse.nr_migrations  :  {migrations}\n")
        return tid

    def neighbour(
        self, pid: int, name: str, cpu: int, *, cpu_ns: int = 0, state: str = "S", kernel: bool = False,
        exact: bool = True,
    ) -> None:
        """A process of one thread beside this one; without `exact` of a kernel that counts in ticks alone."""
        folder = f"proc/{pid}/task/{pid}"
        self.stat(folder, pid, name, state=state, cpu=cpu, cpu_ns=cpu_ns, kernel=kernel)
        self.stat(f"proc/{pid}", pid, name, state=state, cpu=cpu, cpu_ns=cpu_ns, kernel=kernel)
        if exact:
            self.host(f"{folder}/schedstat", f"{cpu_ns} 0 1")

    def stat(
        self, folder: str, tid: int, name: str, *, state: str, cpu: int, cpu_ns: int, nice: int = 0, priority: int = 0,
        policy: str = "other", kernel: bool = False,
    ) -> None:
        fields = ["0"] * 50
        fields[0], fields[6], fields[11] = state, str(0x00200040 if kernel else 64), str(cpu_ns // 10**7)
        fields[16], fields[19], fields[36] = str(nice), str(1000 + tid), str(cpu)
        fields[37], fields[38] = str(priority), str(_POLICIES[policy])
        self.host(f"{folder}/stat", f"{tid} ({name}) {' '.join(fields)}")

    def tid(self, name: str) -> int:
        for folder in sorted((self.folder / "task").iterdir()):
            if f"({name})" in (folder / "stat").read_text(encoding="utf-8"):
                return int(folder.name)
        raise KeyError(name)

    def end(self, tid: int) -> None:
        shutil.rmtree(self.folder / f"task/{tid}")

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def host(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
