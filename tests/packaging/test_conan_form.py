"""Conan's recipe, run by a stub of Conan (Debian has none): it agrees with what CMake builds and installs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import conan_stub
import project


def recipe(**choices: Any) -> Any:
    """After every step that Conan calls, in its order."""
    made = conan_stub.load_recipe(project.ROOT / "conanfile.py").Pinfold(project.ROOT, **choices)
    for step in ("set_version", "validate", "requirements", "layout", "generate", "build", "package", "package_info"):
        getattr(made, step)()
    return made


@pytest.mark.parametrize(("tbb", "prometheus"), [(True, False), (False, False), (True, True), (False, True)])
def test_the_components_are_those_of_find_package_that_the_options_choose(tbb: bool, prometheus: bool) -> None:
    made = recipe(tbb=tbb, prometheus=prometheus)
    chosen = {"tbb": tbb, "prometheus": prometheus}
    assert list(made.cpp_info.components) == [kind for kind in project.components() if chosen.get(kind, True)]
    for kind, component in made.cpp_info.components.items():
        assert component.libs == [f"pinfold_{kind}"]
        assert component.properties == {"cmake_target_name": f"pinfold::{kind}", "pkg_config_name": f"pinfold-{kind}"}
    packages = {reference.partition("/")[0] for reference in made.required}
    assert packages == {"boost"} | ({"onetbb"} if tbb else set()) | ({"prometheus-cpp"} if prometheus else set())
    used = {name.partition("::")[0] for component in made.cpp_info.components.values() for name in component.requires}
    assert used - {"core"} == packages
    assert made.cache_variables["PINFOLD_WITH_TBB"] is tbb
    assert made.cache_variables["PINFOLD_WITH_PROMETHEUS"] is prometheus


def test_every_requirement_is_in_public_headers_and_says_so() -> None:
    assert all(traits == {"transitive_headers": True} for traits in recipe(prometheus=True).required.values())


def test_it_sets_options_that_cmake_has_and_builds_no_tests() -> None:
    variables = recipe().cache_variables
    assert variables.pop("CMAKE_DEBUG_POSTFIX") == ""  # the names of libraries that it lists have none
    assert set(variables) <= project.options()
    assert {name for name, value in variables.items() if name.startswith("PINFOLD_BUILD_") and value is False} == {
        name for name in project.options() if name.startswith("PINFOLD_BUILD_")}


def test_version_description_and_language_are_those_of_the_project() -> None:
    made = recipe()
    assert (made.version, made.description, made.least_standard) == (project.VERSION, project.description(), 20)


def test_the_users_of_cmake_get_pinfolds_own_configuration() -> None:
    made = recipe()
    assert made.cpp_info.properties == {"cmake_find_mode": "none"}
    assert made.cpp_info.builddirs == ["lib/cmake/pinfold"]
    assert made.calls == ["layout", "CMakeToolchain.generate", "CMakeDeps.generate", "configure", "build",
                          "copy LICENSE /package/licenses", "install"]


def test_it_exports_the_files_that_the_build_reads() -> None:
    exported = recipe().exports_sources
    assert all(list(project.ROOT.glob(pattern)) for pattern in exported)
    assert {pattern.removesuffix("/*") for pattern in exported if pattern.endswith("/*")} == (
        project.folders_of_the_build())


def test_what_it_exports_can_be_configured_and_has_every_file_that_is_installed(tmp_path: Path) -> None:
    source, build = tmp_path / "source", tmp_path / "build"
    for pattern in recipe().exports_sources:
        for found in project.ROOT.glob(pattern.replace("/*", "/**/*")):
            if found.is_file() and "__pycache__" not in found.parts:
                copy = source / found.relative_to(project.ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, copy)
    off = [f"-DPINFOLD_BUILD_{part}=OFF" for part in ("TESTS", "EXAMPLES", "BENCHMARKS")]
    subprocess.run(["cmake", "-S", source, "-B", build, "-DPINFOLD_INSTALL=ON", *off], check=True, capture_output=True)
    script = (build / "cmake_install.cmake").read_text(encoding="utf-8")
    installed = re.findall(rf'"({re.escape(str(source))}/[^"]*)"', script)
    assert len(installed) > 10
    assert [path for path in installed if not Path(path).exists()] == []


def test_it_refuses_other_systems() -> None:
    with pytest.raises(conan_stub.InvalidConfiguration, match="Linux only"):
        recipe(system="Windows")


def test_its_oldest_boost_and_tbb_are_those_that_cmake_asks_for() -> None:
    asked = (project.ROOT / "cmake/pinfold_dependencies.cmake").read_text(encoding="utf-8")
    required = " ".join(recipe().required)
    for package, ours in (("Boost", "boost"), ("TBB", "onetbb")):
        least, = re.findall(rf"find_package\({package} ([\d.]+) ", asked)
        assert f"{ours}/[>={least} " in required


def test_the_recipe_reads_no_file_but_the_version() -> None:
    imported = re.findall(r"^(?:from|import) (\S+)", Path(project.ROOT, "conanfile.py").read_text(encoding="utf-8"),
                          re.MULTILINE)
    assert {name.partition(".")[0] for name in imported} == {"conan", "os", "re"}
