"""Which metrics a chart shows, by workload, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.report.figures import Workload


@dataclass(frozen=True)
class Plot:
    """A chart; less is better in all of them."""

    name: str  # what its file is called after the workload's name
    title: str
    metrics: Mapping[str, str]  # metric -> what its marks are called; empty where there is but one
    suffix: str = ""  # of the contenders that it shows

    def contenders(self, workload: Workload) -> Sequence[str]:
        having = {figure.contender for figure in workload.figures if figure.metric in self.metrics}
        return [each for each in workload.contenders if each in having and each.endswith(self.suffix)]


QUANTILES = ("p50", "p99", "p99.9")
TIME = (Plot("", "time", {"seconds": ""}),)
POSTS = (Plot("", "time a task", {"task_1_producer": "1 producer", "task_2_producers": "2 producers"}),)

PLOTS: Mapping[str, Sequence[Plot]] = {
    "bridge": (
        Plot("", "time of a round trip", {"round_trip_p50": "p50", "round_trip_p99": "p99"}),
        Plot("allocations", "allocations a round trip", {"allocations_per_round_trip": ""}),
    ),
    "post_latency": tuple(
        Plot(f"{gap}us", f"from a post to its start, {pace}",
             {f"{quantile}_every_{gap}_us": quantile for quantile in QUANTILES})
        for gap, pace in ((0, "one after the other"), (50, "one every 50 us"), (1000, "one every 1000 us"))
    ),
    "post_throughput": POSTS,
    "metrics_cost": POSTS,
    "idle": (Plot("", "processor time of an idle pool", {"cpu_seconds": ""}),),
    "wake": (Plot("", "how late a timer's handler runs",
                  {**{f"late_{quantile}": quantile for quantile in QUANTILES}, "late_max": "latest"}),),
    "codegen_scale": (Plot("", "time to generate and to compile",
                           {"cpu_seconds": "processor time", "seconds": "time"}),),
    "build": (
        Plot("gcc", "processor time of a compilation, GCC", {"cpu_seconds": ""}, "_gcc"),
        Plot("clang", "processor time of a compilation, Clang", {"cpu_seconds": ""}, "_clang"),
    ),
    "pool_bytes": (
        Plot("", "bytes that one more pool adds",
             {"text_a_pool": "text", "data_a_pool": "data", "bss_a_pool": "bss"}),
        Plot("worker", "data and bss that one more thread of a pool adds", {"static_a_worker": ""}),
        Plot("program", "text of the program", {"text_of_program": ""}),
    ),
    "memory": (
        Plot("", "memory of a worker", {"started_a_worker": "started", "worked_a_worker": "after its tasks"}),
    ),
}


def plots_of(workload: Workload) -> Sequence[Plot]:
    """Those for which there are figures."""
    return [plot for plot in PLOTS.get(workload.name, TIME) if plot.contenders(workload)]
