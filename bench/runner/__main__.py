"""python3 -m bench.runner: exit status 0, 1 where a program failed or could not be compiled, 2 for the command line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from bench.report import publish
from bench.runner import build, command_line, session, suite
from bench.runner.build import BuildFailed


def main(arguments: Sequence[str] | None = None) -> int:
    request = command_line.parse(arguments, suite.load())
    if request.report:
        return publish.main(request.report)
    try:
        built = build.build(
            (workload.name, contender)
            for workload in request.workloads
            for contender in request.contenders_of(workload)
        )
    except BuildFailed:
        return 1
    return 0 if session.run(request, built) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
