"""Conan 2's recipe: conan create . --build=missing"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class Pinfold(ConanFile):
    name = "pinfold"
    description = "One topology file becomes a process's pinned, named thread pools at build time"
    license = "Apache-2.0"
    topics = ("threads", "affinity", "asio", "tbb", "work-stealing", "low-latency")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"tbb": [True, False], "prometheus": [True, False]}
    default_options = {"tbb": True, "prometheus": False}
    exports_sources = ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
                       "cmake/*", "codegen/*", "docs/*", "examples/*", "include/*", "src/*", "topology/*")

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include", "pinfold", "version.hpp"))
        self.version = ".".join(re.findall(r"#define PINFOLD_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("pinfold runs on Linux only")
        check_min_cppstd(self, 20)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        if self.options.tbb:
            self.requires("onetbb/[>=2021 <2023]", transitive_headers=True)
        if self.options.prometheus:
            self.requires("prometheus-cpp/[>=1.0 <2]", transitive_headers=True)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in ("TESTS", "EXAMPLES", "BENCHMARKS"):
            toolchain.cache_variables[f"PINFOLD_BUILD_{part}"] = False
        toolchain.cache_variables["PINFOLD_INSTALL"] = True
        toolchain.cache_variables["CMAKE_DEBUG_POSTFIX"] = ""  # each configuration is a package of its own
        toolchain.cache_variables["PINFOLD_WITH_TBB"] = bool(self.options.tbb)
        toolchain.cache_variables["PINFOLD_WITH_PROMETHEUS"] = bool(self.options.prometheus)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # find_package() shall find pinfold's own configuration, which brings pinfold_add_topology(). The components are
        # for generators of other build systems.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "pinfold")]
        self._component("core", requires=["boost::headers"])
        self.cpp_info.components["core"].system_libs = ["pthread"]
        self.cpp_info.components["core"].defines = ["BOOST_HANA_CONFIG_ENABLE_STRING_UDL"]
        self._component("asio", requires=["core"])
        self._component("native", requires=["core"])
        if self.options.tbb:
            self._component("tbb", requires=["core", "onetbb::libtbb"])
        if self.options.prometheus:
            self._component("prometheus", requires=["core", "prometheus-cpp::prometheus-cpp-core"])

    def _component(self, kind, requires):
        component = self.cpp_info.components[kind]
        component.libs = [f"pinfold_{kind}"]
        component.requires = requires
        component.set_property("cmake_target_name", f"pinfold::{kind}")
        component.set_property("pkg_config_name", f"pinfold-{kind}")
