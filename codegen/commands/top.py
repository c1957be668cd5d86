"""`pinfold top`: what the pools of a running process do, and who disturbs them."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from codegen import diagnostics
from codegen.commands import verify
from codegen.commands.exit_codes import OK, without_rich
from codegen.machine import host
from codegen.observing import frame, frame_data, sample
from codegen.observing.frame import Frame
from codegen.observing.proc import Gone, open_process

_EVERY = 2.0  # seconds


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "top", help="show what the pools of a running process do",
        description="By pool and thread: CPU time, run delay, context switches, migrations and the current CPU. By core"
                    " of a pool: foreign threads that were seen there, and interrupts. All from /proc; the process"
                    " notices nothing.",
        epilog="Exit code 0: done, or a process that was watched has ended; 2: wrong usage or environment, or a"
               " process that cannot be looked at.")
    parser.add_argument("pid", type=verify.pid, metavar="PID", help="the process")
    verify.add_choice(parser)
    parser.add_argument("--interval", type=verify.seconds, default=_EVERY, metavar="SECONDS",
                        help=f"from one look to the next (default: {_EVERY:g})")
    parser.add_argument("--once", action="store_true", help="look twice, print what happened meanwhile, and end")
    parser.add_argument("--json", action="store_true", help="print JSON data; without --once a line each time")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    return run(options, host.ROOT)


def run(options: argparse.Namespace, root: Path) -> int:
    """Of a process whose /proc and /sys are below `root`."""
    show: Callable[..., None] = _print_data
    if not options.json:
        try:
            from codegen.observing import display
        except ModuleNotFoundError as error:
            return without_rich("top needs", error, "; --json works without it")
        show = display.show
    try:
        show(_frames(root, options), once=options.once)
        if not options.once:
            sys.stderr.write(diagnostics.remark(f"process {options.pid} has ended"))
    except verify.REFUSALS as error:
        return verify.refused(error, options.pid)
    except KeyboardInterrupt:
        pass  # how watching ends
    return OK


def _frames(root: Path, options: argparse.Namespace) -> Iterator[Frame]:
    """As long as the process lives. Raises verify.REFUSALS."""
    process = open_process(root, options.pid)
    before = sample.take(process, options.topology, options.cpu_map)
    while True:
        time.sleep(options.interval)
        try:
            after = sample.take(process, options.topology, options.cpu_map)
        except Gone:
            if options.once:
                raise
            return
        yield frame.between(process, before, after)
        if options.once:
            return
        before = after


def _print_data(frames: Iterator[Frame], *, once: bool) -> None:
    for each in frames:
        sys.stdout.write(json.dumps(frame_data.data(each), indent=2 if once else None) + "\n")
        sys.stdout.flush()
