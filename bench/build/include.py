"""How long a compiler takes for a source that includes one header and no more.

The variant is a header of Boost, TBB or pinfold, or `topology_N`, the generated one of a topology of N asio pools; and
the compiler.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import script

HEADERS = {
    "asio": "boost/asio.hpp",
    "tbb": "oneapi/tbb.h",
    "pinfold": "pinfold/topology.hpp",
    "pinfold_asio": "pinfold/asio/asio_pool.hpp",
    "pinfold_tbb": "pinfold/tbb/tbb_pool.hpp",
    "pinfold_native": "pinfold/native/native_pool.hpp",
}
FLAGS = ("-std=c++20", "-DBOOST_HANA_CONFIG_ENABLE_STRING_UDL", "-I", str(script.ROOT / "include"), "-I", "out")


def topology(pools: int) -> str:
    return '[topology]\nname = "scale"\n' + "".join(
        f'\n[asio.pool_{number:03}]\nthreads = 1\npin = "none"\n' for number in range(pools))


def header(what: str, folder: Path) -> str:
    """Generates it, where it is a topology's."""
    if what in HEADERS:
        return HEADERS[what]
    pools = int(what.removeprefix("topology_"))
    _, found = script.generate(folder, topology(pools))
    if len(found["pools"]) != pools:
        sys.exit(f"the topology has {len(found['pools'])} pools")
    return "scale/topology.hpp"


def main() -> None:
    options = script.options()
    what = options.variant.rpartition("_")[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "source.cpp").write_text(f"#include <{header(what, folder)}>\n", encoding="utf-8")
        timing = script.timed([options.compiler, *FLAGS, "-O2", "-c", "source.cpp", "-o", "source.o"], folder)
        script.report((folder / "source.o").stat().st_size, timing.figures())


if __name__ == "__main__":
    main()
