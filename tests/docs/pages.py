"""A page of documentation as its reader goes through it: files to write, and commands to type.

A fenced block is a file where a comment before it names one (<!-- main.cpp -->), and commands where its language is
`sh` or `console`. In the latter, commands begin with `$ `, and what follows them is what they print.

Comments before commands say what differs from the usual:

    <!-- exit 1 -->             the block's last command ends with this status
    <!-- not run: a reason -->  a test cannot do that
    <!-- install -->            pinfold is built and installed here
    <!-- build -->              a program of this repository is built here
    <!-- as in docs/a.md -->    the same block stands in that page, whose test runs it

and <!-- text --> stands before what is only to be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
                   re.DOTALL | re.MULTILINE)
FILE = re.compile(r"[\w./-]+\.\w+")
COMMANDS = ("sh", "console")


class PageError(Exception):
    """A block of which nobody can tell what to do with it."""


@dataclass(frozen=True)
class Block:
    line: int
    mark: str
    language: str
    text: str

    @property
    def is_file(self) -> bool:
        return FILE.fullmatch(self.mark) is not None

    @property
    def is_run(self) -> bool:
        return self.language in COMMANDS and not self.is_file and not self.is_left_out

    @property
    def is_left_out(self) -> bool:
        return self.mark.startswith("not run: ") or self.twin is not None

    @property
    def twin(self) -> str | None:
        """The page that has the same block."""
        return self.mark.removeprefix("as in ") if self.mark.startswith("as in ") else None


@dataclass(frozen=True)
class Command:
    line: int
    text: str
    output: str | None  # None: whatever it prints
    status: int
    builds: bool


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        block = Block(line, (match["mark"] or "").strip(), match["language"], match["text"])
        if block.language and block.mark != "text" and not (block.is_file or block.is_run or block.is_left_out):
            raise PageError(f"{page}:{line}: a block of {block.language} that is neither a file nor marked as text")
        found.append(block)
    return found


def files(page: Path) -> dict[str, str]:
    return {block.mark: block.text for block in blocks(page) if block.is_file}


def commands(block: Block) -> list[Command]:
    last_status = int(block.mark.removeprefix("exit ")) if block.mark.startswith("exit ") else 0
    builds = block.mark in ("install", "build")
    if block.language == "sh":
        return [Command(block.line, block.text, None, last_status, builds)]
    parts = re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
    found = []
    for index, (text, output) in enumerate(parts):
        status = last_status if index == len(parts) - 1 else 0
        found.append(Command(block.line, text, output, status, builds))
    return found
