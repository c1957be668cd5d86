"""Two builds of one project in folders of different names: the same bytes, under the flags that docs/build.md names.

python3 reproducible.py SOURCE CMAKE COMPILER

It compiles without a cache, which would answer from the other build, but each library as one unit: that costs a tenth.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

PROJECT = """\
cmake_minimum_required(VERSION 3.22)
project(server LANGUAGES CXX)
add_compile_options({flags})
add_subdirectory(pinfold)
pinfold_add_topology(md_topology FILE md.toml)
add_executable(server main.cpp)
target_link_libraries(server PRIVATE md_topology)
"""

TOPOLOGY = """\
[topology]
name = "md"

[cores]
all = "0-1"

[asio.net]
cores = "all"
description = "where prices are made"
"""

# In a Debug build the calls carry the names of their files, and assertions are in it.
MAIN = """\
#include <md/topology.hpp>

int main() {
  auto running = md::topology.start();
  return md::asio_pools::net.install([] { return 0; });
}
"""

NEEDED = ("CMakeLists.txt", "LICENSE", "README.md", "cmake", "codegen", "include", "src", "topology")


class Reproducible(unittest.TestCase):
    source: ClassVar[Path]
    cmake: ClassVar[str]
    compiler: ClassVar[str]
    flags: ClassVar[str]
    places: ClassVar[list[Path]]
    folder: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="pinfold-reproducible-"))
        cls.flags = documented_flags(cls.source)
        cls.places = [cls.folder / "first", cls.folder / "another/and a longer one"]
        with ThreadPoolExecutor() as together:
            for built in [together.submit(cls.build, place) for place in cls.places]:
                built.result()

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.folder)

    @classmethod
    def build(cls, place: Path) -> None:
        place.mkdir(parents=True)
        for name in NEEDED:
            copy(cls.source / name, place / "pinfold" / name)
        (place / "CMakeLists.txt").write_text(PROJECT.format(flags=cls.flags))
        (place / "md.toml").write_text(TOPOLOGY)
        (place / "main.cpp").write_text(MAIN)
        run(cls.cmake, "-S", place, "-B", place / "build", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={cls.compiler}",
            "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=0",
            "-DPINFOLD_WITH_TBB=OFF", "-DPINFOLD_WITH_PROMETHEUS=OFF")
        run(cls.cmake, "--build", place / "build", "--target", "server")

    def files(self, pattern: str) -> list[Path]:
        """That one build has, relative to it, and the other too."""
        first, second = (sorted(path.relative_to(place) for path in (place / "build").rglob(pattern) if path.is_file())
                         for place in self.places)
        self.assertTrue(first)
        self.assertEqual(first, second)
        return first

    def assert_same(self, files: list[Path]) -> None:
        for file in files:
            first, second = ((place / file).read_bytes() for place in self.places)
            self.assertTrue(first)
            self.assertTrue(first == second, f"{file} differs")

    def test_the_generated_files_are_the_same(self) -> None:
        files = self.files("md/topology.*")
        self.assertEqual({file.suffix for file in files}, {".hpp", ".cpp", ".json", ".txt", ".inputs"})
        self.assert_same(files)

    def test_the_libraries_are_the_same(self) -> None:
        files = self.files("*.a")
        self.assertEqual({file.stem for file in files}, {"libmd_topology", "libpinfold_core", "libpinfold_asio"})
        self.assert_same(files)

    def test_the_program_is_the_same(self) -> None:
        self.assert_same([Path("build/server")])

    def test_nothing_that_was_built_names_its_folder(self) -> None:
        for place in self.places:
            for file in [*self.files("*.a"), Path("build/server")]:
                self.assertNotIn(str(place).encode(), (place / file).read_bytes(), file)


def documented_flags(source: Path) -> str:
    page = (source / "docs/build.md").read_text(encoding="utf-8")
    section = page.partition("## Reproducible builds\n")[2]
    return section.partition("add_compile_options(")[2].partition(")")[0]


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def run(*command: str | Path) -> None:
    outcome = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if outcome.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} failed:\n{outcome.stdout}")


if __name__ == "__main__":
    Reproducible.source = Path(sys.argv.pop(1)).resolve()
    Reproducible.cmake, Reproducible.compiler = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main(verbosity=2)
