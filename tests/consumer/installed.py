"""pinfold, installed as the README says, moved to another folder, in the hands of projects that do not know its source.

python3 installed.py CONSUMERS BUILD CMAKE [LAUNCHER]    BUILD: of all of pinfold, which shows what this machine has
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

COMPILERS = ("g++", "clang++-19")


class Installed(unittest.TestCase):
    consumers: ClassVar[Path]
    source: ClassVar[Path]
    whole: ClassVar[Path]
    build: ClassVar[Path]
    cmake: ClassVar[str]
    launcher: ClassVar[str]
    folder: ClassVar[Path]
    prefix: ClassVar[Path]
    listed: ClassVar[set[str]]
    installed: ClassVar[set[str]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="pinfold installed "))
        readme = (cls.source / "README.md").read_text()
        block = re.search(r"```sh\n(cmake -S pinfold -B build-pinfold .*?)```", readme, re.DOTALL)
        assert block
        commands = block[1].replace("-S pinfold ", f"-S '{cls.source}' ")
        done = bare(["sh", "-ec", f"cd '{cls.folder}'\n{commands}"], HOME=str(cls.folder),
                    CCACHE_DIR=os.environ.get("CCACHE_DIR", str(Path.home() / ".cache/ccache")),
                    CMAKE_CXX_COMPILER_LAUNCHER=cls.launcher)
        assert done.returncode == 0, done.stdout
        cls.build = cls.folder / "build-pinfold"
        cls.listed = set((cls.build / "install_manifest.txt").read_text().splitlines())
        first = cls.folder / "opt/pinfold"
        cls.installed = {str(path) for path in first.rglob("*") if not path.is_dir()}
        cls.prefix = cls.folder / "moved"
        first.rename(cls.prefix)

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.folder)

    def configure(self, project: Path, build: Path, *options: str,
                  prefix: Path | None = None) -> subprocess.CompletedProcess[str]:
        return bare([self.cmake, "-S", str(project), "-B", str(build), "-G", "Ninja",
                     f"-DCMAKE_PREFIX_PATH={prefix or self.prefix}", f"-DCMAKE_CXX_COMPILER_LAUNCHER={self.launcher}",
                     "-DCMAKE_BUILD_TYPE=Release", *options])

    def project(self, name: str, text: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        head = "cmake_minimum_required(VERSION 3.22)\nproject(user LANGUAGES CXX)\n"
        (folder / "CMakeLists.txt").write_text(head + text)
        return folder

    def test_a_program_finds_it_builds_and_runs_with_either_compiler(self) -> None:
        for compiler in COMPILERS:
            with self.subTest(compiler):
                build = self.folder / f"with {compiler}"
                configured = self.configure(self.consumers / "find_package", build, f"-DCMAKE_CXX_COMPILER={compiler}")
                self.assertEqual(configured.returncode, 0, configured.stdout)
                built = bare([self.cmake, "--build", str(build)])
                self.assertEqual(built.returncode, 0, built.stdout)
                self.assertEqual(bare([str(build / "consumer")]).returncode, 0)
                depends = bare(["ninja", "-C", str(build), "-t", "deps"]).stdout
                self.assertTrue(f"{self.prefix.name}/include/pinfold/topology.hpp\n" in depends)
                self.assertFalse(str(self.build) in depends)

    def test_the_readme_project_is_built_as_it_stands_and_says_what_the_readme_shows(self) -> None:
        readme = (self.prefix / "share/doc/pinfold/README.md").read_text()
        project = self.folder / "readme"
        project.mkdir()
        for name in ("md.toml", "main.cpp", "CMakeLists.txt"):
            block = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```", readme, re.DOTALL)
            assert block
            (project / name).write_text(block[1])
        command = re.search(r"`(cmake -B build\s[^`]*)`", readme)
        assert command
        built = bare(["sh", "-c", f"cd '{project}' && {unwrapped(command[1])}"],
                     CMAKE_PREFIX_PATH=str(self.prefix), CMAKE_GENERATOR="Ninja")
        self.assertEqual(built.returncode, 0, built.stdout)
        if os.sched_getaffinity(0) != {0, 1}:
            self.skipTest("it is built, and not run: the README's host has the CPUs 0 and 1")
        mapped = re.search(r"\$ PINFOLD_CPU_MAP=(\S+) \./server \| sort\n(.*?)```", readme, re.DOTALL)
        assert mapped
        said = bare([str(project / "build/server")], PINFOLD_CPU_MAP=mapped[1]).stdout
        self.assertEqual(sorted(said.splitlines()), mapped[2].splitlines())
        refused = re.search(r"<!-- text -->\n```\n(pinfold: cannot start.*?)```", readme, re.DOTALL)
        assert refused
        self.assertTrue(bare([str(project / "build/server")]).stdout.startswith(refused[1]), refused[1])

    def test_a_copy_of_each_example_is_a_project_and_an_edited_core_set_is_in_the_program_of_one(self) -> None:
        allowed = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, allowed)
        os.sched_setaffinity(0, sorted(allowed)[:2])  # on many CPUs the exchange has another layout
        examples = self.folder / "examples"
        shutil.copytree(self.prefix / "share/doc/pinfold/examples", examples)
        (examples / "CMakeLists.txt").unlink()
        for example in sorted(examples.glob("*/README.md")):
            if (self.whole / "examples").is_dir() and not (self.whole / "examples" / example.parent.name).is_dir():
                continue  # what it needs is not here: the build says so
            configured = self.configure(example.parent, example.parent / "build")
            self.assertEqual(configured.returncode, 0, configured.stdout)
        exchange = examples / "exchange"
        topology = exchange / "topology.toml"
        for shared, hot in ((0, 1), (1, 0)):
            cores = f'shared = "{shared}"\nhot = "{hot}"\n'
            topology.write_text(re.sub(r'shared = "\d"\nhot = "\d"\n', cores, topology.read_text()))
            built = bare([self.cmake, "--build", str(exchange / "build")])
            self.assertEqual(built.returncode, 0, built.stdout)
            shown = json.loads(bare([str(self.prefix / "bin/pinfold"), "show", "--json", "--topology", "partitioned",
                                     str(exchange / "build/exchange")]).stdout)
            self.assertEqual({pool["name"]: pool["cores"] for pool in shown["pools"]},
                             {"net": [shared], "book": [hot], "risk": [shared]})

    def test_the_manifest_lists_every_file_so_that_it_can_be_uninstalled(self) -> None:
        self.assertEqual(self.listed, self.installed)

    def test_what_an_installed_page_links_to_is_installed_with_it(self) -> None:
        pages = sorted((self.prefix / "share/doc/pinfold").rglob("*.md"))
        links = [(page, link) for page in pages
                 for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", without_code(page.read_text()))]
        self.assertGreater(len(links), 100)
        self.assertEqual([f"{page}: {link}" for page, link in links if not (page.parent / link).exists()], [])

    def test_a_debug_build_in_the_same_place_serves_debug_builds_and_no_others(self) -> None:
        both = self.folder / "both"
        shutil.copytree(self.prefix, both, symlinks=True)
        build = self.folder / "debug"
        configured = self.configure(self.source, build, "-DCMAKE_BUILD_TYPE=Debug", "-DPINFOLD_BUILD_TESTS=OFF",
                                    "-DPINFOLD_BUILD_EXAMPLES=OFF", "-DPINFOLD_BUILD_BENCHMARKS=OFF",
                                    "-DPINFOLD_WITH_TBB=OFF", "-DPINFOLD_WITH_PROMETHEUS=OFF")
        self.assertEqual(configured.returncode, 0, configured.stdout)
        run([self.cmake, "--build", str(build)])
        run([self.cmake, "--install", str(build), "--prefix", str(both)])
        project = self.project("either", 'find_package(pinfold REQUIRED COMPONENTS native)\n'
                               f'pinfold_add_topology(layout FILE "{self.consumers}/add_subdirectory/layout.toml")\n'
                               f'add_executable(either "{self.consumers}/add_subdirectory/main.cpp")\n'
                               "target_link_libraries(either PRIVATE layout)\n")
        debug, release = "/libpinfold_core_debug.a", "/libpinfold_core.a"
        for kind, own, other in (("Debug", debug, release), ("Release", release, debug),
                                 ("RelWithDebInfo", release, debug), ("", release, debug)):
            place = project / f"build {kind}"
            configured = self.configure(project, place, f"-DCMAKE_BUILD_TYPE={kind}", prefix=both)
            self.assertEqual(configured.returncode, 0, configured.stdout)
            linked = bare(["ninja", "-C", str(place), "-t", "commands", "either"]).stdout
            self.assertIn(own, linked)
            self.assertNotIn(other, linked)
        built = bare([self.cmake, "--build", str(project / "build Debug")])
        self.assertEqual(built.returncode, 0, built.stdout)
        self.assertEqual(bare([str(project / "build Debug/either")]).returncode, 0)

    @unittest.skipUnless(shutil.which("dpkg"), "dpkg is missing")
    def test_the_debian_package_installs_serves_a_program_and_leaves_nothing_behind(self) -> None:
        root = self.folder / "root"
        (root / "var/lib/dpkg/info").mkdir(parents=True)
        (root / "var/lib/dpkg/updates").mkdir()
        (root / "var/lib/dpkg/status").touch()
        packages = self.folder / "packages"
        run(["cpack", "-G", "DEB", "--config", str(self.build / "CPackConfig.cmake"), "-B", str(packages)])
        package, = packages.glob("libpinfold-dev_*.deb")
        dpkg = ["dpkg", f"--root={root}", "--force-depends", "--force-not-root", "--force-script-chrootless"]
        run([*dpkg, "--install", str(package)])
        project = self.project("packaged", 'find_package(pinfold REQUIRED COMPONENTS native)\n'
                               f'pinfold_add_topology(layout FILE "{self.consumers}/add_subdirectory/layout.toml")\n'
                               f'add_executable(packaged "{self.consumers}/add_subdirectory/main.cpp")\n'
                               "target_link_libraries(packaged PRIVATE layout)\n")
        configured = self.configure(project, project / "build", prefix=root / "usr")
        self.assertEqual(configured.returncode, 0, configured.stdout)
        built = bare([self.cmake, "--build", str(project / "build")])
        self.assertEqual(built.returncode, 0, built.stdout)
        self.assertEqual(bare([str(project / "build/packaged")]).returncode, 0)
        self.assertTrue(f"pinfold_DIR:PATH={root}/usr/" in (project / "build/CMakeCache.txt").read_text())
        run([*dpkg, "--remove", "libpinfold-dev"])
        left = [path for path in root.rglob("*") if path.is_file() and root / "var" not in path.parents]
        self.assertEqual(left, [])

    def test_a_build_without_cmake_gets_its_flags_from_pkg_config(self) -> None:
        layout = self.consumers / "find_package"
        out = self.folder / "by hand"
        generated = bare([str(self.prefix / "bin/pinfold"), "generate", str(layout / "layout.toml"), "--out", str(out)])
        self.assertEqual(generated.returncode, 0, generated.stdout)
        flags = bare(["pkg-config", "--cflags", "--libs", "pinfold"],
                     PKG_CONFIG_PATH=str(self.prefix / "lib/pkgconfig")).stdout
        command = (f'g++ -std=c++20 -O1 "-I{out}" "{layout}/main.cpp" "{out}/layout/topology.cpp" '
                   f'-o "{out}/program" {flags}')
        compiled = bare(["sh", "-c", command])
        self.assertEqual(compiled.returncode, 0, f"{command}\n{compiled.stdout}")
        self.assertEqual(bare([str(out / "program")]).returncode, 0)

    def test_the_command_brings_its_manual_page_and_its_completions(self) -> None:
        page = (self.prefix / "share/man/man1/pinfold.1").read_text(encoding="ascii")
        self.assertRegex(page, r'(?m)^\.TH PINFOLD 1 ')
        script = self.prefix / "share/bash-completion/completions/pinfold"
        completed = bare(["bash", "--norc", "-c", 'source "$0"; COMP_WORDS=(pinfold gen); COMP_CWORD=1; _pinfold;'
                          ' echo "${COMPREPLY[@]}"', str(script)])
        self.assertEqual(completed.stdout, "generate\n")
        self.assertTrue((self.prefix / "share/fish/vendor_completions.d/pinfold.fish").read_text().startswith("#"))

    def test_nothing_of_it_names_the_folders_that_it_comes_from(self) -> None:
        for file in self.prefix.rglob("*"):
            if file.suffix in {".1", ".cmake", ".pc", ".py", ".hpp", ".j2", ".json"}:
                text = file.read_text(encoding="utf-8")
                for folder in (self.source, self.build, self.folder / "opt"):
                    self.assertNotIn(str(folder), text, file)

    def test_a_component_that_does_not_exist_is_named_with_those_that_do(self) -> None:
        project = self.project("unknown", "find_package(pinfold REQUIRED COMPONENTS asio tokio)\n")
        configured = self.configure(project, project / "build")
        self.assertNotEqual(configured.returncode, 0)
        self.assertRegex(unwrapped(configured.stdout), "pinfold has no component 'tokio'; it has core[; ]asio")

    def test_without_tbb_the_other_kinds_are_found_and_a_demand_for_tbb_says_what_is_missing(self) -> None:
        without = ("-DCMAKE_DISABLE_FIND_PACKAGE_TBB=ON",)
        some = self.project("some", "find_package(pinfold REQUIRED)\n"
                            "if(NOT TARGET pinfold::native OR TARGET pinfold::tbb)\n"
                            "  message(FATAL_ERROR wrong)\n"
                            "endif()\n")
        self.assertEqual(self.configure(some, some / "build", *without).returncode, 0)
        all_of_them = self.project("all", "find_package(pinfold REQUIRED COMPONENTS tbb)\n")
        configured = self.configure(all_of_them, all_of_them / "build", *without)
        self.assertNotEqual(configured.returncode, 0)
        self.assertIn("Component 'tbb' needs TBB 2021 or later", unwrapped(configured.stdout))

    def test_a_pool_whose_component_was_not_asked_for_says_what_to_add(self) -> None:
        project = self.project("partial", "find_package(pinfold REQUIRED COMPONENTS asio native)\n"
                               f'pinfold_add_topology(layout FILE "{self.consumers}/find_package/layout.toml")\n')
        configured = self.configure(project, project / "build")
        self.assertNotEqual(configured.returncode, 0)
        self.assertIn("has tbb pools, and find_package(pinfold) did not bring that component here; in this "
                      "CMakeLists.txt, or one above, add tbb to its COMPONENTS", unwrapped(configured.stdout))

    def test_two_layouts_of_one_name_in_a_program_are_an_error_that_says_so(self) -> None:
        modules = "".join(f'pinfold_add_topology({name}_topology FILE {name}.toml)\n'
                          f"add_library(mod{name} STATIC {name}.cpp)\n"
                          f"target_link_libraries(mod{name} PRIVATE {name}_topology)\n" for name in "ab")
        project = self.project("twins", f"find_package(pinfold REQUIRED COMPONENTS asio)\n{modules}"
                               "add_executable(twins main.cpp)\ntarget_link_libraries(twins PRIVATE moda modb)\n"
                               "if(DIRECTLY)\n  target_link_libraries(twins PRIVATE a_topology b_topology)\nendif()\n")
        for name, core in (("a", 0), ("b", 1)):
            (project / f"{name}.toml").write_text(f'[topology]\nname = "md"\n\n[asio.net]\ncores = "{core}"\n')
            (project / f"{name}.cpp").write_text(f"#include <md/topology.hpp>\nvoid {name}() "
                                                 "{ md::asio_pools::net.post([] {}); }\n")
        (project / "main.cpp").write_text("void a();\nvoid b();\nint main() {\n  a();\n  b();\n}\n")
        self.assertEqual(self.configure(project, project / "build").returncode, 0)
        built = bare([self.cmake, "--build", str(project / "build")])
        self.assertNotEqual(built.returncode, 0)
        self.assertRegex(built.stdout, r"lib[ab]_topology\.a.* multiple definition of "
                         r"`md::every_topology_of_a_program_needs_a_name_of_its_own'; lib[ab]_topology\.a")
        configured = self.configure(project, project / "build", "-DDIRECTLY=ON")
        self.assertNotEqual(configured.returncode, 0)
        self.assertIn('INTERFACE_TWO_TOPOLOGIES_ARE_CALLED_md property of "b_topology" does not agree',
                      unwrapped(configured.stdout))

    def test_another_boost_than_it_was_built_with_is_refused(self) -> None:
        project = self.project("boost", "find_package(pinfold REQUIRED)\n")
        for version, fault in (("107400", "pinfold needs Boost 1.81 or later, and the headers in {} have"),
                               ("999900", "CMake found 999900 in {}. Say where")):
            headers = self.folder / version
            (headers / "boost").mkdir(parents=True)
            (headers / "boost/asio.hpp").touch()
            (headers / "boost/version.hpp").write_text(f"#define BOOST_VERSION {version}\n")
            configured = self.configure(project, project / version, "-DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON",
                                        f"-DPINFOLD_BOOST_INCLUDE_DIR={headers}")
            self.assertNotEqual(configured.returncode, 0)
            self.assertIn(fault.format(headers), unwrapped(configured.stdout))

    def test_another_minor_version_is_refused(self) -> None:
        project = self.project("version", "find_package(pinfold 99.0 REQUIRED)\n")
        configured = self.configure(project, project / "build")
        self.assertNotEqual(configured.returncode, 0)
        self.assertIn('compatible with requested version "99.0"', unwrapped(configured.stdout))


def without_code(page: str) -> str:
    return re.sub(r"```.*?```|`[^`]*`", "", page, flags=re.DOTALL)


def unwrapped(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def bare(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """In an environment that holds nothing but where programs are, and the compiler cache's folder."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or name.startswith("CCACHE_")}
    return subprocess.run(command, env=kept | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


if __name__ == "__main__":
    Installed.consumers = Path(sys.argv.pop(1)).resolve()
    Installed.source = Installed.consumers.parent.parent
    Installed.whole = Path(sys.argv.pop(1)).resolve()
    Installed.cmake = sys.argv.pop(1)
    Installed.launcher = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    unittest.main(verbosity=2)
