"""What the programs' figures are called in tables and JSON, and their units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    name: str
    unit: str


# Key of the programs' JSON lines -> metric, in the order of the tables.
METRICS = {
    "seconds": Metric("seconds", "s"),
    "cpu_seconds": Metric("cpu_seconds", "s"),
    "round_trip_p50_ns": Metric("round_trip_p50", "ns"),
    "round_trip_p99_ns": Metric("round_trip_p99", "ns"),
    "allocations_per_round_trip": Metric("allocations_per_round_trip", "1"),
    **{
        f"{quantile}_every_{gap}_us": Metric(f"{quantile}_every_{gap}_us", "ns")
        for gap in (0, 50, 1000)
        for quantile in ("p50", "p99", "p99.9")
    },
    "ns_per_task_1_producer": Metric("task_1_producer", "ns"),
    "ns_per_task_2_producers": Metric("task_2_producers", "ns"),
    **{f"late_{part}_ns": Metric(f"late_{part}", "ns") for part in ("p50", "p99", "p99.9", "max")},
    "text_of_program": Metric("text_of_program", "B"),
    **{f"{section}_a_pool": Metric(f"{section}_a_pool", "B") for section in ("text", "data", "bss")},
    "started_kib_a_worker": Metric("started_a_worker", "KiB"),
    "worked_kib_a_worker": Metric("worked_a_worker", "KiB"),
    "static_bytes_a_worker": Metric("static_a_worker", "B"),
    "peak_rss_kib": Metric("peak_rss", "KiB"),
}
