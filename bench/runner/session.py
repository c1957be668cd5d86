"""What one call of the runner does with programs that are built: plan, runs, tables, JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench.runner import contender, document, known_times, machine, plan, rounds
from bench.runner.budget import Budget
from bench.runner.build import Build
from bench.runner.command_line import Request
from bench.runner.contender import Entry
from bench.runner.document import Measured
from bench.runner.known_times import KnownTimes
from bench.runner.plan import Plan, PlannedWorkload
from bench.runner.progress import Progress
from bench.runner.rows import rows_of
from bench.runner.suite import Workload
from bench.runner.table import table


def run(request: Request, built: Build) -> bool:
    """Whether every program that was run gave its figures. Those that could not be built are named, no more."""
    about = machine.describe(built)
    print("; ".join(f"{key}: {value}" for key, value in about.items()))
    whole = plan_of(request, built, known_times.read())
    print(plan.text(whole), flush=True)
    progress = Progress(whole)
    missing = {
        name: reason
        for name, reason in built.missing.items()
        if any(name in request.contenders_of(workload) for workload in request.workloads)
    }
    measured: list[Measured] = []
    for planned in whole.workloads:
        measured.append(_run(planned, whole.budget, progress))
        if len(whole.workloads) > 1:
            print(f"\n{len(measured)} of {len(whole.workloads)} workloads done: {progress.spent()}", flush=True)
        if request.json:  # after each: a run that is interrupted keeps what it has
            text = document.document(about, measured, missing, quick=request.quick,
                                     budget_seconds=request.budget_seconds, seconds=progress.seconds())
            request.json.write_text(text, encoding="utf-8")

    for name, reason in missing.items():
        print(f"missing: {name}: {reason}")
    return not any(each.failures for each in measured)


def plan_of(request: Request, built: Build, known: KnownTimes) -> Plan:
    budget = Budget(request.budget_seconds)
    return Plan([plan.planned(each, entries_of(each, request, built), request.size_of(each), request.rounds, budget,
                              known) for each in request.workloads], budget)


def _run(planned: PlannedWorkload, budget: Budget, progress: Progress) -> Measured:
    workload = planned.workload

    def allows(entry: Entry, taken: Sequence[float]) -> bool:
        return budget.allows(workload, entry.contender, taken)

    try:
        results = rounds.run([each.entry for each in planned.entries], planned.rounds, contender.measure, progress,
                             allows)
    finally:
        progress.clear()
    rows = rows_of(results.samples, workload.against)
    print(f"\n{workload.name} {planned.size}: {workload.about}; {medians_of(planned.rounds)}")
    if rows:
        print(table(rows))
    for entry, reason in results.failures.items():
        print(f"failed: {entry}: {reason}")
    sys.stdout.flush()
    return Measured(workload, planned.size, planned.rounds, rows, results.seconds, results.failures)


def medians_of(runs: int) -> str:
    return "one run" if runs == 1 else f"medians of {runs} runs"


def entries_of(workload: Workload, request: Request, built: Build) -> list[Entry]:
    """What can be run of a workload: by contender, then by workers."""
    return [
        Entry(workload.name, name, workers, built.program(workload.name, name), request.size_of(workload))
        for name in request.contenders_of(workload)
        if name not in built.missing
        for workers in workload.contender_workers(name, request.workers)
    ]
