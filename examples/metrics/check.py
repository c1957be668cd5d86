"""check.py PROGRAM: scrapes it, and compares what it says with what it has done."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

SAMPLE = re.compile(r'(\w+)\{(.*)\} (\S+)')
WORK = 'topology="metered",pool="work",kind="native"'


def scrape(url: str) -> dict[tuple[str, str], float]:
    """By name and labels."""
    with urlopen(url, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4", answer.headers
        lines = answer.read().decode().splitlines()
    samples = [SAMPLE.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(samples), lines
    return {(sample[1], sample[2]): float(sample[3]) for sample in samples if sample}


def main(program: str) -> None:
    with subprocess.Popen([program, "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            first, second = scrape(url), scrape(url)
            try:
                urlopen(url + "/other", timeout=20)
                raise AssertionError("/metrics/other was found")
            except HTTPError as error:
                assert error.code == 404, error
            threads = sorted(Path(task, "comm").read_text(encoding="utf-8").strip()
                             for task in Path(f"/proc/{process.pid}/task").iterdir())
        finally:
            process.send_signal(signal.SIGTERM)
        report = process.stdout.read()
    assert process.returncode == 0, process.returncode

    assert first["pinfold_topology_running", 'topology="metered"'] == 1
    assert first["pinfold_tasks_finished_total", WORK] >= 10_000
    assert first["pinfold_tasks_run_total", f'{WORK},thread="work-0"'] >= 10_000
    assert first["pinfold_busy_seconds_total", f'{WORK},thread="work-0"'] > 0
    count = first["pinfold_post_to_start_seconds_count", WORK]
    assert count >= 10_000
    buckets = [value for (name, labels), value in first.items()
               if name == "pinfold_post_to_start_seconds_bucket" and labels.startswith(WORK)]
    assert len(buckets) == 29 and buckets == sorted(buckets) and buckets[-1] == count, buckets
    counters = [key for key in first if key[0].endswith("_total")]
    assert counters and all(second[key] >= first[key] for key in counters)

    # No thread but main() and those that the topology declares; a sanitizer has one of its own.
    assert [thread for thread in threads if "-" in thread] == ["web-0", "work-0"], threads
    assert "p99" in report and re.search(r"^work +native ", report, re.MULTILINE), report


if __name__ == "__main__":
    main(sys.argv[1])
