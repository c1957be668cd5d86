"""pinfold_add_topology in small projects of which nothing is compiled: messages, reports, kept files, cross builds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROJECT = """\
cmake_minimum_required(VERSION 3.22)
project(user LANGUAGES CXX)
add_subdirectory("{pinfold}" pinfold)
add_subdirectory(part)
"""

PART = """\
pinfold_add_topology(layout FILE "my layout.toml" {arguments})
add_custom_target(ready DEPENDS "${{CMAKE_CURRENT_BINARY_DIR}}/layout_generated/layout.stamp")
"""

TOPOLOGY = """\
[topology]
name = "md"

[native.work]
threads = 2
"""

FAULTY = TOPOLOGY + "treads = 2\n"

# What VS Code ($gcc and $msCompile) and GitHub look for.
GCC = re.compile(r"^(.*?):(\d+):(\d*):?\s+(?:fatal\s+)?(warning|error|info):\s+(.*)$", re.MULTILINE)
MSVC = re.compile(r"^(?:\s*\d+>)?(\S.*?)\((\d+),(\d+)\)\s*:\s+(error|warning|info)\s+(\w+\d+)\s*:\s*(.*)$",
                  re.MULTILINE)
GITHUB = re.compile(r"^::error file=(.*?),line=(\d+),col=(\d+),.*$", re.MULTILINE)

# Looks for programs and headers in the target's root alone, where there are none.
TOOLCHAIN = """\
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_FIND_ROOT_PATH "${CMAKE_CURRENT_LIST_DIR}/root")
foreach(kind IN ITEMS PROGRAM LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
"""


COMPILERS = {"MAKE_PROGRAM": "ninja", "CXX_COMPILER": "c++"}  # stand for the cross build's


class Project:
    def __init__(self, folder: Path, arguments: str = "", pinfold: Path = ROOT) -> None:
        self.folder = folder
        self.part = folder / "part"
        self.build_folder = folder / "build"
        self.topology = self.part / "my layout.toml"
        self.part.mkdir(parents=True)
        (folder / "CMakeLists.txt").write_text(PROJECT.format(pinfold=pinfold))
        self.arguments(arguments)
        self.topology.write_text(TOPOLOGY)

    def arguments(self, text: str) -> None:
        (self.part / "CMakeLists.txt").write_text(PART.format(arguments=text))

    def configure(self, *options: str, succeeds: bool = True, **environment: str) -> str:
        return run(["cmake", "-S", self.folder, "-B", self.build_folder, "-G", "Ninja", "-DPINFOLD_WITH_TBB=OFF",
                    *options], environment, succeeds=succeeds)

    def build(self, target: str = "ready", *, succeeds: bool = True) -> str:
        return run(["cmake", "--build", self.build_folder, "--target", target], succeeds=succeeds)


def run(
    command: list[str | Path], environment: Mapping[str, str] | None = None, *, succeeds: bool = True,
    cwd: Path | None = None,
) -> str:
    inherited = {key: value for key, value in os.environ.items() if key not in ("PINFOLD_SET", "GITHUB_ACTIONS")}
    done = subprocess.run(command, capture_output=True, text=True, env={**inherited, **(environment or {})},
                          cwd=cwd, check=False)
    output = done.stdout + done.stderr
    assert (done.returncode == 0) == succeeds, output
    return output


def unwrapped(output: str) -> str:
    """CMake breaks the lines of messages."""
    return " ".join(output.split())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "a project")


def test_an_error_in_the_topology_is_a_place_that_ides_can_open(project: Project) -> None:
    project.topology.write_text(FAULTY)
    project.configure()
    output = project.build(succeeds=False)
    found = GCC.search(output)
    assert found is not None
    assert found.groups() == (str(project.topology), "6", "1", "error", "unknown key 'treads' in [native.work] [PF006]")
    assert "    6 | treads = 2\n      | ^^^^^^" in output, "people see the line, too"
    for form, pattern in (("msvc", MSVC), ("github", GITHUB)):
        project.configure(f"-DPINFOLD_DIAGNOSTICS={form}")
        found = pattern.search(project.build(succeeds=False))
        assert found is not None, form
        assert found.groups()[:3] == (str(project.topology), "6", "1")
    assert "must be AUTO, text, gcc, msvc or github" in unwrapped(
        project.configure("-DPINFOLD_DIAGNOSTICS=GCC", succeeds=False))


def test_on_github_errors_annotate_the_change_by_themselves(project: Project) -> None:
    project.topology.write_text(FAULTY)
    project.configure(GITHUB_ACTIONS="true")
    assert GITHUB.search(project.build(succeeds=False))


def test_a_topology_that_is_renamed_has_one_header(project: Project) -> None:
    project.configure()
    project.build()
    project.topology.write_text(TOPOLOGY.replace('"md"', '"nu"'))
    project.build()
    assert [path.parent.name for path in (project.build_folder / "part").rglob("topology.hpp")] == ["nu"]


def test_cmake_and_the_build_say_where_the_report_is(project: Project) -> None:
    report = project.build_folder / "part/layout_generated/md/topology.txt"
    assert str(report) in project.configure()
    assert f"report: {report}" in project.build()
    assert "native.work" in report.read_text()


def without_generator(folder: Path) -> Path:
    """pinfold as it would be where no Python could run it: without codegen/."""
    folder.mkdir()
    for name in ("CMakeLists.txt", "cmake", "include", "src"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def generate(project: Project, *arguments: str) -> None:
    run([sys.executable, "-m", "codegen", "generate", project.topology.name, "--out", "kept", *arguments],
        {"PYTHONPATH": str(ROOT)}, cwd=project.part)


def test_files_kept_in_the_repository_need_no_python_and_are_those_that_a_build_generates(tmp_path: Path) -> None:
    generated = Project(tmp_path / "generated", "SET native.work.nice=3")
    generated.configure()
    generated.build()

    pinfold = without_generator(tmp_path / "pinfold")
    project = Project(tmp_path / "kept", "SET native.work.nice=3 GENERATED kept", pinfold)
    generate(project, "--set", "native.work.nice=3")
    output = project.configure()
    assert "the generator runs on" not in output
    assert f"{project.part}/kept/md/topology.txt reports on" in output
    project.build()
    made = generated.build_folder / "part/layout_generated/md"
    assert sorted(path.name for path in made.iterdir()) == [
        "topology.cpp", "topology.hpp", "topology.inputs", "topology.json", "topology.txt"]
    for path in made.iterdir():
        assert (project.part / "kept/md" / path.name).read_bytes() == path.read_bytes()


def test_stale_files_fail_the_build_until_they_are_generated_again(project: Project) -> None:
    project.arguments("GENERATED kept")
    output = unwrapped(project.configure(succeeds=False))
    assert "holds no generated topology yet" in output
    command = re.search(r"cd '\S+ \S+ && \S+ generate 'my layout.toml' --out '[^']+'", output)
    assert command is not None
    run(["sh", "-c", command[0]])
    project.configure()
    project.build()
    assert "ninja: no work to do" in project.build()

    project.topology.write_text(TOPOLOGY + "nice = 1\n")
    output = project.build(succeeds=False)
    assert "is stale, and the build will fail" in unwrapped(output)
    found = GCC.search(output)
    assert found is not None and found[1] == str(project.topology)
    assert f"{project.topology} has changed" in unwrapped(output)
    assert "--target layout_regenerate" in unwrapped(output)
    project.build("layout_regenerate")
    assert "is stale" not in project.build()
    assert ".nice = 1" in (project.part / "kept/md/topology.hpp").read_text()


@pytest.mark.parametrize("name", ["topology.hpp", "topology.txt"])
def test_a_kept_file_that_goes_missing_after_a_build_fails_the_next(project: Project, name: str) -> None:
    project.arguments("GENERATED kept")
    generate(project)
    project.configure()
    project.build()
    (project.part / "kept/md" / name).unlink()
    for _ in range(2):
        output = unwrapped(project.build(succeeds=False))
        assert f"{name} is missing" in output and "--target layout_regenerate" in output
    project.build("layout_regenerate")
    assert "is stale" not in project.build()


def test_commands_to_copy_are_quoted_for_the_shell(project: Project) -> None:
    project.arguments("GENERATED kept")
    generate(project)
    project.topology.write_text(TOPOLOGY + "nice = 1\n")
    command = re.search(r"cmake --build '[^']+' --target layout_regenerate", unwrapped(project.configure()))
    assert command is not None
    run(["sh", "-c", command[0]])
    assert "is stale" not in project.configure()


def test_a_sign_that_cmake_refuses_in_paths_is_said_once(tmp_path: Path) -> None:
    output = unwrapped(Project(tmp_path / "c#").configure(succeeds=False))
    assert f"pinfold_add_topology(layout): CMake takes no '#' in the path of the build folder, {tmp_path}/c#/" in output
    assert output.count("CMake Error") == 1


def test_files_are_stale_for_every_reason_there_is(project: Project) -> None:
    overlay = project.part / "more.toml"
    overlay.write_text("[native.work]\nmax_threads = 2\n")
    project.arguments("OVERLAYS more.toml GENERATED kept")
    generate(project, "--overlay", "more.toml")
    assert "is stale" not in project.configure()
    folder = project.part / "kept/md"

    def reason(*, environment: str = "") -> str:
        output = unwrapped(project.configure(PINFOLD_SET=environment))
        assert "is stale" in output
        project.build(succeeds=False)
        return output

    assert "environment native.work.nice=1;native.work.threads=3" in reason(
        environment="native.work.nice=1;native.work.threads=3")

    overlay.write_text("[native.work]\nmax_threads = 3\n")
    assert "more.toml has changed" in reason()
    generate(project, "--overlay", "more.toml")

    header = (folder / "topology.hpp").read_text()
    (folder / "topology.hpp").write_text(header.replace(".max_threads = 3", ".max_threads = 4"))
    assert "topology.hpp is not as it was generated" in reason()
    (folder / "topology.hpp").unlink()
    assert "topology.hpp is missing" in reason()
    generate(project, "--overlay", "more.toml")

    project.arguments("OVERLAYS more.toml SET native.work.nice=4 GENERATED kept")
    assert "and the build is for: pinfold" in (output := reason()) and "set native.work.nice=4" in output
    project.arguments("OVERLAYS more.toml GENERATED kept")

    stamp = (folder / "topology.inputs").read_text()
    (folder / "topology.inputs").write_text(re.sub(r"^pinfold \S+", "pinfold 0.0.1", stamp))
    assert "it was generated for: pinfold 0.0.1," in reason()
    (folder / "topology.inputs").write_text(stamp)
    assert "is stale" not in project.configure()


def test_kept_files_know_the_machine_that_the_topology_names(project: Project) -> None:
    machine = project.part / "prod.xml"
    shutil.copy(next((ROOT / "topology/machines").glob("*.xml")), machine)
    project.topology.write_text(TOPOLOGY.replace('"md"\n', '"md"\nmachine = "prod.xml"\n'))
    project.arguments("GENERATED kept")
    generate(project)
    assert "is stale" not in project.configure()
    machine.write_text(machine.read_text() + "\n")
    assert "prod.xml has changed" in unwrapped(project.configure())
    project.topology.write_text(TOPOLOGY.replace('"md"\n', '"md"\nmachine = "host"\n'))
    generate(project)
    assert "cannot be for machine = \"host\"" in unwrapped(project.configure(succeeds=False))


def test_cmake_runs_again_when_the_machine_that_the_topology_names_changes(project: Project) -> None:
    small, large = (ROOT / f"topology/machines/{name}.xml" for name in ("two_cpus", "two_packages"))
    machine = project.part / "prod.xml"
    shutil.copy(small, machine)
    project.topology.write_text(TOPOLOGY.replace('"md"\n', '"md"\nmachine = "prod.xml"\n')
                                + '[asio.io]\ncores = 64\noptional = true\n')
    project.configure()
    assert "Re-running CMake" not in project.build()
    for later, fault in enumerate(("", "not XML"), 1):
        machine.write_text(fault or large.read_text())
        os.utime(machine, (time.time() + later, time.time() + later))
        output = project.build(succeeds=not fault)
        assert "Re-running CMake" in output
        assert ("has errors" in output) == bool(fault)


def test_a_cross_build_generates_on_the_host_that_it_does_not_describe(project: Project, tmp_path: Path) -> None:
    toolchain = tmp_path / "aarch64.cmake"
    toolchain.write_text(TOOLCHAIN)
    asked = tmp_path / "asked"
    python = tmp_path / "bin/python3"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\ntouch "{asked}"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    options = [f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", f"-DPINFOLD_BOOST_INCLUDE_DIR={tmp_path}",
               *(f"-DCMAKE_{name}={shutil.which(program)}" for name, program in COMPILERS.items())]
    project.configure(*options, PATH=f"{python.parent}:{os.environ['PATH']}")
    assert asked.exists(), "the first python3 on PATH was hidden by the target's root"
    project.build()

    project.topology.write_text(TOPOLOGY.replace('"md"\n', '"md"\nmachine = "host"\n'))
    found = GCC.search(project.build(succeeds=False))
    assert found is not None and found.groups()[:3] == (str(project.topology), "3", "11") and "[PF076]" in found[5]
    project.arguments("MACHINE host")
    assert "this build is for another (Linux aarch64)" in unwrapped(project.configure(*options, succeeds=False))


def test_tracepoints_are_left_out_where_their_header_is_missing_unless_they_are_demanded(project: Project) -> None:
    no_headers = [f"-DCMAKE_FIND_ROOT_PATH={project.folder}", "-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY"]
    project.configure(*no_headers)
    refused = unwrapped(project.configure(*no_headers, "-DPINFOLD_TRACEPOINTS=ON", succeeds=False))
    assert "needs the header <sys/sdt.h>, and CMake found none. Install it (Debian: apt-get install" in refused
    project.configure(*no_headers, "-DPINFOLD_TRACEPOINTS=OFF")
