"""python3 -m tests.vm BUILD [NAME...]: exit status 0, 1 where a scenario failed, 2 for the command line."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.vm import guest, kernel
from tests.vm.initramfs import Initramfs
from tests.vm.scenarios import SCENARIOS, Scenario


def main(arguments: Sequence[str] | None = None) -> int:
    request = _parse(arguments)
    chosen = [SCENARIOS[name] for name in dict.fromkeys(request.names or SCENARIOS)]
    if not _build(chosen, request.build):
        return 1
    folder = request.build / "vm"
    folder.mkdir(exist_ok=True)
    try:
        image = kernel.fetch(folder / "kernel")
    except kernel.NoKernel as error:
        print(f"vm: {error}", file=sys.stderr)
        return 1
    failed = [each.name for each in chosen if not _passes(each, image, request.build)]
    passed = len(chosen) - len(failed)
    print(f"\n{passed} of {len(chosen)} scenarios passed" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _build(scenarios: Sequence[Scenario], build: Path) -> bool:
    targets = sorted({Path(program).name for scenario in scenarios for program in scenario.programs})
    command = ["cmake", "--build", str(build), "--parallel", str(os.cpu_count() or 1), "--target", *targets]
    return subprocess.run(command, check=False).returncode == 0


def _passes(scenario: Scenario, image: Path, build: Path) -> bool:
    print(f"\n== {scenario.name}: {scenario.about}\n   {scenario.machine}", flush=True)
    work = build / "vm" / scenario.name
    files = Initramfs(work / "root")
    for program in scenario.programs:
        files.add_program(build / program)
    if scenario.with_pinfold:
        files.add_pinfold()
    archive = files.pack(work / "initramfs.cpio")
    command = scenario.machine.command(image, archive, scenario.name)
    outcome = guest.run(command, scenario.patience, lambda line: print("   " + line, flush=True))
    print(f"   {scenario.name}: {outcome}, {outcome.seconds:.0f} s", flush=True)
    return outcome.status == 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    width = max(map(len, SCENARIOS))
    parser = argparse.ArgumentParser(
        prog="./dev vm",
        usage="%(prog)s [-h] [NAME ...]",
        description="Tests on virtual machines with more CPUs than this one.",
        epilog="\n".join(("scenarios:", *(f"  {each.name:{width}}  {each.about}" for each in SCENARIOS.values()))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("build", type=Path, metavar="BUILD", help="the build folder, given by ./dev")
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios; all if none is named")
    request = parser.parse_args(arguments)
    for name in request.names:
        if name not in SCENARIOS:
            parser.error(f"there is no scenario '{name}'; there are: {', '.join(SCENARIOS)}")
    return request


if __name__ == "__main__":
    sys.exit(main())
