"""Asks hwloc's own tools about a machine. They are careless with errors, so everything that they say is read: for an
object that does not exist they print a line and an empty answer and exit with 0, and for a file that they cannot load
hwloc-calc answers for the machine that it runs on, or crashes. Files are therefore loaded by lstopo, and hwloc-calc
looks things up in what lstopo made of them: both know the same machine, whatever becomes of the file."""

from __future__ import annotations

import os
import re
import resource
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from codegen.machine.locations import KIND, asked, needed
from codegen.schema import MAX_CPU

INSTALL = "sudo apt-get install hwloc-nox"
_NEWER = "cannot import XML version"  # what hwloc 2 says of a file of hwloc 3
_WRITE_OLDER = ("export it there in the form of version 2: lstopo --export-xml-flags v2 machine.xml; or install a newer"
                " hwloc here")
_MAX_FILE = 64 << 20  # bytes, also of what a tool answers: a description of 1,024 CPUs has a third of one MiB
_PATIENCE = 20  # seconds: such a machine takes a tenth of one

_OBJECT = re.compile(rb"<object\s[^<]*")  # a value may hold what ends an element, but not what begins one
_NUMBERED = re.compile(rb"""type\s*=\s*["'](?:PU|NUMANode)["']""")
_NUMBER = re.compile(rb"""os_index\s*=\s*["']([^"']*)""")
_PLAIN = re.compile(rb"0*([0-9]{1,5})")  # hwloc reads signs and blanks, too, and lstopo writes none


class Unusable(Exception):
    """There is no answer; the text says why, `help` what to do, `said` is what the tool printed."""

    def __init__(self, text: str, help: str | None = None, *, said: str = "") -> None:
        super().__init__(text)
        self.help = help
        self.said = said


def export(file: Path | None) -> str:
    """The machine of the file, or with None the one that this runs on, as XML of hwloc's version 2, whatever version
    the file has. Raises Unusable."""
    if file is not None:
        _refuse_what_is_no_file(file)
    options = [] if file is None else ["--input", os.path.abspath(file), "--input-format", "xml"]
    try:
        return _ask("lstopo-no-graphics", [*options, "--disallowed", "--output-format", "xml", "-"], file=file)
    except Unusable as reason:
        if _NEWER in reason.said:
            reason.help = _WRITE_OLDER
        raise


def _refuse_what_is_no_file(file: Path) -> None:
    """lstopo would wait for a pipe, and read an endless device."""
    try:
        about = os.stat(file)
        if not stat.S_ISREG(about.st_mode):
            raise Unusable("it is a directory" if stat.S_ISDIR(about.st_mode) else "it is not a regular file")
        if about.st_size > _MAX_FILE:
            raise Unusable(f"it is larger than {_MAX_FILE >> 20} MiB")
        with open(file, "rb") as opened:
            _refuse_large_numbers(opened.read(_MAX_FILE))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name holds a NUL"
        raise Unusable(reason[0].lower() + reason[1:]) from None


def _refuse_large_numbers(content: bytes) -> None:
    """Sets of CPUs and nodes are masks with a bit for each number: hwloc makes half a GiB of one with 4294967295."""
    for found in _OBJECT.finditer(content):
        for number in _NUMBER.findall(found[0]) if _NUMBERED.search(found[0]) else ():
            plain = _PLAIN.fullmatch(number)
            if plain is None or int(plain[1]) > MAX_CPU:
                raise Unusable(f"numbers of CPUs and NUMA nodes are 0..{MAX_CPU}; it has others")


