"""What differs between two topologies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from codegen.diffing.compared import Compared, Table, Value


@dataclass(frozen=True)
class Change:
    """None stands for a value that one side does not have."""

    key: str
    old: Value
    new: Value
    old_from: str = ""
    new_from: str = ""


@dataclass(frozen=True)
class PoolChange:
    pool: str
    change: str  # "added" | "removed" | "changed"
    keys: tuple[Change, ...] = ()
    gained: tuple[int, ...] = ()  # CPUs
    lost: tuple[int, ...] = ()
    why: str = ""  # of one that was added or removed


@dataclass(frozen=True)
class Moved:
    """CPUs that other pools may use now."""

    cpus: tuple[int, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Differences:
    topology: tuple[Change, ...]
    process: tuple[Change, ...]
    core_sets: tuple[Change, ...]
    pools: tuple[PoolChange, ...]
    order: tuple[Change, ...]  # of start, of the pools that both sides have
    cpus: tuple[Moved, ...]
    names: tuple[Change, ...]

    def __bool__(self) -> bool:
        return any(asdict(self).values())


def between(old: Compared, new: Compared) -> Differences:
    both = [label for label in old.pools if label in new.pools]
    order = [label for label in new.pools if label in old.pools]
    return Differences(
        topology=_changes(old.topology, new.topology),
        process=_changes(old.process, new.process),
        core_sets=_changes(old.core_sets, new.core_sets),
        pools=tuple(_pools(old, new)),
        order=() if both == order else (Change("order of start", both, order),),
        cpus=_moved(old, new),
        names=_plain_changes(old.names, new.names),
    )


def _changes(old: Table, new: Table) -> tuple[Change, ...]:
    return tuple(
        Change(key, old.values.get(key), new.values.get(key), old.source(key), new.source(key))
        for key in dict.fromkeys((*old.values, *new.values)) if old.values.get(key) != new.values.get(key))


def _plain_changes(old: Mapping[str, Value], new: Mapping[str, Value]) -> tuple[Change, ...]:
    return tuple(Change(key, old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))
                 if old.get(key) != new.get(key))


def _pools(old: Compared, new: Compared) -> list[PoolChange]:
    found = []
    for label in dict.fromkeys((*old.pools, *new.pools)):
        before, after = old.pools.get(label), new.pools.get(label)
        held, holds = dict.fromkeys(_cores(before)), dict.fromkeys(_cores(after))
        gained = tuple(cpu for cpu in holds if cpu not in held)
        lost = tuple(cpu for cpu in held if cpu not in holds)
        if before is None:
            was = f"was {old.absent[label]}; " if label in old.absent else ""
            found.append(PoolChange(label, "added", (), gained, lost, was + new.places[label]))
        elif after is None:
            found.append(PoolChange(label, "removed", (), gained, lost, new.absent.get(label, "not declared")))
        elif keys := _changes(before, after):
            found.append(PoolChange(label, "changed", keys, gained, lost))
    return found


def _moved(old: Compared, new: Compared) -> tuple[Moved, ...]:
    """Neighbours that move alike are one entry."""
    before, after = _users(old), _users(new)
    found: list[Moved] = []
    for cpu in sorted({*before, *after}):
        was, now = before.get(cpu, ()), after.get(cpu, ())
        if was == now:
            continue
        last = found[-1] if found else None
        if last and (last.old, last.new) == (was, now) and last.cpus[-1] == cpu - 1:
            found[-1] = Moved((*last.cpus, cpu), was, now)
        else:
            found.append(Moved((cpu,), was, now))
    return tuple(found)


def _users(topology: Compared) -> dict[int, tuple[str, ...]]:
    users: dict[int, list[str]] = {}
    for label, pool in sorted(topology.pools.items()):
        for cpu in _cores(pool):
            users.setdefault(cpu, []).append(label)
    return {cpu: tuple(labels) for cpu, labels in users.items()}


def _cores(pool: Table | None) -> Sequence[int]:
    return list(pool.values["cores"]) if pool else []


def data(differences: Differences) -> dict[str, Any]:
    """For programs, in the order of the text."""
    return {"format": 1, "same": not differences, **asdict(differences)}
