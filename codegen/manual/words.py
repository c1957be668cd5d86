"""What the manual says beside the parser: the environment, examples, and where to read on."""

from __future__ import annotations

ENVIRONMENT = (
    ("PINFOLD_SET", "values over the topology and its overlays, below --set, as in"
                    " `asio.net.threads=2;tbb.work.cores=4-7`"),
    ("PINFOLD_PYTHON", "the Python to start first; it must be 3.11 or later and have jinja2"),
    ("NO_COLOR", "set to something: no colours, unless --color says always"),
    ("PINFOLD_CPU_MAP", "of a process that verify and top look at, not of theirs: the map that it was started with"),
)

EXAMPLES = (
    ("Write a topology for this host, check it, and see where its threads run", (
        "pinfold discover --out md.toml", "pinfold check md.toml", "pinfold show md.toml")),
    ("Write its C++ for a build without CMake", ("pinfold generate md.toml --out generated",)),
    ("What would change if a pool had two threads", ("pinfold diff md.toml --set asio.net.threads=2",)),
    ("Compare a running server with the topology in its binary", ("pinfold verify $(pidof server)",)),
    ("What a message means", ("pinfold explain PF014",)),
    ("Complete commands and options in this shell", ("source <(pinfold completion bash)",)),
)

SEE_ALSO = ("taskset(1)", "chrt(1)", "numactl(8)", "lstopo(1)", "hwloc-calc(1)", "sched(7)", "cpuset(7)")
