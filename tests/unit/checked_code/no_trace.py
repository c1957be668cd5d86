"""Checks that a build that is not checked has nothing of what checked builds do.

python3 no_trace.py OBJDUMP UNCHECKED_OBJECT CHECKED_OBJECT

The unchecked object refers to nothing of the bookkeeping, and its functions X and X_plain are the same instructions.
The checked object shows that both would be seen.
"""

from __future__ import annotations

import re
import subprocess
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\t(.*)$")
RELOCATION = re.compile(r"^\s+[0-9a-f]+: (R_\w+)\s+(.*)$")
BOOKKEEPING = re.compile(r"crossing|held_lock|watched_lock|warning_sink|source_location|sent_function|timed_run")
PAIRS = ("post", "post_to_native", "locking", "unlocking", "try_locking")


def normal(operands: str) -> str:
    """Without the places of the code itself: `jmp 1a <f+0x4>` says `jmp +0x4`, `lea -0x8(%rip)` `lea (%rip)`."""
    operands = re.sub(r"\b[0-9a-f]+ <[^>+]*(\+0x[0-9a-f]+)?>", r"\1", operands.split("#")[0])
    return re.sub(r"-?0x[0-9a-f]+\(%rip\)", "(%rip)", operands).strip()


def functions(objdump: str, obj: str) -> dict[str, list[str]]:
    command = [objdump, "-dr", "--no-show-raw-insn", obj]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            lines = found.setdefault(match[1], [])
        elif match := RELOCATION.match(line):
            lines.append(f"{match[1]} " + re.sub(r"^(\.text\S*?)[-+]0x.*", r"\1", match[2]))
        elif match := INSTRUCTION.match(line):
            lines.append(normal(match[1]))
    return found


def bookkeeping(objdump: str, obj: str) -> list[str]:
    command = [objdump, "-t", obj]
    symbols = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[-1] for line in symbols if BOOKKEEPING.search(line)]


def different(code: dict[str, list[str]]) -> list[str]:
    return [name for name in PAIRS if code[name] != code[f"{name}_plain"]]


def main(objdump: str, unchecked: str, checked: str) -> int:
    faults = [f"refers to {symbol}" for symbol in bookkeeping(objdump, unchecked)]
    code = functions(objdump, unchecked)
    for name in different(code):
        faults.append(f"{name}() is\n  " + "\n  ".join(code[name]))
        faults.append(f"and {name}_plain() is\n  " + "\n  ".join(code[f"{name}_plain"]))
    if not bookkeeping(objdump, checked):
        faults.append("the checked object refers to no bookkeeping: this test looks for the wrong names")
    if set(different(functions(objdump, checked))) != set(PAIRS):
        faults.append("the checked object has functions without bookkeeping: this test looks at the wrong functions")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
