"""What a TBB arena and its task_group add to a program."""

from __future__ import annotations

from pathlib import Path

import binary


def write(folder: Path, pools: int) -> binary.Program:
    lines = (f"  tbb::task_arena arena_{number}{{2, 1}};\n  tbb::task_group group_{number};\n"
             f"  arena_{number}.enqueue(group_{number}.defer([] {{}}));\n" for number in range(pools))
    waits = (f"  arena_{number}.execute([&] {{ group_{number}.wait(); }});\n" for number in range(pools))
    head = "#include <oneapi/tbb/task_arena.h>\n#include <oneapi/tbb/task_group.h>\nint main() {\n"
    return binary.Program((), head + "".join((*lines, *waits)) + "}\n", ("-ltbb",))


if __name__ == "__main__":
    binary.main(write)
