"""Checks what a program needs from shared libraries, then runs it.

python3 linkage.py READELF PROGRAM static        it needs no library and no dynamic linker
python3 linkage.py READELF PROGRAM without NAME  no library that it needs has NAME in its name
"""

from __future__ import annotations

import re
import subprocess
import sys


def fault(headers: str, demand: str, name: str) -> str | None:
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", headers)
    if demand == "without":
        if not needed:
            return "needs no library at all: this is no dynamic program"
        unwanted = [library for library in needed if name in library]
        return f"needs {', '.join(unwanted)}" if unwanted else None
    if needed:
        return f"needs {', '.join(needed)}"
    return "asks for a dynamic linker" if "INTERP" in headers else None


def main(readelf: str, program: str, demand: str, name: str = "") -> int:
    command = [readelf, "--wide", "--dynamic", "--program-headers", program]
    headers = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "LOAD" not in headers:
        print(f"{readelf} shows no program headers:\n{headers}")
        return 1
    if wrong := fault(headers, demand, name):
        print(f"{program} {wrong}")
        return 1
    return subprocess.run([program], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
