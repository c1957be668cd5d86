"""A frame as tables of the Python module rich. Names are text, never markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from codegen import cxx
from codegen.cores import format_cpus
from codegen.observing.counters import Counters
from codegen.observing.frame import CoreActivity, Foreigner, Frame, PoolActivity

_UNKNOWN = "?"
_MOST = 4  # foreign threads or sources of interrupts of a core that are named
_ELSEWHERE = 12  # lines of a screen that hold no thread and no core


def view(frame: Frame, height: int | None = None) -> RenderableType:
    """`height`: the lines that there are. What does not fit is left out, quiet threads and cores first."""
    room = None if height is None else max(height - _ELSEWHERE - len(frame.pools) - len(frame.sample.unseen), 2)
    parts: list[RenderableType] = [Text(_title(frame), style="bold"), _threads(frame, _share(room, 2)),
                                   _cores(frame, _share(room, 2))]
    parts += [Text(f"not seen: {each}", style="yellow") for each in frame.sample.unseen]
    return Group(*parts)


def _title(frame: Frame) -> str:
    about = frame.sample.subject
    names = ", ".join(layout.topology.name for layout in about.layouts)
    mapped = f"; CPU map {cxx.shown(about.cpu_map.text)}" if about.cpu_map.source else ""
    return (f"process {frame.process.pid}, {cxx.shown(frame.process.name)}: {names}{mapped};"
            f" {frame.elapsed_ns / 1e9:.1f} s")


def _share(room: int | None, parts: int) -> int | None:
    return None if room is None else room // parts


def _threads(frame: Frame, room: int | None) -> Table:
    table = _table("pool", "thread", "tid")
    for heading in ("cpu", "CPU %", "delay %", "voluntary", "involuntary", "migrations"):
        table.add_column(heading, justify="right")
    busiest = sorted((each.counted.cpu_ns for pool in frame.pools for each in pool.threads), reverse=True)
    least = 0 if room is None or len(busiest) <= room else busiest[room - 1] + 1
    for pool in frame.pools:
        for row in _rows(pool, frame, least):
            table.add_row(*row, style="bold" if row[0].plain else "")
    return table


def _rows(pool: PoolActivity, frame: Frame, least: int) -> Iterator[Sequence[Text]]:
    title = pool.label or "no pool"
    label = f"{pool.topology} {title}" if pool.topology and len(frame.sample.subject.layouts) > 1 else title
    yield _row(label, f"{len(pool.threads)}", "", "", _counted(pool.counted, frame))
    shown = [each for each in pool.threads if each.counted.cpu_ns >= least]
    for each in shown:
        yield _row("", cxx.shown(each.thread.name), str(each.thread.tid), str(each.thread.stat.cpu),
                   _counted(each.counted, frame))
    if len(shown) < len(pool.threads):
        yield _row("", f"{len(pool.threads) - len(shown)} quieter", "", "", ())


def _row(pool: str, thread: str, tid: str, cpu: str, rest: Sequence[str]) -> Sequence[Text]:
    return [Text(cell) for cell in (pool, thread, tid, cpu, *rest)]


def _counted(counted: Counters, frame: Frame) -> Sequence[str]:
    delay = _UNKNOWN if counted.delay_ns is None else f"{frame.percent(counted.delay_ns):.1f}"
    numbers = (counted.voluntary, counted.involuntary, counted.migrations)
    return [f"{frame.percent(counted.cpu_ns):.1f}", delay,
            *(_UNKNOWN if number is None else str(number) for number in numbers)]


def _cores(frame: Frame, room: int | None) -> Table:
    table = _table("core", "pools", "foreign threads", "interrupts")
    eventful = [core for core in frame.cores if core.foreigners or core.interrupts.sources]
    eventful.sort(key=lambda core: (-sum(each.cpu_ns for each in core.foreigners), -core.interrupts.devices, core.cpu))
    shown = sorted(eventful[:room], key=lambda core: core.cpu)
    for core in shown:
        table.add_row(Text(str(core.cpu)), Text(", ".join(core.pools)), Text(_foreigners(core.foreigners, frame)),
                      Text(_interrupts(core)))
    rest = [core.cpu for core in frame.cores if core not in shown]
    if rest:
        table.add_row(Text(format_cpus(rest)), Text(""), Text("quieter" if len(shown) < len(eventful) else "none"),
                      Text(""))
    return table


def _foreigners(foreigners: Sequence[Foreigner], frame: Frame) -> str:
    owners = {"process": "", "kernel": " kernel", "other": ""}
    named = [f"{cxx.shown(each.name)} ({each.tid}{owners[each.owner]}) {frame.percent(each.cpu_ns):.1f}%"
             for each in foreigners[:_MOST]]
    return ", ".join(named) + _more(foreigners)


def _interrupts(core: CoreActivity) -> str:
    came = core.interrupts
    named = [f"{cxx.shown(source)} {number}" for source, number in came.sources[:_MOST]]
    return f"{came.devices + came.local}: {', '.join(named)}{_more(came.sources)}" if named else ""


def _more(items: Sequence[object]) -> str:
    return f", {len(items) - _MOST} more" if len(items) > _MOST else ""


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("tid", "core") else "left")
    return table
