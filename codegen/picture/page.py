"""Topologies as one page of HTML that needs nothing else: map, legend, pools, names, and where values were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen import cxx, provenance, report, version
from codegen.cores import format_cpus
from codegen.model import Origin, Topology
from codegen.picture import faces, layout, names, svg
from codegen.picture.faces import Entry, Face
from codegen.picture.names import Branch
from codegen.picture.rendering import render
from codegen.picture.svg import Band


@dataclass(frozen=True)
class Row:
    """A pool in the table."""

    index: int
    face: Face
    cells: Sequence[str]
    description: str


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A topology."""

    name: str
    title: str
    source: str
    summary: str
    bands: Sequence[Band]  # of the map
    signs: Sequence[Entry]
    columns: Sequence[str]
    rows: Sequence[Row]
    settings: Sequence[tuple[str, str]]
    names: Sequence[Branch]
    tables: Sequence[Table]


@dataclass(frozen=True)
class Page:
    title: str
    version: str
    sections: Sequence[Section]


def text(topologies: Sequence[Topology]) -> str:
    named = ", ".join(topology.name for topology in topologies)
    sections = [_section(topology) for topology in topologies]
    return render("page.html.j2", Page(f"thread layout {cxx.shown(named)}", version.text(), sections))


def _section(topology: Topology) -> Section:
    heading, *_ = report.pool_rows(topology)
    return Section(
        name=cxx.shown(topology.name),
        title=report.subject(topology),
        source=report.source(topology),
        summary=layout.of(topology).title,
        bands=list(svg.bands(svg.map_of(topology))),
        signs=faces.sign_entries(topology),
        columns=_named(heading._replace(description="description"), heading),
        rows=list(_rows(topology)),
        settings=[(name, value) for name, value in report.process_settings(topology)],
        names=names.trees(topology),
        tables=[table for table in (_devices(topology), _values(topology)) if table.rows],
    )


def _rows(topology: Topology) -> Iterator[Row]:
    heading, *rows = report.pool_rows(topology)
    for entry, row in zip(faces.pool_entries(topology), rows, strict=True):
        # After a blank a long list of cores may be broken.
        *cells, description = row._replace(cores=row.cores.replace(",", ", "))
        yield Row(int(entry.pool), entry.face, _named(cells, heading), description)


def _named(cells: Sequence[str], heading: Sequence[str]) -> list[str]:
    """Those of columns that have a heading, and what comes last."""
    return [cell for cell, name in zip(cells, heading) if name] + list(cells[len(heading) - 1:])


def _devices(topology: Topology) -> Table:
    devices = topology.machine.devices if topology.machine else ()
    rows = [
        [*map(cxx.shown, (device.name, device.type, device.pci, format_cpus(device.cpus), device.description))]
        for device in devices]
    return Table("Devices", ("device", "type", "bus", "near CPUs", "model"), rows)


def _values(topology: Topology) -> Table:
    machine, process = topology.machine.label if topology.machine else "", topology.process
    rows = [*_written("topology", topology.origins, vars(topology) | {"machine": machine}),
            *_written("process", process.origins, vars(process) | {"cpuset": format_cpus(process.cpuset or ()),
                                                                   "cores": format_cpus(process.cores or ())}),
            *_written("cores", {name: written.origin for name, written in topology.written_sets.items()},
                      {name: written.text for name, written in topology.written_sets.items()})]
    for pool in topology.pools:
        rows += _written(provenance.label(pool), pool.origins, vars(pool) | {"cores": pool.cores_text})
    return Table("Where values were written", ("table", "key", "value", "written at"), rows)


def _written(table: str, origins: Mapping[str, Origin], values: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    for key, origin in origins.items():
        if origin.layer != "default" or origin.note:
            value = _spelled(values.get(key), origin.note)
            yield table, key, cxx.shown(value), cxx.shown(provenance.place(origin) or provenance.source(origin))


def _spelled(value: object, note: str) -> str:
    """As the file has it, and why a computed value is what it is; nothing for what the pool's row says better."""
    if isinstance(value, bool):
        value = str(value).lower()
    known = str(value) if isinstance(value, (str, int)) else ""
    return f"{known} = {note}" if known and note else known or note
