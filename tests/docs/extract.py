"""Writes the files of pages as parts of pinfold's own build.

    extract.py FOLDER PAGE...
    extract.py --title PAGE     prints what the page's test is called

Each page is a folder below FOLDER. Where it has a CMakeLists.txt, that is used, without what is for projects of their
own; else each of its C++ files is a program, linked with the topologies that it includes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import blocks, files

ROOT = Path(__file__).resolve().parent.parent.parent
MAKES_FILES = re.compile(r"^\$ ((?:cp pinfold/|pinfold import ).*)$", re.MULTILINE)
OWN_PROJECT = re.compile(r"^(?:cmake_minimum_required|project|find_package)\(.*\n", re.MULTILINE)


def write(path: Path, text: str) -> None:
    """Leaves what is the same alone, so that nothing is built again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def topologies(texts: dict[str, str]) -> dict[str, str]:
    """The files of topologies, by the names that C++ includes them by."""
    named = ((re.search(r'^\[topology\]\nname = "(\w+)"', text, re.MULTILINE), file) for file, text in texts.items())
    return {match[1]: file for match, file in named if match}


def build_file(page: str, texts: dict[str, str]) -> str:
    lines = []
    declared = topologies(texts)
    for file, text in texts.items():
        if not file.endswith(".cpp"):
            continue
        program = f"{page}_{Path(file).stem}"
        lines += [f"add_executable({program} {file})",
                  f"set_target_properties({program} PROPERTIES OUTPUT_NAME {Path(file).stem})"]
        included = [name for name in declared if f"#include <{name}/topology.hpp>" in text]
        for name in included:
            target = f"{page}_{name}_topology"
            lines.append(f"if(NOT TARGET {target})\n  pinfold_add_topology({target} FILE {declared[name]})\nendif()")
            lines.append(f"target_link_libraries({program} PRIVATE {target})")
        if not included:  # what it was like before pinfold
            lines.append(f"target_link_libraries({program} PRIVATE Boost::headers TBB::tbb Threads::Threads)\n"
                         f"target_compile_features({program} PRIVATE cxx_std_20)")
    return "\n".join(lines) + "\n"


def made_files(page: Path, texts: dict[str, str]) -> dict[str, str]:
    """What a reader does not write but copies from the clone, or imports."""
    makers = [maker for block in blocks(page) for maker in MAKES_FILES.findall(block.text)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in texts.items():
            write(folder / file, text)
        (folder / "pinfold").symlink_to(ROOT)
        for maker in makers:
            subprocess.run(["sh", "-c", maker], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, env=os.environ | {"PATH": f"{ROOT}/codegen:{os.environ['PATH']}"})
        return {file.name: file.read_text(encoding="utf-8")
                for file in folder.iterdir() if file.is_file() and file.name not in texts}


def extract(folder: Path, page: Path) -> None:
    texts = files(page)
    texts |= made_files(page, texts)
    target = folder / page.stem
    for name, text in texts.items():
        if name != "CMakeLists.txt":
            write(target / name, text)
    given = texts.get("CMakeLists.txt")
    write(target / "CMakeLists.txt", OWN_PROJECT.sub("", given) if given else build_file(page.stem, texts))


def title(page: Path) -> str:
    left_out = [block.mark.removeprefix("not run: ") for block in blocks(page) if block.is_left_out and not block.twin]
    name = f"{page.relative_to(ROOT)} does what it says"
    return f"{name}; {len(left_out)} not run: {', '.join(left_out)}" if left_out else name


def main() -> None:
    if sys.argv[1] == "--title":
        print(title(Path(sys.argv[2]).resolve()), end="")
        return
    folder, pages = Path(sys.argv[1]), [Path(argument).resolve() for argument in sys.argv[2:]]
    wanted = {page.stem for page in pages}
    for old in folder.iterdir() if folder.is_dir() else ():
        if old.name not in wanted:
            shutil.rmtree(old)
    for page in pages:
        extract(folder, page)


if __name__ == "__main__":
    main()
