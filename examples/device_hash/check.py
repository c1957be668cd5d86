"""check.py PROGRAM: compares what device_hash prints with sha256sum, and tries what it must reject."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=50)


def make_files(folder: Path) -> list[Path]:
    bytes_of = random.Random(1).randbytes
    files = [folder / f"part{i % 5}" / f"file{i}" for i in range(60)]
    files += [folder / "empty", folder / "large", folder / "two\nlines", folder / "back\\slash", folder / "with space"]
    for i, file in enumerate(files):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"" if file.name == "empty" else bytes_of(3_000_000 if file.name == "large" else 1000 * i + 1))
    (folder / "link").symlink_to("large")
    return sorted(files, key=lambda file: str(file).encode())


def main(program: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make_files(folder)
        expected = subprocess.run(["sha256sum", *map(str, files)], capture_output=True, text=True, check=True).stdout
        for kinds in ([], [f"{folder}/part0=rotating", f"{folder}/part1=solid"], [f"{folder}=rotating"]):
            result = run(program, *(word for kind in kinds for word in ("--kind", kind)), str(folder))
            assert (result.returncode, result.stdout) == (0, expected), (kinds, result)
            for kind in kinds:
                assert f"on {kind.rsplit('=', 1)[1]} storage" in result.stderr, result

        unknown = run(program, "--kind", f"{folder}=floppy", str(folder))
        assert (unknown.returncode, unknown.stdout) == (2, ""), unknown
        assert "no kind of device 'floppy'; there are rotating, solid and unknown" in unknown.stderr, unknown

        missing = run(program, str(folder / "missing"))
        assert missing.returncode == 1 and "missing" in missing.stderr, missing
    assert run(program).returncode == 2
    assert run(program, "--help").stdout.startswith("usage: ")


if __name__ == "__main__":
    main(sys.argv[1])
