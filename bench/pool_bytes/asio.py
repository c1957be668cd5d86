"""What an asio::thread_pool adds to a program."""

from __future__ import annotations

from pathlib import Path

import binary


def write(folder: Path, pools: int) -> binary.Program:
    lines = (f"  boost::asio::thread_pool pool_{number}{{1}};\n  boost::asio::post(pool_{number}, [] {{}});\n"
             for number in range(pools))
    joins = (f"  pool_{number}.join();\n" for number in range(pools))
    head = "#include <boost/asio/post.hpp>\n#include <boost/asio/thread_pool.hpp>\nint main() {\n"
    return binary.Program((), head + "".join((*lines, *joins)) + "}\n", ())


if __name__ == "__main__":
    binary.main(write)
