"""Opens a page in headless Chromium, says what it complains of, and photographs it."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("chromium-headless-shell", "chromium")
PROGRAM = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
THEMES = {"light": 1, "dark": 0}  # of Blink's setting preferredColorScheme

_CONSOLE = re.compile(r":CONSOLE[:(]\d+\)?\] (.*)")


@dataclass(frozen=True)
class Opened:
    document: str  # after its scripts ran
    complaints: Sequence[str]  # what it wrote to the console


def photograph(page: Path, picture: Path, *, theme: str = "light", size: tuple[int, int] = (1240, 1200)) -> None:
    _run([f"--screenshot={picture}", f"--window-size={size[0]},{size[1]}",
          f"--blink-settings=preferredColorScheme={THEMES[theme]}", page.as_uri()])


def opened(page: Path) -> Opened:
    answer = _run(["--dump-dom", "--enable-logging=stderr", page.as_uri()])
    return Opened(answer.stdout, _CONSOLE.findall(answer.stderr))


def colours(picture: Path) -> dict[bytes, int]:
    """By colour, how many of a PNG's pixels have it."""
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    at, data = 8, b""
    width = height = channels = 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, form = struct.unpack_from(">IIBB", chunk)
            assert depth == 8
            channels = {2: 3, 6: 4}[form]
        elif kind == b"IDAT":
            data += chunk
        at += 12 + length
    found: dict[bytes, int] = {}
    for row in _rows(zlib.decompress(data), width * channels, height, channels):
        for pixel in range(0, len(row), channels):
            colour = bytes(row[pixel:pixel + 3])
            found[colour] = found.get(colour, 0) + 1
    return found


def _rows(data: bytes, length: int, height: int, step: int) -> list[bytearray]:
    """Undoes PNG's filters (PNG specification, section 9)."""
    rows = [bytearray(length)]
    for line in range(height):
        start = line * (length + 1)
        kind, row, above = data[start], bytearray(data[start + 1:start + 1 + length]), rows[-1]
        for i in range(length if kind else 0):
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            row[i] = row[i] + (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[kind] & 0xFF
        rows.append(row)
    return rows[1:]


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--force-device-scale-factor=1", f"--user-data-dir={profile}", "--virtual-time-budget=2000", *arguments],
            capture_output=True, text=True, errors="replace", timeout=120, check=True)
