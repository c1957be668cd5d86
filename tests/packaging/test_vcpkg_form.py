"""vcpkg's port, run by stubs of its functions (Debian has no vcpkg): it agrees with what CMake builds and installs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import project

PORT = project.ROOT / "cmake/vcpkg/pinfold"
OF_MANIFESTS = {"name", "version", "description", "homepage", "documentation", "license", "supports", "dependencies",
                "default-features", "features"}
OF_DEPENDENCIES = {"name", "host", "features", "default-features", "platform", "version>="}

# Each writes down its arguments; cmake --install's tree is there already.
STUBS = """
cmake_minimum_required(VERSION 3.22)
foreach(name IN ITEMS vcpkg_cmake_configure vcpkg_cmake_install vcpkg_cmake_config_fixup vcpkg_fixup_pkgconfig
    vcpkg_install_copyright)
  cmake_language(EVAL CODE "function(${name})
    message(STATUS \\"${name}|\\${ARGN}\\")
  endfunction()")
endforeach()
function(vcpkg_check_features)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
  set(found "")
  while(arg_FEATURES)
    list(POP_FRONT arg_FEATURES feature variable)
    if(feature IN_LIST FEATURES)
      list(APPEND found "-D${variable}=ON")
    else()
      list(APPEND found "-D${variable}=OFF")
    endif()
  endwhile()
  set(${arg_OUT_FEATURE_OPTIONS} "${found}" PARENT_SCOPE)
endfunction()
include("${PORTFILE}")
"""
INSTALLED = ("bin/pinfold", "include/pinfold/pool.hpp", "lib/libpinfold_core.a", "share/pinfold/codegen/pinfold",
             "share/man/man1/pinfold.1", "share/doc/pinfold/LICENSE", "share/bash-completion/completions/pinfold",
             "share/fish/vendor_completions.d/pinfold.fish")


@pytest.fixture(scope="module")
def manifest() -> Any:
    return json.loads((PORT / "vcpkg.json").read_text(encoding="utf-8"))


def run(folder: Path, *features: str) -> dict[str, list[str]]:
    """What the port calls, with its arguments."""
    for file in (*INSTALLED, *(f"debug/{file}" for file in INSTALLED)):
        path = folder / "packages" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (folder / "stubs.cmake").write_text(STUBS, encoding="utf-8")
    command = ["cmake", f"-DPORTFILE={PORT}/portfile.cmake", "-DPORT=pinfold", f"-DFEATURES={';'.join(features)}",
               f"-DCURRENT_PACKAGES_DIR={folder}/packages", "-P", str(folder / "stubs.cmake")]
    outcome = subprocess.run(command, text=True, capture_output=True)
    assert outcome.returncode == 0, outcome.stderr
    calls = re.findall(r"^-- (vcpkg_\w+)\|(.*)$", outcome.stdout, re.MULTILINE)
    return {name: arguments.split(";") for name, arguments in calls}


def test_the_manifest_has_vcpkgs_keys_and_no_others(manifest: Any) -> None:
    assert set(manifest) <= OF_MANIFESTS
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", manifest["name"])
    lists = [manifest["dependencies"], *(feature["dependencies"] for feature in manifest["features"].values())]
    for dependency in (each for dependencies in lists for each in dependencies):
        assert isinstance(dependency, str) or set(dependency) <= OF_DEPENDENCIES
    assert all(set(feature) == {"description", "dependencies"} for feature in manifest["features"].values())
    assert set(manifest["default-features"]) <= set(manifest["features"])


def test_version_and_description_are_those_of_the_project(manifest: Any) -> None:
    assert (manifest["version"], manifest["description"]) == (project.VERSION, project.description())
    assert manifest["supports"] == "linux"


def test_the_parts_of_boost_are_those_that_headers_include(manifest: Any) -> None:
    included = set()
    for folder in ("include", "src"):
        for file in (project.ROOT / folder).rglob("*.[ch]pp"):
            included |= set(re.findall(r"#include <boost/(\w+)[/.]", file.read_text(encoding="utf-8")))
    ours = {name.removeprefix("boost-") for name in manifest["dependencies"] if isinstance(name, str)}
    assert ours == included - {"version"}


@pytest.mark.parametrize("features", [("core",), ("core", "tbb"), ("core", "prometheus", "tbb")])
def test_features_are_the_optional_components_and_decide_what_is_built(
    tmp_path: Path, manifest: Any, features: tuple[str, ...],
) -> None:
    assert set(manifest["features"]) == set(project.components()) - {"core", "asio", "native"}
    arguments = run(tmp_path, *features)["vcpkg_cmake_configure"]
    variables = dict(argument[2:].split("=") for argument in arguments if argument.startswith("-D"))
    assert set(variables) <= project.options()
    for feature in manifest["features"]:
        assert variables[f"PINFOLD_WITH_{feature.upper()}"] == ("ON" if feature in features else "OFF")
    assert arguments[arguments.index("SOURCE_PATH") + 1] == str(project.ROOT)


def test_what_vcpkg_wants_nowhere_is_removed_and_the_generator_stays(tmp_path: Path) -> None:
    calls = run(tmp_path, "core")
    packages = tmp_path / "packages"
    left = {path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()}
    assert left == {"include/pinfold/pool.hpp", "lib/libpinfold_core.a", "debug/lib/libpinfold_core.a",
                    "share/pinfold/codegen/pinfold", "share/pinfold/usage"}
    assert list(calls) == ["vcpkg_cmake_configure", "vcpkg_cmake_install", "vcpkg_cmake_config_fixup",
                           "vcpkg_fixup_pkgconfig", "vcpkg_install_copyright"]
    assert Path(calls["vcpkg_install_copyright"][1]).is_file()
