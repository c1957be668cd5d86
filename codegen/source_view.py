"""What topology.cpp.j2 prints: the pools, their places in the TOML file, the ELF note and the compiler's own checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from codegen import cxx, document, provenance
from codegen.model import Origin, Pool, Topology
from codegen.header_view import Objects, objects


@dataclass(frozen=True)
class Places:
    """The table of a pool and the keys that somebody set in it, with their places."""

    array: str
    table: str
    place: str
    keys: Sequence[str]


@dataclass(frozen=True)
class Check:
    """A fact that only the compiler can know, asserted at a place in the topology file."""

    line: int
    file: str
    condition: str
    message: str


@dataclass(frozen=True)
class Source:
    name: str
    banner: Sequence[str]
    file: str
    namespaces: Sequence[Objects]
    places: Sequence[Places]
    process_keys: Sequence[str]
    pool_cores: Sequence[str]
    note: Sequence[str]
    checks: Sequence[Check]


def source(topology: Topology) -> Source:
    return Source(
        name=topology.name,
        banner=cxx.comment(
            f"The pools of the thread layout '{topology.name}', generated with <{topology.name}/topology.hpp> from "
            f"{topology.file}."
        ),
        file=cxx.string(topology.file),
        namespaces=[objects(topology, kind) for kind in document.kinds(topology)],
        places=[_places(pool) for pool in topology.pools],
        process_keys=_key_places(topology.process.origins),
        pool_cores=[f"&{pool.kind}_pools::{pool.identifier}.core()" for pool in topology.pools],
        note=cxx.asm_ascii(document.compact(topology)),
        checks=[check for i, pool in enumerate(topology.pools) for check in _checks(i, pool, topology.file)],
    )


def _places(pool: Pool) -> Places:
    return Places(
        array=f"{pool.kind}_{pool.name}_keys",
        table=cxx.string(provenance.label(pool)),
        place=cxx.string(provenance.place(pool.origin)),
        keys=_key_places(pool.origins),
    )


def _key_places(origins: Mapping[str, Origin]) -> list[str]:
    keys = provenance.written_keys(origins)
    return [f"{{{cxx.string(key)}, {cxx.string(place)}}}" for key, place in keys]


_OTHER_THREADS = {"asio": "blocking_threads", "tbb": "", "native": "max_threads"}


def _checks(index: int, pool: Pool, topology_file: str) -> Iterable[Check]:
    spec = f"tables::pools[{index}]"
    members = [member for member in ("threads", _OTHER_THREADS[pool.kind]) if member]
    facts = [
        (
            "stack_kib",
            f"{spec}.stack_kib >= pinfold::min_stack_kib",
            f"PF009: {provenance.label(pool)}: a stack of {pool.stack_kib} KiB is below the library's "
            "pinfold::min_stack_kib; raise stack_kib",
        ),
        (
            "threads",
            f"{' + '.join(f'{spec}.{member}' for member in members)} <= pinfold::max_pool_threads",
            f"PF009: {provenance.label(pool)}: more threads than the library's pinfold::max_pool_threads; lower "
            f"{' or '.join(members)}",
        ),
    ]
    last = [f"-{pool.threads - 1}"] if pool.threads else []
    last += [f"-b{pool.blocking_threads - 1}"] if pool.blocking_threads else []
    if last:  # managed threads have names of their own
        longest = pool.thread_name + max(last, key=len)
        facts.append((
            "thread_name",
            f"std::string_view({cxx.string(longest)}).size() <= pinfold::max_thread_name",
            f"PF034: {provenance.label(pool)}: thread name '{longest}' is longer than the library's "
            "pinfold::max_thread_name; shorten thread_name",
        ))
    for key, condition, message in facts:
        place = _nearest(pool.origins.get(key), pool.origin, Origin("file", topology_file, 1))
        yield Check(place.line or 1, cxx.message(place.file or topology_file), condition, cxx.message(message))


def _nearest(*origins: Origin | None) -> Origin:
    """The first of them that has a place in a file: that of the key, else of its table, else the file's first line."""
    return next(origin for origin in origins if origin is not None and origin.line is not None)
