"""What commands open and start: the files that they are named or that those name, their own code, and hwloc's tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import emit_cases
from codegen import document
from test_elf import file, note
from test_machine import MACHINES

ROOT = Path(__file__).resolve().parents[2]

# Whatever happens in the interpreter is written down, each event a line, by a descriptor that no event is about.
WATCHED = """
import json, os, sys
log = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
EVENTS = ("open", "os.listdir", "os.scandir", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")
def note(event, arguments):
    if event in EVENTS or event.startswith(("socket.", "urllib.", "os.remove", "os.rename", "os.mkdir", "shutil.")):
        first = arguments[0] if arguments else ""
        first = os.fsdecode(first) if isinstance(first, (str, bytes, os.PathLike)) else repr(first)
        os.write(log, (json.dumps([event, first]) + "\\n").encode())
sys.path.insert(0, ROOT)
sys.addaudithook(note)
from codegen.__main__ import run
sys.exit(run())
"""
DECOYS = ("overlay.toml", "pinfold.toml", "topology.json", "machine.xml", ".env", "jinja2.py", "codegen/__init__.py",
          "templates/topology.hpp.j2", "pages/errors.md", "md.toml.toml")


@dataclass(frozen=True)
class Reach:
    read: set[str]  # relative to the folder
    started: set[str]
    others: list[str]


def reach(folder: Path, *arguments: str) -> Reach:
    """Beyond Python's own files and pinfold's code. The working directory is not among the places of modules."""
    script = f"ROOT = {str(ROOT)!r}\n{WATCHED}"
    outcome = subprocess.run([sys.executable, "-P", "-c", script, *arguments], cwd=folder, text=True,
                             capture_output=True, env={**os.environ, "HOME": str(folder)})
    assert outcome.returncode in (0, 1), outcome.stderr
    own = (*{os.path.realpath(path) + "/" for path in (sys.prefix, sys.base_prefix, "/usr/lib", f"{ROOT}/codegen")},
           f"{ROOT}/include/pinfold/version.hpp/", f"{os.devnull}/")
    read, started, others = set(), set(), []
    for event, subject in map(json.loads, outcome.stdout.splitlines()):
        path = os.path.realpath(folder / subject)
        if event == "subprocess.Popen":
            started.add(os.path.basename(subject))
        elif event == "open" or event.startswith("os.list") or event.startswith("os.scan"):
            is_searched = event == "os.listdir" and path == str(ROOT)  # for modules
            if not (is_searched or subject.isdecimal() or any(f"{path}/".startswith(place) for place in own)):
                read.add(os.path.relpath(path, folder))
        elif event not in ("os.posix_spawn", "os.fork"):  # which subprocess.Popen may use
            others.append(f"{event} {subject}")
    return Reach(read, started, others)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for decoy in DECOYS:
        (tmp_path / decoy).parent.mkdir(exist_ok=True)
        (tmp_path / decoy).write_text("raise SystemExit('executed')\n", encoding="utf-8")
    (tmp_path / "md.toml").write_text('[topology]\nname = "md"\n[asio.net]\nthreads = 1\n'
                                      'description = "/etc/passwd {% include \\"/etc/passwd\\" %}"\n', encoding="utf-8")
    (tmp_path / "more.toml").write_text("[asio.net]\nthreads = 2\n", encoding="utf-8")
    (tmp_path / "loom.toml").write_text('cpuset = "0-3"\nprefix = "/etc/passwd"\n', encoding="utf-8")
    shutil.copy(MACHINES / "two_packages.xml", tmp_path / "prod.xml")
    on_machine = '[topology]\nname = "md"\nmachine = "prod.xml"\n[asio.net]\ncores = "0"\n'
    (tmp_path / "on_machine.toml").write_text(on_machine, encoding="utf-8")
    (tmp_path / "server").write_bytes(file(True, "<", note("<", document.compact(emit_cases.small()).encode())))
    return tmp_path


@pytest.mark.parametrize(("arguments", "named"), [
    (["check", "md.toml"], ["md.toml"]),
    (["check", "missing.toml"], ["missing.toml"]),
    (["check", "md.toml", "--overlay", "more.toml", "--set", 'asio.net.description="/etc/passwd"'],
     ["md.toml", "more.toml"]),
    (["kinds", "md.toml"], ["md.toml"]),
    (["show", "md.toml", "--svg", "-"], ["md.toml"]),
    (["show", "md.toml", "--html", "-"], ["md.toml"]),
    (["show", "server"], ["server"]),
    (["diff", "md.toml", "server"], ["md.toml", "server"]),
    (["deploy", "md.toml"], ["md.toml"]),
    (["import", "loom", "loom.toml"], ["loom.toml"]),
    (["explain"], []), (["explain", "PF014"], []), (["schema"], []), (["manual"], []), (["completion", "bash"], []),
])
def test_a_command_opens_what_it_is_named_and_starts_nothing(
    folder: Path, arguments: Sequence[str], named: Sequence[str],
) -> None:
    found = reach(folder, *arguments)
    assert found == Reach(set(named), set(), [])


def test_generate_writes_into_its_folder_alone(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = reach(folder, "generate", "md.toml", "--out", "out", "--depfile", "out/d")
    assert found.started == set()
    assert {name for name in found.read if name.partition("/")[0] != "out"} == {"md.toml"}
    assert all(str(folder / "out") in other or " out" in other for other in found.others), found.others
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path: content for path, content in after.items() if folder / "out" not in path.parents} == before


def test_a_machine_is_read_where_the_topology_names_it_by_the_tools_of_hwloc(folder: Path) -> None:
    found = reach(folder, "check", "on_machine.toml")
    assert found.started <= {"lstopo-no-graphics", "hwloc-calc", "hwloc-info", "lstopo"} and found.started
    assert found.read == {"on_machine.toml", "prod.xml"}
