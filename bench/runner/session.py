"""What one call of the runner does with programs that are built: runs, tables, JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from bench.runner import contender, machine, report, rounds
from bench.runner.build import Build
from bench.runner.command_line import Request
from bench.runner.contender import Entry
from bench.runner.progress import Progress
from bench.runner.rows import Row, rows_of
from bench.runner.suite import Workload
from bench.runner.table import table


def run(request: Request, built: Build) -> bool:
    """Whether every program that was run gave its figures. Those that could not be built are named, no more."""
    rows: list[Row] = []
    failures: dict[Entry, str] = {}
    about = machine.describe(built)
    print("; ".join(f"{key}: {value}" for key, value in about.items()), flush=True)
    for workload in request.workloads:
        of_workload, failures_of_workload = _run(workload, request, built)
        rows += of_workload
        failures |= failures_of_workload

    missing = {
        name: reason
        for name, reason in built.missing.items()
        if any(name in request.contenders_of(workload) for workload in request.workloads)
    }
    for name, reason in missing.items():
        print(f"missing: {name}: {reason}")
    if request.json:
        request.json.write_text(report.report(about, rows, failures, missing, quick=request.quick), encoding="utf-8")
    return not failures


def _run(workload: Workload, request: Request, built: Build) -> tuple[list[Row], Mapping[Entry, str]]:
    progress = Progress(request.rounds)
    try:
        results = rounds.run(entries_of(workload, request, built), request.rounds, contender.measure, progress)
    finally:
        progress.clear()
    rows = rows_of(results.samples, workload.against)
    print(f"\n{workload.name} {request.size_of(workload)}: {workload.about}; medians of {request.rounds} runs")
    if rows:
        print(table(rows))
    for entry, reason in results.failures.items():
        print(f"failed: {entry}: {reason}")
    sys.stdout.flush()
    return rows, results.failures


def entries_of(workload: Workload, request: Request, built: Build) -> list[Entry]:
    """What can be run of a workload: by contender, then by workers."""
    return [
        Entry(workload.name, name, workers, built.program(workload.name, name), request.size_of(workload))
        for name in request.contenders_of(workload)
        if name not in built.missing
        for workers in workload.contender_workers(name, request.workers)
    ]
