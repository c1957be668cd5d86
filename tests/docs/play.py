"""Does what a page says, and compares what its commands print.

    play.py PAGE --build BUILD [--programs DIR | --in-clone]

The reader sits in an empty folder, beside the clone, which is called `pinfold`; DIR has the page's programs, built. Or
the reader sits in the clone, where the preset `demo` has built what BUILD has. Building is left out where the page does
so, and an installation has what BUILD has.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import Command, blocks, commands

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 300  # seconds, for all of a page
PORT = "9000"   # in a page; the test takes one that is free

# What differs from run to run and from host to host, each with what stands in for it.
VARYING = (
    (re.compile(r"pinfold \d+\.\d+\.\d+"), "pinfold VERSION"),
    (re.compile(r"((?:online|allowed): )[\d,-]+"), r"\1CPUS"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r"─+"), "─"),
)
PROCESS_IDS = ((re.compile(r"(?<![\w.,-])\d{2,7}(?![\w.-])"), "PID"),)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, page_installs: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("CCACHE_")}
    kept.setdefault("CCACHE_DIR", str(Path.home() / ".cache/ccache"))
    if not page_installs:  # else the page says how the command is found
        kept["PATH"] = f"{ROOT / 'codegen'}:{kept['PATH']}"
    return kept | {"HOME": str(folder), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1",
                   "CMAKE_CXX_COMPILER_LAUNCHER": launcher()}


def launcher() -> str:
    return "ccache" if shutil.which("ccache") else ""


def without_building(text: str, build: Path) -> str:
    """It takes minutes, and has been done: there is BUILD."""
    kept = [line for line in re.sub(r"\\\n\s*", "", text).splitlines() if "--build" not in line]
    return "\n".join(re.sub(r"--install \S+", lambda _: f"--install {shlex.quote(str(build))}", line) for line in kept)


class Script:
    """One shell goes through the page, so that folders, variables and jobs last from block to block."""

    def __init__(self, folder: Path, build: Path) -> None:
        self.build = build
        self.workings = folder / "workings"
        self.workings.mkdir()
        self.reader = folder / "reader"
        self.reader.mkdir()
        self.lines: list[str] = []
        self.commands: list[Command] = []
        self.port = str(free_port())

    def write_file(self, name: str, text: str) -> None:
        copy = self.workings / f"file{len(self.lines)}"
        copy.write_text(text, encoding="utf-8")
        self.lines.append(f"install -D -m 644 {shlex.quote(str(copy))} {shlex.quote(name)}")

    def type_command(self, command: Command) -> None:
        number = len(self.commands)
        self.commands.append(command)
        text = without_building(command.text, self.build) if command.builds else command.text
        text = re.sub(rf"\b{PORT}\b", self.port, text)
        out, status = (shlex.quote(str(path)) for path in (self.out(number), self.status(number)))
        self.lines.append(f"{{\n{text}\n}} >{out} 2>&1\necho $? >{status}")
        if text.rstrip().endswith("&") and self.port in text:
            listens = f"(: </dev/tcp/127.0.0.1/{self.port})"
            self.lines.append(f"for attempt in $(seq 100); do {listens} && break; sleep 0.1; done")

    def out(self, number: int) -> Path:
        return self.workings / f"out{number}"

    def status(self, number: int) -> Path:
        return self.workings / f"status{number}"

    def run(self, variables: dict[str, str]) -> None:
        script = self.workings / "script"
        ending = 'jobs=$(jobs -p)\n[ -z "$jobs" ] || kill $jobs\n'
        script.write_text("\n".join(self.lines) + "\n" + ending, encoding="utf-8")
        subprocess.run(["bash", str(script)], cwd=self.reader, env=variables, timeout=PATIENCE,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def alike(text: str, command: str) -> list[str]:
    for pattern, substitute in (*VARYING, *(PROCESS_IDS if "pinfold verify" in command else ())):
        text = pattern.sub(substitute, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def is_as_shown(shown: list[str], printed: list[str]) -> bool:
    """`...` in a line stands for any text, and as a line for any lines."""
    pattern = "".join("(?:.*\n)*" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + "\n"
                      for line in shown)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def faults(page: Path, script: Script) -> list[str]:
    found: list[str] = []
    for number, command in enumerate(script.commands):
        place = f"{page}:{command.line}: $ {command.text.strip()}"
        if not script.status(number).exists():
            return [*found, f"{place}\nnot reached"]
        printed = script.out(number).read_text(encoding="utf-8", errors="replace")
        status = int(script.status(number).read_text())
        if status != command.status:
            found.append(f"{place}\nends with {status}, not {command.status}:\n{printed}")
        elif command.output is not None:
            shown, seen = alike(command.output, command.text), alike(printed, command.text)
            if not is_as_shown(shown, seen):
                difference = "\n".join(difflib.unified_diff(shown, seen, "shown", "printed", lineterm=""))
                found.append(f"{place}\nprints something else:\n{difference}\nas printed:\n{printed}")
    return found


def missing_twins(page: Path) -> list[str]:
    return [f"{page}:{block.line}: this block does not stand in {block.twin}"
            for block in blocks(page)
            if block.twin and block.text not in (other.text for other in blocks(ROOT / block.twin) if other.is_run)]


def lay_out_clone(folder: Path, build: Path) -> None:
    for entry in ROOT.iterdir():
        if entry.name != "build":
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    (folder / "build/demo").symlink_to(build)


def lay_out_project(folder: Path, programs: Path | None) -> None:
    (folder / "pinfold").symlink_to(ROOT)
    for program in programs.iterdir() if programs and programs.is_dir() else ():
        if program.is_file() and os.access(program, os.X_OK):
            (folder / program.name).symlink_to(program.resolve())


def play(page: Path, build: Path, programs: Path | None, in_clone: bool = False) -> list[str]:
    contents = blocks(page)
    with tempfile.TemporaryDirectory(prefix="pinfold page ") as name:
        folder = Path(name)
        script = Script(folder, build)
        if in_clone:
            lay_out_clone(script.reader, build)
        else:
            lay_out_project(script.reader, programs)
        for block in contents:
            if block.is_file:
                script.write_file(block.mark, block.text)
            elif block.is_run:
                for command in commands(block):
                    script.type_command(command)
        script.run(environment(script.reader, any(block.mark == "install" for block in contents)))
        return missing_twins(page) + faults(page, script)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=Path)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--programs", type=Path)
    parser.add_argument("--in-clone", action="store_true")
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0) & {0, 1}) < 2:
        print("the pages' programs run on CPUs 0 and 1, which this process may not use")
        return 77
    found = play(arguments.page, arguments.build.resolve(), arguments.programs, arguments.in_clone)
    if not found:
        return 0
    print(found[0])
    if len(found) > 1:
        print(f"\nand {len(found) - 1} more, which may follow from that")
    return 1


if __name__ == "__main__":
    sys.exit(main())
