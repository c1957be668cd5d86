"""What pictures say of a CPU and of a pool where one points at it."""

from __future__ import annotations

from codegen import cxx, provenance, reach
from codegen.model import Pool, Process, Topology
from codegen.picture import layout
from codegen.picture.layout import Seat, Unit
from codegen.wording import idle, measures, policy, thread_count, where


def of_unit(unit: Unit, topology: Topology) -> str:
    """Lines: the CPU and what it belongs to, then what runs there."""
    lines = [", ".join([f"CPU {unit.cpu}", *map(cxx.shown, unit.place)])]
    if unit.isolated:
        lines.append("isolated: the kernel moves no thread there by itself")
    if unit.state not in (layout.FREE, layout.OUTSIDE) or (not unit.seats and not unit.other_threads):
        lines.append({layout.FREE: "no pool runs here", layout.OUTSIDE: "outside the process's cpuset"}.get(
            unit.state, unit.state))
    lines += [_of_seat(seat, topology.pools[seat.pool]) for seat in unit.seats]
    if unit.other_threads:
        lines.append("every thread that no pool owns")
    return "\n".join(lines)


def of_pool(pool: Pool, process: Process) -> str:
    """In one line, for a legend."""
    placed = pool.cores or reach.inherited(pool, process)
    on = f" on {where(pool, process)}" if placed else ", not pinned"
    return f"{_threads(pool)}{on}, {policy(pool)}, {idle(pool)}{measures(pool)}"


def _of_seat(seat: Seat, pool: Pool) -> str:
    name = provenance.label(pool)
    facts = f"{policy(pool)}, {idle(pool)}"
    if seat.thread is not None:
        return f"{name}: thread {cxx.shown(pool.thread_name)}-{seat.thread}, {facts}"
    if pool.pin == "thread":
        return f"{name}: no thread of it, {pool.threads} of {len(pool.cores)} cores have one"
    how = "sharing these CPUs" if pool.pin == "set" else "not pinned" if pool.cores else "on [process] cores"
    return f"{name}: {_threads(pool)} {how}, {facts}"


def _threads(pool: Pool) -> str:
    count = thread_count(pool)
    return f"{count} thread" if count == "1" else f"{count} threads"
