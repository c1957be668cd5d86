"""What CMake's files say of the project, for recipes to agree with."""

from __future__ import annotations

import re
from pathlib import Path

from codegen import version

ROOT = Path(__file__).resolve().parents[2]
VERSION = version.text()


def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def description() -> str:
    found: str = re.findall(r'\n  DESCRIPTION "(.*)"\n', _text("CMakeLists.txt"))[0]
    return found


def options() -> set[str]:
    """Of CMake, that users may set."""
    return set(re.findall(r"^(?:option|set)\((PINFOLD_\w+)", _text("CMakeLists.txt"), re.MULTILINE))


def components() -> list[str]:
    """That find_package(pinfold) knows."""
    found: str = re.findall(r"set\(pinfold_known_components (.*)\)", _text("cmake/pinfoldConfig.cmake.in"))[0]
    return found.split()


def folders_of_the_build() -> set[str]:
    """That configuring and installing without tests, examples and benchmarks reads."""
    text = _text("cmake/pinfold_install.cmake")
    found = set(re.findall(r'"\$\{PROJECT_SOURCE_DIR\}/(\w+)[/"]', text))
    with_pages = re.findall(r"^set\(folders (.*)\)$", text, re.MULTILINE)[0].split()
    return found - {"LICENSE", "README"} | {"src", "cmake", *with_pages}
