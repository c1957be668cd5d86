"""Runs spin over a model: check_model.py MODEL [MUTANT]. With a mutant the run passes only if spin finds an error."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


# How to compile and run a search, and for how many seconds. Of a broken protocol one error is enough, and it may lie
# near either end of the search: short looks from both ends come first, by a program that is compiled quickly and takes
# little memory; then long ones, the last of which ends by itself.
WHOLE_SEARCH = (["-O2"], ["-m1000000"], None)
LOOKS_FOR_AN_ERROR = (
    (["-O0"], ["-m100000", "-w20"], 3),
    (["-O0", "-DT_REVERSE"], ["-m100000", "-w20"], 3),
    (["-O2"], ["-m1000000"], 20),
    (["-O2", "-DT_REVERSE"], ["-m1000000"], None),
)


def errors_found(model: Path, mutant: str | None) -> int:
    define = [f"-D{mutant}"] if mutant else []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["spin", *define, "-a", str(model)], cwd=folder, check=True, stdout=subprocess.PIPE)
        report = search_for_an_error(folder) if mutant else search(folder, *WHOLE_SEARCH)
    print(report)
    counted = [line for line in report.splitlines() if "errors:" in line]
    errors = int(counted[0].rsplit("errors:", 1)[1]) if counted else 0
    if errors == 0 and (not counted or "max search depth too small" in report or "out of memory" in report):
        sys.exit("spin did not search the whole model")
    return errors


def search_for_an_error(folder: str) -> str:
    for compiled, run, seconds in LOOKS_FOR_AN_ERROR:
        try:
            report = search(folder, compiled, run, seconds)
        except subprocess.TimeoutExpired:
            continue
        if "errors: 0" not in report:
            break
    return report


def search(folder: str, compiled: list[str], run: list[str], seconds: float | None) -> str:
    compiler = ["cc", *compiled, "-w", "-DSAFETY", "-DMEMLIM=4096", "-o", "pan", "pan.c"]
    subprocess.run(compiler, cwd=folder, check=True, stdout=subprocess.PIPE)
    found = subprocess.run(["./pan", *run], cwd=folder, check=True, stdout=subprocess.PIPE, text=True, timeout=seconds)
    return found.stdout


def text_of(model: Path) -> str:
    """With what it includes."""
    text = model.read_text()
    return text + "".join(text_of(model.parent / name) for name in re.findall(r'^#include "(.*)"$', text, re.MULTILINE))


def main() -> None:
    model = Path(sys.argv[1]).resolve()
    mutant = sys.argv[2] if len(sys.argv) > 2 else None
    if mutant and not re.search(rf"^#if.*\b{mutant}$|^#if.*\b{mutant} ", text_of(model), re.MULTILINE):
        sys.exit(f"{model.name} has no {mutant}")
    errors = errors_found(model, mutant)
    if mutant and errors == 0:
        sys.exit(f"{mutant}: the broken protocol passed, so the model proves nothing about this rule")
    if not mutant and errors:
        sys.exit(f"{errors} errors in {model.name}")


if __name__ == "__main__":
    main()
