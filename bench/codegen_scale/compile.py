"""How long a compiler takes: for a source that looks up 20 names (`lookups`), for <boost/asio.hpp> alone (`asio`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import scale

LOOKUPS = 20
FLAGS = ("-std=c++20", "-O2", "-c", "-o", "source.o", "-I", str(scale.ROOT / "include"), "-I", "out")


def lookups(pools: int) -> Iterator[str]:
    """Each by string, and checked against the object that it must find."""
    yield "#include <scale/topology.hpp>\n"
    step = scale.ALIASES * pools // LOOKUPS
    for number in range(0, LOOKUPS * step, step):
        kind, name, target = scale.alias(number)
        yield f"auto& find_{name}() {{ return scale::topology.{kind}<\"{name}\">(); }}\n"
        yield f"static_assert(&scale::topology.{kind}<\"{name}\">() == &scale::{kind}_pools::{target});\n"


def main() -> None:
    options = scale.options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = "#include <boost/asio.hpp>\n"
        if options.variant.startswith("lookups"):
            scale.generate(folder, options.pools)
            source = "".join(lookups(options.pools))
        (folder / "source.cpp").write_text(source, encoding="utf-8")
        timing = scale.timed([options.compiler, *FLAGS, "source.cpp"], folder)
        scale.report(timing, (folder / "source.o").stat().st_size)


if __name__ == "__main__":
    main()
