"""What rebuilds what: drives a small project that uses pinfold by add_subdirectory.

python3 build_rules.py SOURCE CMAKE COMPILER [LAUNCHER]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

PROJECT = """\
cmake_minimum_required(VERSION 3.22)
project(user LANGUAGES CXX)
set(CMAKE_OPTIMIZE_DEPENDENCIES ON)
add_subdirectory("{source}" pinfold)
add_subdirectory(part)
"""

# An object library is compiled but not linked: these tests need no built pinfold.
PART = """\
pinfold_add_topology(layout FILE "my layout.toml" OVERLAYS more.toml)
add_library(user OBJECT user.cpp)
target_link_libraries(user PRIVATE layout)
file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/links.txt" CONTENT "$<TARGET_PROPERTY:layout,LINK_LIBRARIES>")
"""

TOPOLOGY = """\
[topology]
name = "md"

[native.work]
threads = 2
"""

USER = """\
#include <md/topology.hpp>
static_assert(md::tables::pools[0].threads == THREADS);
"""


class Project:
    source: ClassVar[str]
    cmake: ClassVar[str]
    compiler: ClassVar[str]
    launcher: ClassVar[str]

    def __init__(self, folder: Path, generator: str = "Ninja") -> None:
        self.generator = generator
        self.folder = folder
        self.build_folder = folder / "build"
        self.topology = folder / "part/my layout.toml"
        self.overlay = folder / "part/more.toml"
        self.user = folder / "part/user.cpp"
        self.user.parent.mkdir()
        (folder / "CMakeLists.txt").write_text(PROJECT.format(source=self.source))
        (folder / "part/CMakeLists.txt").write_text(PART)
        self.topology.write_text(TOPOLOGY)
        self.overlay.write_text("[native.work]\nmax_threads = 2\n")
        self.user.write_text(USER.replace("THREADS", "2"))

    def configure(self, *options: str, succeeds: bool = True, **environment: str) -> str:
        inherited = {name: value for name, value in os.environ.items() if name != "PINFOLD_SET"}
        return run(
            [
                self.cmake,
                *("-S", self.folder, "-B", self.build_folder, "-G", self.generator),
                f"-DCMAKE_CXX_COMPILER={self.compiler}",
                f"-DCMAKE_CXX_COMPILER_LAUNCHER={self.launcher}",
                *options,
            ],
            succeeds=succeeds,
            env=inherited | environment,
        )

    def build(self, *, succeeds: bool = True) -> str:
        return run([self.cmake, "--build", self.build_folder, "--target", "user"], succeeds=succeeds)

    def links(self) -> set[str]:
        return set((self.build_folder / "links.txt").read_text().split(";"))


def run(command: list[str | Path], *, succeeds: bool = True, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    output = done.stdout + done.stderr
    if (done.returncode == 0) != succeeds:
        raise AssertionError(f"{' '.join(map(str, command))} returned {done.returncode}\n{output}")
    return output


GENERATES = "Generating the pools of my layout.toml"
COMPILES = "user.cpp.o"


class BuildRules(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory(prefix="pinfold build ")
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def test_only_what_changed_is_done_again(self) -> None:
        for generator in ("Ninja", "Unix Makefiles"):
            with self.subTest(generator=generator):
                folder = self.scratch / generator
                folder.mkdir()
                self.check_rebuilds(Project(folder, generator))

    def check_rebuilds(self, project: Project) -> None:
        self.assertIn("the build reports on my layout.toml, with more.toml in ", project.configure())
        first = project.build()
        self.assertIn(GENERATES, first)
        self.assertIn(COMPILES, first)

        self.assert_idle(project)

        project.topology.write_text("# a comment\n\n" + TOPOLOGY)
        commented = project.build()
        self.assertIn(GENERATES, commented)
        self.assertNotIn(COMPILES, commented, "a comment in the topology recompiled a user of the header")
        self.assert_idle(project)

        project.overlay.touch()
        touched = project.build()
        self.assertIn(GENERATES, touched)
        self.assertNotIn(COMPILES, touched)
        self.assert_idle(project)

        project.overlay.write_text("[native.work]\nthreads = 3\n")
        project.user.write_text(USER.replace("THREADS", "3"))
        changed = project.build()
        self.assertIn(GENERATES, changed)
        self.assertIn(COMPILES, changed)
        self.assert_idle(project)

    def assert_idle(self, project: Project) -> None:
        output = project.build()
        self.assertNotIn("Generating", output)
        self.assertNotIn("Building", output)
        if project.generator == "Ninja":
            self.assertIn("no work to do", output)

    def test_errors_in_the_topology_come_at_build_time_and_can_be_mended(self) -> None:
        project = Project(self.scratch)
        project.topology.write_text(TOPOLOGY.replace("threads = 2", "threads = = 2"))
        project.configure()
        self.assertIn(f"\n{project.topology}:5:", project.build(succeeds=False))
        project.topology.write_text(TOPOLOGY)
        project.build()
        self.assert_idle(project)

    def test_a_pool_of_a_new_kind_is_linked_without_running_cmake_by_hand(self) -> None:
        project = Project(self.scratch)
        project.configure()
        self.assertEqual(project.links(), {"pinfold::core", "pinfold::native"})
        project.topology.write_text(TOPOLOGY + "\n[asio.net]\nthreads = 1\n")
        project.user.write_text("#include <md/topology.hpp>\nauto& pool = md::asio_pools::net;\n")
        project.build()
        self.assertEqual(project.links(), {"pinfold::core", "pinfold::native", "pinfold::asio"})

    def test_the_environment_is_a_layer_when_cmake_configures(self) -> None:
        project = Project(self.scratch)
        project.user.write_text(USER.replace("THREADS", "7"))
        project.configure(PINFOLD_SET="native.work.max_threads=5;native.work.threads=7")
        project.build()
        project.user.write_text(USER.replace("THREADS", "2"))
        project.configure()
        self.assertIn(GENERATES, project.build())

    def test_what_cmake_cannot_take_is_refused_with_a_remedy(self) -> None:
        project = Project(self.scratch)
        for arguments, fault in (
            ("FILE gone.toml", "part/gone.toml. Where it has moved, say so here"),
            ('FILE "a|b.toml"', "take no '|' in the name of a file, a|b.toml. Call it something else"),
            (r'FILE "a\\b.toml"', r"take no '\' in the name of a file, a\b.toml. Call it something else"),
            ('FILE "a$<1:b>.toml"', "take no '$<' in the name of a file"),
            ('FILE "my layout.toml" SET "native.work.threads=$<1:2>"', "SET takes no generator expression"),
        ):
            with self.subTest(arguments):
                (project.folder / "part/CMakeLists.txt").write_text(f"pinfold_add_topology(layout {arguments})\n")
                self.assertIn(fault, " ".join(project.configure(succeeds=False).split()))

    def test_programs_are_checked_in_debug_builds_and_where_the_option_says_so(self) -> None:
        project = Project(self.scratch)
        for build_type, option, checked in (
            ("Debug", "AUTO", 1),
            ("Release", "AUTO", 0),
            ("Debug", "OFF", 0),
            ("Release", "ON", 1),
        ):
            with self.subTest(build_type=build_type, option=option):
                project.user.write_text(f"#include <md/topology.hpp>\nstatic_assert(PINFOLD_CHECKED == {checked});\n")
                project.configure(f"-DCMAKE_BUILD_TYPE={build_type}", f"-DPINFOLD_CHECKED={option}")
                project.build()

    def test_a_python_without_jinja2_first_on_path_is_passed_over(self) -> None:
        fake = self.scratch / "bin/python3"
        fake.parent.mkdir()
        fake.write_text("#!/bin/sh\necho \"No module named 'jinja2'\" >&2\nexit 1\n")
        fake.chmod(0o755)
        output = Project(self.scratch).configure(PATH=f"{fake.parent}:{os.environ['PATH']}")
        self.assertIn("the generator runs on", output)
        self.assertNotIn(f"the generator runs on {fake}", output)


if __name__ == "__main__":
    Project.source, Project.cmake, Project.compiler = sys.argv[1:4]
    Project.launcher = sys.argv[4] if len(sys.argv) > 4 else ""
    unittest.main(argv=sys.argv[:1], verbosity=2)
