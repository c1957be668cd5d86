"""Shares the cores out: housekeeping, networking, disk, background and dedicated threads, and compute on the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from codegen.cores import format_cpus
from codegen.diagnostics import shown
from codegen.discover.inventory import Core, LeftOut, take_stock
from codegen.discover.survey import Survey
from codegen.machine.model import Machine

_MOST_NETWORK_CORES = 4
_MOST_NATIVE_CORES = 4
_DISK_FROM = 6  # cores that a machine must have for disk threads to get one of them
_NATIVE_FROM = 8  # and for a native pool beside the compute pool


@dataclass(frozen=True)
class Share:
    """A named core set of the topology."""

    name: str
    cpus: tuple[int, ...]
    reason: str
    wide: bool = False  # what is left of a node or of the machine, rather than a few cores


@dataclass(frozen=True)
class Pool:
    kind: str
    name: str
    purpose: str  # "networking" | "disk" | "general" | "dedicated" | "compute"
    share: Share | None  # None: its threads run where those run that no pool owns
    threads: int  # where there is no share


@dataclass(frozen=True)
class Plan:
    housekeeping: Share
    pools: tuple[Pool, ...]
    left_out: tuple[LeftOut, ...]
    division: str  # as Inventory.division
    smt: str  # "use" | "avoid"

    @property
    def shares(self) -> tuple[Share, ...]:
        return (self.housekeeping, *(pool.share for pool in self.pools if pool.share))


def plan(survey: Survey, kinds: Collection[str], smt: str) -> Plan:
    return _Planner(survey, kinds, smt).plan()


class _Planner:
    def __init__(self, survey: Survey, kinds: Collection[str], smt: str) -> None:
        self.survey = survey
        self.machine = survey.machine
        self.kinds = kinds
        self.smt = smt
        self.stock = take_stock(survey.machine)
        self.fast = list(self.stock.fast)
        self.background = list(self.stock.background)
        self.left_out = list(self.stock.left_out)
        self.noisy = set(survey.interrupt_cpus)
        self.main = next(kind for kind in ("tbb", "native", "asio") if kind in kinds)  # gets what is left

    def plan(self) -> Plan:
        home = self._housekeeping_core()
        pools = [pool for pool in (self._network(), self._disk(), self._native(home)) if pool]
        dedicated = self._dedicated()
        pools += [pool for pool in (dedicated, *self._compute(home)) if pool]
        whole = [home, *self.background]  # small cores that no pool wants
        reason = "main(), std::thread, the operating system"
        housekeeping = Share("housekeeping", _cpus(whole), reason)
        if self.smt == "avoid":
            self._leave_siblings(housekeeping, pools)
        return Plan(housekeeping, tuple(pools), tuple(self.left_out), self.stock.division, self.smt)

    def _housekeeping_core(self) -> Core:
        """The first, which hwloc makes that of CPU 0: kernels put most of their own work there."""
        return (self.background or self.fast).pop(0)

    def _network(self) -> Pool | None:
        if "asio" not in self.kinds:
            return None
        if self.main == "asio":
            return None  # it is the last to be served
        candidates = self.fast
        card = self.survey.card
        near = set(card.device.cpus) if card else set()
        close = [core for core in candidates if near.intersection(core.cpus)]
        quiet = [core for core in close or candidates if self.noisy.isdisjoint(core.cpus)]
        wanted = min(max(len(self.stock.fast) // 4, 1), _MOST_NETWORK_CORES)
        chosen = self._take(candidates, quiet or close or candidates, wanted)
        return self._pool("asio", "net", "networking", "network", chosen, self._network_reason(chosen))

    def _network_reason(self, cores: Sequence[Core]) -> str:
        card = self.survey.card
        if card is None:
            return "sockets"
        cpus = _cpus(cores)
        near = set(card.device.cpus).issuperset(cpus)
        reason = f"{'near' if near else 'far from'} {shown(card.device.name)}"
        if self.survey.interrupts:
            away = self.noisy.isdisjoint(cpus)
            reason += f"{', and' if near == away else ', but'} {'away from' if away else 'on'} its interrupts"
        return reason

    def _disk(self) -> Pool | None:
        disk = self.survey.storage
        if "asio" not in self.kinds or disk is None or len(self.stock.general) < _DISK_FROM:
            return None
        candidates = self.background or self.fast
        close = [core for core in candidates if not set(disk.cpus).isdisjoint(core.cpus)]
        chosen = self._take(candidates, close or candidates, 1)
        reason = f"{'near' if close else 'far from'} {shown(disk.name)}"
        return self._pool("asio", "file", "disk", "disk", chosen, reason)

    def _native(self, home: Core) -> Pool | None:
        """Threads for everything else: on all background cores, or on some near the housekeeping core."""
        if "native" not in self.kinds or self.main == "native":
            return None
        chosen: list[Core] = []
        reason = "threads of all kinds"
        if self.background:
            chosen = self._take(self.background, self.background, len(self.background), one_node=False)
            reason = "the small cores" if self.stock.division == "hybrid" else "the other cores that are not isolated"
        elif len(self.stock.fast) >= _NATIVE_FROM:
            close = [core for core in self.fast if core.node == home.node]
            noisy = [core for core in close if not self.noisy.isdisjoint(core.cpus)]
            wanted = min(len(self.stock.fast) // 8, _MOST_NATIVE_CORES)
            chosen = self._take(self.fast, [*noisy, *close] or self.fast, wanted)
        return self._pool("native", "default", "general", "general", chosen, reason)

    def _dedicated(self) -> Pool | None:
        cores = self.stock.dedicated
        if cores and "native" not in self.kinds:
            self.left_out.append(LeftOut(_cpus(cores), "isolated, and only a native pool would use them (--kinds)"))
            return None
        if self.stock.division == "isolation" and "native" in self.kinds and self.main != "native":
            wanted = min(len(self.stock.fast) // 8, _MOST_NATIVE_CORES)
            cores = tuple(self._take(self.fast, self.fast, wanted)) if wanted else ()
        if not cores:
            return None
        return self._pool("native", "dedicated", "dedicated", "isolated", cores, "the kernel keeps them free")

    def _compute(self, home: Core) -> list[Pool]:
        """The main pool: of TBB one for each NUMA node."""
        cores, self.fast = self.fast, []
        if self.main == "native":
            cores, self.background = [*cores, *self.background], []
        if self.main == "asio":
            return [self._pool("asio", "net", "networking", "network", cores, self._network_reason(cores), wide=True)]
        if self.main == "native":
            return [self._pool("native", "default", "general", "general", cores, "all other cores", wide=True)]
        nodes = sorted({core.node for core in cores}, key=lambda node: self._node_number(node))
        if len(nodes) < 2:
            reason = "all other cores" if self.stock.division != "hybrid" else "the other powerful cores"
            return [self._pool("tbb", "compute", "compute", "compute", cores, reason, wide=True,
                               threads=len(home.cpus))]
        return [self._pool("tbb", f"compute_{self._node_number(node)}", "compute", f"compute_{self._node_number(node)}",
                           [core for core in cores if core.node == node],
                           f"NUMA node {self._node_number(node)}", wide=True) for node in nodes]

    def _node_number(self, node: int) -> int:
        return self.machine.nodes[node].index if node >= 0 else 0

    def _take(self, owner: list[Core], preferred: Sequence[Core], number: int, *, one_node: bool = True) -> list[Core]:
        """The first of the preferred cores, within a node; without any left none."""
        distinct = list(dict.fromkeys(preferred))
        chosen = [core for core in distinct if not one_node or core.node == distinct[0].node][:number]
        for core in chosen:
            owner.remove(core)
        return _in_order(self.machine, chosen)

    def _pool(self, kind: str, name: str, purpose: str, share: str, cores: Sequence[Core], reason: str, *,
              wide: bool = False, threads: int = 1) -> Pool:
        if not cores:
            return Pool(kind, name, purpose, None, threads)
        cpus = _cpus(cores) if self.smt == "use" else tuple(core.cpus[0] for core in cores)
        return Pool(kind, name, purpose, Share(share, cpus, reason, wide), 0)

    def _leave_siblings(self, housekeeping: Share, pools: Sequence[Pool]) -> None:
        used = {cpu for pool in pools if pool.share for cpu in pool.share.cpus} | set(housekeeping.cpus)
        used |= {cpu for left in self.left_out for cpu in left.cpus}
        siblings = tuple(cpu for cpu in self.machine.usable if cpu not in used)
        if siblings:
            self.left_out.append(LeftOut(siblings, "SMT siblings of used CPUs, empty for --smt avoid"))


def _cpus(cores: Sequence[Core]) -> tuple[int, ...]:
    return tuple(cpu for core in cores for cpu in core.cpus)


def _in_order(machine: Machine, cores: Sequence[Core]) -> list[Core]:
    ranks = {index: rank for rank, index in enumerate(machine.usable)}
    return sorted(cores, key=lambda core: ranks[core.cpus[0]])


def listed(cpus: Sequence[int]) -> str:
    return f"CPU{'' if len(cpus) == 1 else 's'} {format_cpus(sorted(cpus))}"
