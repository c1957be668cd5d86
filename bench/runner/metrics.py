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
    "p50_every_0_us": Metric("p50_every_0_us", "us"),
    "p99_every_0_us": Metric("p99_every_0_us", "us"),
    "p50_every_50_us": Metric("p50_every_50_us", "us"),
    "p99_every_50_us": Metric("p99_every_50_us", "us"),
    "p50_every_1000_us": Metric("p50_every_1000_us", "us"),
    "p99_every_1000_us": Metric("p99_every_1000_us", "us"),
    "posts_per_second": Metric("posts", "1/s"),
    "peak_rss_kib": Metric("peak_rss", "KiB"),
}
