"""check.py report|options PROGRAM: checks what core_contention_sweep prints and writes, never how fast it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

BUILT_FOR = (2, 4, 8, 16)
LAYOUTS = ("shared", "dedicated", "single")
METRICS = (("p50", "us"), ("p99", "us"), ("p99.9", "us"), ("items", "1/s"))
WORKLOADS = ("requests", "ticks")
HANDLER_WAIT_US = 1000
SKIPPED = 77


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=100)


def check_report(program: str) -> None:
    cores = [count for count in BUILT_FOR if count <= min(4, len(os.sched_getaffinity(0)))]
    if not cores:
        print("skipped: the smallest layouts need 2 CPUs")
        sys.exit(SKIPPED)
    chosen = ["--cores", str(cores[-1])]
    with tempfile.TemporaryDirectory() as folder:
        file, picture = Path(folder, "results.json"), Path(folder, "results.svg")
        Path(folder, "earlier").write_text("results of an earlier sweep, which these replace", encoding="utf-8")
        file.symlink_to("earlier")
        result = run(program, "--connections=8", "--seconds", "0.2", "--rounds", "3", *chosen, "--json", str(file),
                     "--svg", str(picture))
        assert result.returncode == 0, result.stderr
        rows = json.loads(file.read_text(encoding="utf-8"))
        check_picture(picture)

    expected = [(workload, cores[-1], layout, name, unit)
                for workload in WORKLOADS for layout in LAYOUTS
                for name, unit in ((workload, "1/s"), *METRICS)]
    assert [tuple(row[key] for key in ("workload", "cores", "layout", "metric", "unit")) for row in rows] == expected
    for row in rows:
        assert len(row["rounds"]) == 3, row
        assert [row["low"], row["median"], row["high"]] == sorted(row["rounds"]), row
        assert row["low"] > 0, row
        if row["workload"] == "requests" and row["metric"] == "p50":
            assert row["low"] >= HANDLER_WAIT_US, row
        if row["metric"] == "ticks":  # one each ms, however late
            assert row["rounds"] == [1000, 1000, 1000], row

    # A thread sanitizer's symbolizer says there, too, what it cannot find.
    progress = [line for line in result.stderr.splitlines() if "llvm-symbolizer" not in line]
    assert progress[0].startswith("18 runs, about "), progress
    assert [line.split("]")[0] for line in progress[1:]] == [f"[{i}/18" for i in range(1, 19)], progress
    for layout in LAYOUTS:
        assert sum(line.split()[1:2] == [layout] for line in result.stdout.splitlines()) == 2, result.stdout
    for other in ("shared", "single"):
        said = f"{cores[-1]} cores, dedicated against {other}: "
        assert sum(line.startswith(said) for line in result.stdout.splitlines()) == 2, result.stdout
    check_findings(result.stdout, rows)
    check_interrupted(program)


def check_findings(text: str, rows: list[dict[str, object]]) -> None:
    """A difference is told where the rounds are apart, and only there; a gain that does not show is said not to."""
    lines = iter(line for line in text.splitlines() if " against " in line)
    for workload in WORKLOADS:
        for other in ("shared", "single"):
            line, gains = next(lines), False
            for metric in ("p99", workload, "items"):
                rounds = {row["layout"]: row["rounds"] for row in rows
                          if row["workload"] == workload and row["metric"] == metric}
                theirs, own = rounds[other], rounds["dedicated"]
                assert isinstance(theirs, list) and isinstance(own, list)
                overlap = max(own) >= min(theirs) and max(theirs) >= min(own)
                assert (f"no difference in {metric} (the rounds overlap)" in line) == overlap, (line, theirs, own)
                if not overlap and metric != "items":
                    gains = gains or (max(own) < min(theirs)) == (metric == "p99")
            assert ("did " + workload + " no good here" in line) != gains, line


def check_picture(file: Path) -> None:
    picture = ElementTree.parse(file).getroot()
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text or "" for text in picture.iter(space + "text")]
    assert texts.count("p99, us") == texts.count("p99.9, us") == texts.count("items per second") == 2, texts
    assert texts.count("lower is better; log scale") == texts.count("higher is better") == 4, texts
    # In each of eight panels, each layout has a mark, and a line with two ends around it.
    for layout in LAYOUTS:
        marks = [group for group in picture.iter(space + "g")
                 if group.get("class") == layout and group.find(space + "title") is not None]
        assert len(marks) == 8, (layout, marks)
        for mark in marks:
            assert sum(path.get("class") == "range" for path in mark.iter(space + "path")) == 3, layout
    assert "prefers-color-scheme: dark" in file.read_text(encoding="utf-8")


def check_interrupted(program: str) -> None:
    """What an earlier sweep has written stays until this one is through."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.json")
        file.write_text("kept", encoding="utf-8")
        sweep = subprocess.Popen([program, "--json", str(file)], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True)
        assert sweep.stderr is not None
        sweep.stderr.readline()  # the runs begin
        sweep.terminate()
        sweep.communicate(timeout=20)
        assert file.read_text(encoding="utf-8") == "kept"


def check_options(program: str) -> None:
    cpus = len(os.sched_getaffinity(0))
    for arguments, complaint in (
        (["--connections", "1"], "--connections takes a whole number from 2 to 400; got '1'"),
        (["--seconds", "nan"], "--seconds takes a number from 0.1 to 60; got 'nan'"),
        (["--rounds", "-1"], "--rounds takes a whole number from 1 to 25; got '-1'"),
        (["--rounds"], "--rounds needs a value"),
        (["--cores", "3"], "--cores: no layouts were built for 3"),
        (["--workload", "tick"], "--workload: there is no 'tick'"),
        (["--core", "2"], "there is no option '--core'"),
        *([(["--json", "same", "--svg", "same"], "--json and --svg name the same file")] if cpus > 1 else []),
        *([(["--svg", "/nowhere/chart.svg"], "--svg: cannot write '/nowhere/chart.svg'")] if cpus > 1 else []),
    ):
        result = run(program, *arguments)
        assert result.returncode == 2, (arguments, result)
        assert result.stdout == "", (arguments, result)
        assert result.stderr == f"core_contention_sweep: {complaint} (see --help)\n", (arguments, result)

    result = run(program, "--help")
    assert result.returncode == 0 and result.stdout.startswith("usage: "), result

    if cpus < BUILT_FOR[-1]:
        result = run(program, "--cores", str(BUILT_FOR[-1]))
        assert (result.returncode, result.stdout) == (1, ""), result
        said = f"the layouts need {BUILT_FOR[-1]} CPUs; this process may use {cpus}"
        assert result.stderr == f"core_contention_sweep: {said}\n", result


if __name__ == "__main__":
    {"report": check_report, "options": check_options}[sys.argv[1]](sys.argv[2])
