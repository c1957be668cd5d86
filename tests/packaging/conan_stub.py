"""As much of Conan 2 as the recipe uses: it writes down what the recipe asks for, and knows no more than that."""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import util
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


class InvalidConfiguration(Exception):
    pass


class CppInfo:
    def __init__(self) -> None:
        self.properties: dict[str, str] = {}
        self.libs: list[str] = []
        self.requires: list[str] = []
        self.system_libs: list[str] = []
        self.defines: list[str] = []
        self.builddirs: list[str] = []
        self.components: dict[str, CppInfo] = defaultdict(CppInfo)

    def set_property(self, name: str, value: str) -> None:
        self.properties[name] = value


class ConanFile:
    settings: Any
    options: Any

    def __init__(self, folder: Path, *, system: str = "Linux", **options: bool) -> None:
        allowed, defaults = type(self).options, type(self).default_options  # type: ignore[attr-defined]
        chosen = {**defaults, **options}
        assert all(chosen[name] in values for name, values in allowed.items()) and set(chosen) == set(allowed)
        self.settings = SimpleNamespace(os=system)
        self.options = SimpleNamespace(**chosen)
        self.recipe_folder, self.source_folder, self.package_folder = str(folder), str(folder), "/package"
        self.required: dict[str, dict[str, bool]] = {}
        self.cache_variables: dict[str, object] = {}
        self.calls: list[str] = []
        self.least_standard = 0
        self.cpp_info = CppInfo()

    def requires(self, reference: str, **traits: bool) -> None:
        self.required[reference] = traits


class _Generator:
    def __init__(self, recipe: ConanFile) -> None:
        self.recipe = recipe
        self.cache_variables = recipe.cache_variables

    def generate(self) -> None:
        self.recipe.calls.append(f"{type(self).__name__}.generate")


class CMakeToolchain(_Generator):
    pass


class CMakeDeps(_Generator):
    pass


class CMake:
    def __init__(self, recipe: ConanFile) -> None:
        self.calls = recipe.calls

    def configure(self) -> None:
        self.calls.append("configure")

    def build(self) -> None:
        self.calls.append("build")

    def install(self) -> None:
        self.calls.append("install")


def _check_min_cppstd(recipe: ConanFile, standard: int) -> None:
    recipe.least_standard = standard


def _copy(recipe: ConanFile, pattern: str, src: str, dst: str) -> None:
    assert list(Path(src).glob(pattern)), pattern
    recipe.calls.append(f"copy {pattern} {dst}")


def load_recipe(file: Path) -> ModuleType:
    """The recipe as a module, in which `conan` is this stub."""
    stubs: dict[str, dict[str, object]] = {
        "conan": {"ConanFile": ConanFile},
        "conan.errors": {"ConanInvalidConfiguration": InvalidConfiguration},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": _check_min_cppstd},
        "conan.tools.cmake": {"CMake": CMake, "CMakeDeps": CMakeDeps, "CMakeToolchain": CMakeToolchain,
                              "cmake_layout": lambda recipe: recipe.calls.append("layout")},
        "conan.tools.files": {"copy": _copy, "load": lambda recipe, path: Path(path).read_text(encoding="utf-8")},
    }
    for name, members in stubs.items():
        module = ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module
    try:
        spec = util.spec_from_file_location("pinfold_recipe", file)
        assert spec is not None and spec.loader is not None
        recipe = util.module_from_spec(spec)
        spec.loader.exec_module(recipe)
        return recipe
    finally:
        for name in stubs:
            del sys.modules[name]
