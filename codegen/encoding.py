"""Says what a file is in, where it is not in UTF-8 with line feeds."""

from __future__ import annotations

import codecs
import shlex

from codegen.diagnostics import Problems
from codegen.source import Source

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SAMPLE = 64  # bytes that tell UTF-16 without a mark from text with a NUL


def report(empty: Source, data: bytes, offset: int, problems: Problems) -> None:
    """Of data that is not UTF-8 at `offset`, which counts from behind a byte-order mark, like the decoder's."""
    found = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if found:
        _report_wide(empty, found, found, problems)
        return
    body = data.removeprefix(codecs.BOM_UTF8)
    shown = Source(empty.name, empty.label, body.decode("utf-8", "replace").replace("\r\n", "\n"), "file", empty.rank)
    before = len(body[:offset].decode("utf-8").replace("\r\n", "\n"))
    problems.add("PF002", shown.place(before, before + 1), f"byte 0x{body[offset]:02x} is not UTF-8",
                 help="save the file as UTF-8")


def report_disguised(empty: Source, data: bytes, problems: Problems) -> bool:
    """Of data that is UTF-8 to a decoder, and yet not text: UTF-16 without a mark, or lines without line feeds."""
    even, odd = data[:_SAMPLE:2], data[1:_SAMPLE:2]
    if len(data) >= 4 and len(data) % 2 == 0 and even.strip(b"\0") and not odd.strip(b"\0"):
        _report_wide(empty, "UTF-16", "UTF-16LE", problems)
        return True
    if len(data) >= 4 and len(data) % 2 == 0 and odd.strip(b"\0") and not even.strip(b"\0"):
        _report_wide(empty, "UTF-16", "UTF-16BE", problems)
        return True
    if b"\r" in data and b"\n" not in data:
        text = data.decode("utf-8-sig")
        at = text.index("\r")
        shown = Source(empty.name, empty.label, text, "file", empty.rank)
        problems.add("PF003", shown.place(at, at + 1), "the lines end in carriage returns alone",
                     help=f"end them in line feeds: tr '\\r' '\\n' <{shlex.quote(empty.name)}")
        return True
    return False


def _report_wide(empty: Source, encoding: str, converter: str, problems: Problems) -> None:
    problems.add("PF002", empty.top, f"the file is {encoding}; a topology is UTF-8",
                 help=f"convert it: iconv -f {converter} -t UTF-8 {shlex.quote(empty.name)}")
