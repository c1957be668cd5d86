"""How long a compiler takes: for a source that looks up 20 names (`lookups`), for <boost/asio.hpp> alone (`asio`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import scale
import script

LOOKUPS = 20
FLAGS = ("-std=c++20", "-O2", "-c", "-o", "source.o", "-I", str(script.ROOT / "include"), "-I", "out")


def lookups(pools: int) -> Iterator[str]:
    """Each by string, and checked against the object that it must find."""
    yield "#include <scale/topology.hpp>\n"
    step = scale.ALIASES * pools // LOOKUPS
    for number in range(0, LOOKUPS * step, step):
        kind, name, target = scale.alias(number)
        yield f"auto& find_{name}() {{ return scale::topology.{kind}<\"{name}\">(); }}\n"
        yield f"static_assert(&scale::topology.{kind}<\"{name}\">() == &scale::{kind}_pools::{target});\n"


def main() -> None:
    options = script.options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = "#include <boost/asio.hpp>\n"
        if options.variant.startswith("lookups"):
            scale.generate(folder, options.size)
            source = "".join(lookups(options.size))
        (folder / "source.cpp").write_text(source, encoding="utf-8")
        timing = script.timed([options.compiler, *FLAGS, "source.cpp"], folder)
        script.report((folder / "source.o").stat().st_size, timing.figures())


if __name__ == "__main__":
    main()