@dataclass(frozen=True)
class Exported:
    """A file that holds what export() answered."""

    file: Path

    def cpus_at(self, locations: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        """By location of hwloc-calc, the numbers of its usable CPUs in hwloc's order; those without any are left out.
        Raises Unusable."""
        kinds = [location for location in locations if location.startswith(KIND)]
        others = [location for location in locations if location not in kinds]
        ends = {location: end for location in others if (end := needed(location))}
        there = self._at(list(dict.fromkeys(ends.values())))
        found = self._at([location for location in others if location not in ends or there.get(ends[location])])
        for location in kinds:
            try:
                found[location] = _cpus(self._calc(*_PHYSICAL, "all", kind=location.removeprefix(KIND)))
            except _Complaint:
                continue
        return {location: cpus for location, cpus in found.items() if cpus}

    def count(self, type: str, location: str = "all") -> int | None:
        """How many objects of a type are there; None for what is no type."""
        try:
            found = self._calc("--number-of", type, asked(location)).strip()
        except Unusable:
            return None
        return int(found) if found.isdecimal() else None

    def _at(self, locations: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Asks for all at once; a complaint names no location, so what may be its cause is asked for again."""
        for _ in range(2):
            said = ""
            try:
                answer = self._lines(locations)
            except _Complaint as complaint:
                answer, said = complaint.answer, complaint.said
            lines = answer.splitlines()[1:]  # the first asks for locations
            if len(lines) != len(locations):
                break
            found = {location: _cpus(line) for location, line in zip(locations, lines)}
            if not said:
                return found
            locations = [location for location in locations if found[location]]
        found = {}
        for location in locations:
            try:
                found[location] = _cpus(self._calc(*_PHYSICAL, asked(location)))
            except _Complaint:
                continue
        return found

    def _lines(self, locations: Sequence[str]) -> str:
        text = "".join(f"{asked(location)}\n" for location in locations)
        return self._calc(*_PHYSICAL, text=text) if locations else ""

    def _calc(self, *arguments: str, kind: str = "", text: str = "") -> str:
        restriction = ["--cpukind", kind] if kind else []  # where it does not come first it is no option
        return _ask("hwloc-calc", [*restriction, "--input", str(self.file), "--input-format", "xml", *arguments],
                    text=text)


@contextmanager
def exported(xml: str) -> Iterator[Exported]:
    """Raises Unusable."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="pinfold-")
        file = Path(folder.name) / "machine.xml"
        file.write_text(xml, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"no temporary file can be written: {error.strerror}", "point TMPDIR to a folder with space"
                       ) from None
    with folder:
        yield Exported(file)


_PHYSICAL = ("--physical-output", "--intersect", "pu")


class _Complaint(Unusable):
    """The tool answered, but not without complaint."""

    def __init__(self, said: str, answer: str) -> None:
        super().__init__("hwloc does not understand it", said=said)
        self.answer = answer


def _cpus(answer: str) -> tuple[int, ...]:
    return tuple(int(number) for number in answer.replace(",", " ").split())


def _ask(tool: str, arguments: Sequence[str], *, text: str = "", file: Path | None = None) -> str:
    # HWLOC_XMLFILE and its like would answer for another machine.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HWLOC_")} | {"LC_ALL": "C"}
    try:
        with _memory() as out, _memory() as err:
            done = subprocess.run([tool, *arguments], env=environment, input=text.encode("utf-8", "replace"),
                                  stdout=out, stderr=err, timeout=_PATIENCE, preexec_fn=_confine, check=False)
            answer, complaints = _text_of(out), [line.strip() for line in _text_of(err).splitlines() if line.strip()]
    except FileNotFoundError:
        raise Unusable(f"{tool} is not installed, which reads machine descriptions",
                       f"install hwloc: {INSTALL}") from None
    except OSError as error:
        raise Unusable(f"{tool} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Unusable(f"{tool} did not answer within {_PATIENCE} seconds") from None
    if len(answer) >= _MAX_FILE:
        raise Unusable(f"{tool} makes more than {_MAX_FILE >> 20} MiB of it")
    if complaints or done.returncode != 0:
        complaints.append(f"{tool} ended with {done.returncode}")
        said = complaints[0].removeprefix(f"{file.name}: " if file else "").partition(". ")[0]  # it breaks its lines
        raise _Complaint(said, answer)
    return answer


def _memory() -> BinaryIO:
    """A file without a place."""
    return open(os.memfd_create("answer"), "w+b")


def _confine() -> None:
    """The tool, before it starts: it is stopped where it writes more than may be read."""
    for limit, most in ((resource.RLIMIT_FSIZE, _MAX_FILE), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(limit)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))


def _text_of(file: BinaryIO) -> str:
    file.seek(0)
    return file.read(_MAX_FILE).decode("utf-8", "replace")
