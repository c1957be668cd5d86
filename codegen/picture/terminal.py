"""A topology as text for terminals: the map of the machine, the pools, the names and the devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codegen import cxx, reach, report
from codegen.cores import format_cpus
from codegen.model import Pool, Process, Topology
from codegen.picture import layout, marks, names
from codegen.picture.layout import Group, Unit, near
from codegen.picture.marks import Mark
from codegen.picture.names import Branch
from codegen.report import PoolRow

_MAP = 100  # columns that a row of the map may take
_PAGE = 120  # at which any other line is cut
_CORES = 28  # of a list of cores, before it is put into order or counted instead

_SIGNS = {layout.FREE: "·", layout.OUTSIDE: "-", layout.BARRED: "x", layout.OFFLINE: "!", layout.UNKNOWN: "?"}
_MANY = "#"
_PALETTE = (75, 209, 79, 221, 211, 51, 149, 142)  # of 256 colours, in the order of marks' colours
_ASCII = str.maketrans({"·": ".", "├": "|", "└": "`", "│": "|", "─": "-"})


def text(topology: Topology, *, colour: bool = False, ascii_only: bool = False) -> str:
    paint = _Paint(marks.of(topology.pools), colour)
    drawn = layout.of(topology)
    sections = (
        [paint.bold(report.title(topology)), drawn.title],
        _map(drawn, paint),
        _pools(topology, paint),
        [paint.bold("process"), *(f"  {line}" for line in cxx.columns(report.process_settings(topology), gap=2))],
        [paint.bold("names"), *(f"  {line}" for line in _branches(names.trees(topology), paint))],
    )
    found = "\n".join("".join(f"{line}\n" for line in lines) for lines in sections)
    return found.translate(_ASCII) if ascii_only else found


class _Paint:
    def __init__(self, marks: Sequence[Mark], colour: bool) -> None:
        self.marks = marks
        self._colour = colour

    def pool(self, index: int, text: str) -> str:
        return self._in(f"1;38;5;{_PALETTE[self.marks[index].colour]}", text)

    def bold(self, text: str) -> str:
        return self._in("1", text)

    def faint(self, text: str) -> str:
        return self._in("2", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text else text


def _map(root: Group, paint: _Paint) -> list[str]:
    units = list(root.units)
    if not units:
        return ["no CPU is named: the threads run where the kernel puts them"]
    width = max(_width(unit, paint) for unit in units)
    label = max(len(format_cpus(row)) for row in _numbers(root, width))
    lines = [line for line in _group(root, paint, width, label, "") if line]
    return [*lines, "", *(["the CPUs of a core stand above each other"] if _has_smt(root) else []), *_key(units, paint)]


def _group(group: Group, paint: _Paint, width: int, label: int, indent: str) -> Iterator[str]:
    if group.level == "machine":
        yield _fitting(f"near all CPUs: {cxx.shown(near(group))}") if group.devices else ""
        inside = indent
    else:
        yield indent + paint.bold(_fitting(_title(group)))
        yield _fitting(f"{indent}  near: {cxx.shown(near(group))}") if group.devices else ""
        inside = indent + "  "
    for part in _runs(group):
        if isinstance(part, Group):
            yield from _group(part, paint, width, label, inside)
        else:
            yield from _rows(part, paint, width, label, inside)


def _title(group: Group) -> str:
    isolated = [unit.cpu for unit in group.units if unit.isolated] if group.level in ("cache", "loose") else []
    return cxx.shown(group.title) + (f", isolated: {format_cpus(isolated)}" if isolated else "")


def _runs(group: Group) -> Iterator[Group | list[list[Unit]]]:
    """Inner groups one by one; what stands in rows together: cores with their CPUs above each other, single CPUs."""
    cores: list[list[Unit]] = []
    for part in group.parts:
        if isinstance(part, Unit):
            cores.append([part])
        elif part.level == "core":
            cores.append(list(part.units))
        else:
            if cores:
                yield cores
                cores = []
            yield part
    if cores:
        yield cores


def _has_smt(group: Group) -> bool:
    return any(isinstance(part, Group) and (_has_smt(part) if part.level != "core" else len(part.parts) > 1)
               for part in group.parts)


def _lines(cores: Sequence[Sequence[Unit]], width: int) -> Iterator[list[Unit | None]]:
    """A row for each thread of a core; as many cores beside each other as fit."""
    fit = max((_MAP - 36) // (width + 1), 8) // 8 * 8
    for start in range(0, len(cores), fit):
        piece = cores[start:start + fit]
        for thread in range(max(map(len, piece))):
            yield [core[thread] if thread < len(core) else None for core in piece]


def _rows(cores: Sequence[Sequence[Unit]], paint: _Paint, width: int, label: int, indent: str) -> Iterator[str]:
    for row in _lines(cores, width):
        numbers = format_cpus(unit.cpu for unit in row if unit)
        cells = "".join(" " * (width + 1) if unit is None else " " + _cell(unit, paint, width) for unit in row)
        yield f"{indent}{paint.faint(numbers.ljust(max(label, len(numbers))))} {cells.rstrip()}"


def _numbers(group: Group, width: int) -> Iterator[list[int]]:
    for part in _runs(group):
        if isinstance(part, Group):
            yield from _numbers(part, width)
        else:
            yield from ([unit.cpu for unit in row if unit] for row in _lines(part, width))


def _letters(unit: Unit, paint: _Paint) -> str:
    letters = "".join(paint.marks[seat.pool].letters for seat in unit.seats[:2])
    return _MANY if len(unit.seats) > 2 else letters or _SIGNS[unit.state]


def _width(unit: Unit, paint: _Paint) -> int:
    return len(_letters(unit, paint))


def _cell(unit: Unit, paint: _Paint, width: int) -> str:
    text = _letters(unit, paint)
    padding = " " * (width - len(text))
    if not unit.seats:
        return paint.faint(text) + padding
    return paint.pool(unit.seats[0].pool, text) + padding


def _key(units: Sequence[Unit], paint: _Paint) -> list[str]:
    """The signs that occur, and pools that share CPUs."""
    states = [state for state in _SIGNS if any(unit.state == state and not unit.seats for unit in units)]
    signs = [f"{_SIGNS[state]} {state}" for state in states]
    crowds: dict[str, list[int]] = {}
    for unit in units:
        if len(unit.seats) > 1:
            crowds.setdefault(" ".join(paint.marks[seat.pool].letters for seat in unit.seats), []).append(unit.cpu)
    shared = [f"shared by {letters}: {format_cpus(cpus)}" for letters, cpus in crowds.items()]
    barred = [f"{unit.cpu}: {unit.state}" for unit in units if unit.seats and unit.state != layout.FREE]
    return [_fitting(line) for line in ("   ".join(signs), *shared, *barred) if line]


def _pools(topology: Topology, paint: _Paint) -> list[str]:
    if not topology.pools:
        return ["no pool exists in this topology"]
    heading, *body = report.pool_rows(topology)
    rows = [_without_stack("", heading)]
    for mark, row, pool in zip(paint.marks, body, topology.pools, strict=True):
        cores = row.cores.replace(*_shorter(pool, topology.process))
        rows.append(_without_stack(mark.letters, row._replace(cores=cores)))
    first, *lines = map(_fitting, cxx.columns(rows, gap=2))
    length = len(paint.marks[0].letters)
    return [paint.bold(first), *(paint.pool(index, row[:length]) + row[length:] for index, row in enumerate(lines))]


def _without_stack(letters: str, row: PoolRow) -> tuple[str, ...]:
    return (letters, row.pool, row.threads, row.cores, row.policy, row.idle, row.metrics,
            row.thread_names, row.description)


def _shorter(pool: Pool, process: Process) -> tuple[str, str]:
    """How the report lists the pool's cores, and what takes less room where that is long."""
    cpus = pool.cores or reach.inherited(pool, process)
    written = format_cpus(cpus)
    ordered = format_cpus(sorted(cpus))
    if len(written) <= _CORES:
        return written, written
    return written, ordered if len(ordered) <= _CORES else f"{len(cpus)} CPUs"


def _branches(branches: Sequence[Branch], paint: _Paint) -> Iterator[str]:
    for branch in branches:
        yield branch.label + (f"  {branch.note}" if branch.note else "")
        yield from _inner(branch.inner, paint, "")


def _inner(branches: Sequence[Branch], paint: _Paint, stem: str) -> Iterator[str]:
    for at, branch in enumerate(branches, 1):
        last = at == len(branches)
        label = branch.label if branch.pool is None else paint.pool(branch.pool, branch.label)
        yield f"{stem}{'└─' if last else '├─'} {label}" + (f"  {branch.note}" if branch.note else "")
        yield from _inner(branch.inner, paint, stem + ("   " if last else "│  "))


def _fitting(line: str) -> str:
    return line if len(line) <= _PAGE else f"{line[:_PAGE - 3]}..."
