"""check.py report|options PROGRAM: checks what core_contention_basics prints and writes, never how fast it was."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

LAYOUTS = ("contending", "dedicated")
# Name, unit, and whether a run that worked can only give a value above zero.
METRICS = (
    ("requests", "1/s", True),
    ("p50", "us", True),
    ("p99", "us", True),
    ("p99.9", "us", True),
    ("compute items", "1/s", True),
    ("involuntary switches", "1/s", False),
    ("migrations", "1/s", False),
)
HANDLER_WAIT_US = 1000


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=50)


def check_report(program: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "table.json")
        result = run(program, "--connections=9", "--seconds", "0.3", "--rounds", "1", "--json", str(file))
        assert result.returncode == 0, result.stderr
        rows = json.loads(file.read_text(encoding="utf-8"))

    expected = [(layout, name, unit) for layout in LAYOUTS for name, unit, _ in METRICS]
    assert [(row["layout"], row["metric"], row["unit"]) for row in rows] == expected, rows
    positive = {name for name, _, must_be_positive in METRICS if must_be_positive}
    for row in rows:
        if row["value"] is None:
            assert row["metric"] == "migrations", row
        else:
            assert row["value"] > 0 if row["metric"] in positive else row["value"] >= 0, row

    values = {(row["layout"], row["metric"]): row["value"] for row in rows}
    for layout in LAYOUTS:
        p50, p99, p999 = (values[layout, name] for name in ("p50", "p99", "p99.9"))
        assert HANDLER_WAIT_US <= p50 <= p99 <= p999, values
        assert sum(line.startswith(layout + " ") for line in result.stdout.splitlines()) == 1, result.stdout
    # Each thread of `dedicated` has one core from birth: nothing can move it.
    assert not values["dedicated", "migrations"], values
    last_line = result.stdout.splitlines()[-1]
    assert "p99" in last_line and "requests" in last_line and "items" in last_line, result.stdout


def check_options(program: str) -> None:
    for arguments, complaint in (
        (["--connections", "1"], "--connections takes a whole number from 2 to 400; got '1'"),
        (["--connections=8x"], "--connections takes a whole number from 2 to 400; got '8x'"),
        (["--seconds", "nan"], "--seconds takes a number from 0.1 to 60; got 'nan'"),
        (["--rounds", "-1"], "--rounds takes a whole number from 1 to 25; got '-1'"),
        (["--rounds"], "--rounds needs a value"),
        (["--json", "/nowhere/table.json"], "--json: cannot write '/nowhere/table.json'"),
        (["--jsn", "table.json"], "there is no option '--jsn'"),
    ):
        result = run(program, *arguments)
        assert result.returncode == 2, (arguments, result)
        assert result.stdout == "", (arguments, result)
        assert result.stderr == f"core_contention_basics: {complaint} (see --help)\n", (arguments, result)

    result = run(program, "--help")
    assert result.returncode == 0 and result.stdout.startswith("usage: "), result

    result = run(program, "--pinfold-cpu-map", "0-4095:4096", "--rounds", "1", "--seconds", "0.1")
    assert result.returncode == 1, result
    assert "cannot start topology 'dedicated'" in result.stderr, result


if __name__ == "__main__":
    {"report": check_report, "options": check_options}[sys.argv[1]](sys.argv[2])
