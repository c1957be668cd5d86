"""Checks that every function of an object file does nothing but load the address of the pool that its name begins with.

python3 one_address_load.py OBJDUMP OBJECT

On x86-64 the code must be one instruction, lea or mov, and the return. Elsewhere only the relocations are looked at:
all of a function's refer to its pool, and none is a call to something else.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
LOOKUP = re.compile(r"(net|file|default)_\w+")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\t(\S+)")
RELOCATION = re.compile(r"^\s+[0-9a-f]+: (R_\w+)\s+(\S+)")
PADDING = ("nop", "nopw", "nopl", "xchg", "data16", "cs")
FUNCTIONS = 9
X86_64 = "elf64-x86-64"


@dataclass
class Function:
    name: str
    instructions: list[str] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)

    def fault(self, *, count_instructions: bool) -> str | None:
        pool = self.name.partition("_")[0]
        if not self.symbols:
            return "refers to no symbol"
        if foreign := [symbol for symbol in self.symbols if not re.search(rf"_pools\d+{pool}_?E", symbol)]:
            return f"refers to {', '.join(foreign)}, and should to the pool {pool} only"
        if not count_instructions:
            return None
        code = [word for word in self.instructions if word != "endbr64"]
        end = code.index("ret") + 1 if "ret" in code else len(code)
        rest = [word for word in code[end:] if word not in PADDING]
        one_load = end == 2 and code[0] in ("lea", "mov", "movabs") and not rest
        return None if one_load else "is not one address load and a return: " + " ".join(code)


def functions(listing: str) -> list[Function]:
    found: list[Function] = []
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            found.append(Function(match[1]))
        elif match := RELOCATION.match(line):
            found[-1].symbols.append(match[2])
        elif match := INSTRUCTION.match(line):
            found[-1].instructions.append(match[1].removesuffix("q"))
    return found


def main(objdump: str, obj: str) -> int:
    command = [objdump, "-dr", "--no-show-raw-insn", obj]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = [each for each in functions(listing) if LOOKUP.fullmatch(each.name)]
    faults = [(each.name, fault) for each in found if (fault := each.fault(count_instructions=X86_64 in listing))]
    for name, fault in faults:
        print(f"{name}() {fault}")
    if len(found) != FUNCTIONS:
        print(f"expected {FUNCTIONS} functions, found {len(found)}: {', '.join(each.name for each in found)}")
    return 1 if faults or len(found) != FUNCTIONS else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
