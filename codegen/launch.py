"""Starts the generator: `pinfold` runs this file with the first Python of a list, PYTHON... -- ARGUMENT...

A Python that is older than 3.11 or has no jinja2 hands over to the next of the list, so this file must be one that any
Python 3 can read. One without jinja2 gets its turn again where nothing better follows: most commands do not need it.
"""

import os
import signal
import sys

_REGARDLESS = "regardless:"  # before a Python that is to run without jinja2


def _main() -> int:
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:  # until run() is there to end quietly
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    folder = os.path.dirname(os.path.abspath(__file__))
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]  # the folder: its modules belong to a package
    end = sys.argv.index("--")
    candidates, arguments = sys.argv[1:end], sys.argv[end + 1:]
    if sys.version_info < (3, 11):
        return _hand_over(candidates[1:], arguments)
    if not candidates[0].startswith(_REGARDLESS):
        from importlib.util import find_spec

        if not (find_spec("jinja2") and find_spec("markupsafe")):
            return _hand_over(candidates[1:] + [_REGARDLESS + candidates[0]], arguments)
    told = os.environ.get("PINFOLD_PYTHON")
    if told and candidates[0] not in (told, _REGARDLESS + told):
        sys.stderr.write("pinfold: PINFOLD_PYTHON=%s is not Python 3.11 or newer with jinja2; %s is taken instead\n"
                         % (told, sys.executable))
    if os.path.exists(os.path.join(folder, "version.hpp")):
        sys.dont_write_bytecode = True  # installed: what a package has not brought it does not take away again
    sys.argv[1:] = arguments
    sys.path.insert(0, os.path.dirname(folder))
    from codegen.__main__ import run

    signal.signal(signal.SIGINT, interrupt)
    return run()


def _hand_over(candidates: "list[str]", arguments: "list[str]") -> int:
    for at, candidate in enumerate(candidates):
        python = candidate[len(_REGARDLESS):] if candidate.startswith(_REGARDLESS) else candidate
        try:
            os.execvp(python, [python, __file__] + candidates[at:] + ["--"] + arguments)
        except OSError:
            pass  # it is gone, or no program
    sys.stderr.write("pinfold: Python %d.%d is too old, and there is no 3.11 or newer; install one: sudo apt-get"
                     " install python3 python3-jinja2\n" % sys.version_info[:2])
    return 2


if __name__ == "__main__":
    sys.exit(_main())
