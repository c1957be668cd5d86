"""What the exit code of every command says, and how a command that cannot do its work says so."""

from __future__ import annotations

import sys

from codegen import diagnostics

OK = 0  # done; there may be warnings
FAULTY = 1  # the topology has errors, or what was compared differs
UNUSABLE = 2  # wrong usage, or an environment in which the command cannot work

_SYSTEM_PYTHON = "/usr/bin/python3"  # for which Debian's packages are

MEANING = "Exit code 0: done, perhaps with warnings; 1: errors in the topology; 2: wrong usage or environment."


def unusable(text: str) -> int:
    sys.stderr.write(diagnostics.failure(text))
    return UNUSABLE


def without_jinja(needs: str, error: ModuleNotFoundError) -> int:
    """`needs` is what cannot work and its verb: `generate needs`."""
    if error.name not in ("jinja2", "markupsafe"):
        raise error
    return unusable(f"{needs} the Python module jinja2, and {sys.executable} has none; install it:"
                    " sudo apt-get install python3-jinja2")


def without_rich(needs: str, error: ModuleNotFoundError, otherwise: str) -> int:
    """The same of what draws on terminals, which `codegen/pinfold` does not ask a Python for."""
    if error.name not in ("rich", "pygments"):
        raise error
    system = f", and choose the system's Python: PINFOLD_PYTHON={_SYSTEM_PYTHON}"
    choose = "" if sys.executable == _SYSTEM_PYTHON else system
    return unusable(f"{needs} the Python module rich, and {sys.executable} has none; install it:"
                    f" sudo apt-get install python3-rich{choose}{otherwise}")
