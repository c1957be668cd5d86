"""What a pool of a kind, which is the variant, adds to a program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import binary
import script

MAIN = """\
#include <scale/topology.hpp>
int main() {
  auto running = scale::topology.start();
  scale::topology.for_each([](auto& pool) { pool.post([] {}); });
}
"""


def written(folder: Path, kind: str, threads: Sequence[int], libraries: Sequence[str]) -> binary.Program:
    """With a pool for each number of threads."""
    tables = (f'\n[{kind}.pool_{at:03}]\nthreads = {count}\npin = "none"\n' for at, count in enumerate(threads))
    script.generate(folder, '[topology]\nname = "scale"\n' + "".join(tables))
    sources = [str(each.relative_to(folder)) for each in sorted((folder / "out").rglob("*.cpp"))]
    return binary.Program(sources, MAIN, [*libraries, *(["-ltbb"] if kind == "tbb" else [])])


def main() -> None:
    options = script.options()
    kind, libraries, compiler = options.variant, options.libraries, options.compiler
    figures = binary.added(lambda folder, pools: written(folder, kind, [1] * pools, libraries), options.size, compiler)
    one, two = (binary.sections(lambda folder: written(folder, kind, [count], libraries), compiler)
                for count in (1, 2))
    static = two["data"] + two["bss"] - one["data"] - one["bss"]
    script.report(options.size, {**figures, "static_bytes_a_worker": static})


if __name__ == "__main__":
    main()
