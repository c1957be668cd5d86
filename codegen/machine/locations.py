"""The locations that hwloc-calc may be asked for. It is no help with others: it reads `core:3-1` and `core=3-1` as all
from 3 on, `numa:6:4` on 8 nodes as 6, 7, 0 and 1, `gpu:0` as the first device whatever it is, and `cpukind:x` as
`cpukind:0`; it dies of `core:0:-1`, takes numbers modulo 2^32, and walks ranges one by one, whether there are such
objects or not."""

from __future__ import annotations

import re

from codegen.machine.model import Machine

KIND = "cpukind:"

_RANGE = re.compile(r"(\d+)(?:-(\d*)|:(\d+))?|all|odd|even")
_STEP = re.compile(r"([^:\[]*(?:\[[^\]]*\])?)(:?)(.*)")
_FILTER = re.compile(r"\[[^\]]*\]")
_ONE_TYPE = "block|network|net|openfabrics|dma|gpu|coproc|co-processor"
_BY_NAME = re.compile(rf"(?:osdev|os|pcidev|pci|{_ONE_TYPE})=.", re.IGNORECASE)
_COUNTED = re.compile(r"(?:os|pci)(?:dev)?(?:\[[^\]]*\])?:", re.IGNORECASE)  # hwloc passes over those that are missing
_COUNTED_BY_TYPE = re.compile(rf"({_ONE_TYPE})(?:\[[^\]]*\])?:(.*)", re.IGNORECASE)


class Refused(Exception):
    """The machine cannot have the location; the text says what would help, if that can be told."""


def check(location: str, machine: Machine, objects: int) -> None:
    """A chain such as `numa:1.core:0-3`, on a machine of so many objects. Raises Refused."""
    if location.startswith(KIND):
        _check_kind(location.removeprefix(KIND), len(machine.kinds))
        return
    if names_device(location):
        return
    if location.lower().startswith("0x"):
        raise Refused("CPUs are named by their numbers, not by a mask: 0-3")
    if found := _COUNTED_BY_TYPE.fullmatch(location):
        raise Refused(f"devices of one type are counted as hw:os[{found[1]}]:{found[2]}, or named: hw:os=eth0")
    plain = _FILTER.sub("", location)
    if "=" in plain:
        meant = location.replace("=", ":")
        check(meant, machine, objects)
        raise Refused(f"did you mean '{meant}'?")
    named = 1
    for step in plain.split("."):
        _, colon, text = step.partition(":")
        if colon:
            named *= _named(text, objects)
    if named > objects:
        raise Refused(f"it names {named} objects; the machine has {objects}")


def names_device(location: str) -> bool:
    return _BY_NAME.match(location) is not None


def asked(location: str) -> str:
    """The location as hwloc-calc is asked for it: it goes round where four from 6 on are asked for, but not for 6-9."""
    if names_device(location):
        return location
    return ".".join(name + colon + _first_to_last(text) for name, colon, text in _steps(location))


def needed(location: str) -> str | None:
    """What has CPUs if the location exists, where hwloc-calc itself may not be trusted to say so: it counts from the
    first of `core:9-` on to 2^32 where there is none, and leaves out the devices that are not there."""
    if names_device(location) or location.startswith(KIND):
        return None
    wanted = _steps(asked(location))
    ends = [(name, colon, _end(text, device=bool(_COUNTED.match(name + colon)))) for name, colon, text in wanted]
    return None if ends == wanted else ".".join(map("".join, ends))


def _steps(location: str) -> list[tuple[str, str, str]]:
    """Of a chain: the type with its filter, the colon, the range."""
    found = (_STEP.fullmatch(step) for step in location.split("."))
    return [(step[1], step[2], step[3]) for step in found if step]


def _check_kind(text: str, kinds: int) -> None:
    """A number of a kind, or an info as hwloc shows it."""
    if text.isdecimal() and int(text) >= kinds:
        raise Refused("")
    name, equals, value = text.partition("=")
    if not text.isdecimal() and not (name and equals and value):
        raise Refused("a kind of CPUs is named alone, by its number or by what lstopo says of it: hw:cpukind:0 or"
                      " hw:cpukind:CoreType=IntelAtom")


def _named(text: str, objects: int) -> int:
    """How many objects a range names for certain."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise Refused("ranges of objects are 3, 0-3, 2-, 0:4 for four from 0 on, all, odd and even")
    first, last, number = (int(digits) if digits else 0 for digits in found.groups())
    if max(first, last, number) > objects:
        raise Refused("")
    if found[2] and last < first:
        raise Refused(f"the range {text} is reversed: write {last}-{first}")
    if found[3] and number == 0:
        raise Refused(f"{text} names no object")
    return last - first + 1 if found[2] else number if found[3] else 1


def _first_to_last(text: str) -> str:
    found = _RANGE.fullmatch(text)
    return f"{found[1]}-{int(found[1]) + int(found[3]) - 1}" if found and found[3] else text


def _end(text: str, *, device: bool) -> str:
    found = _RANGE.fullmatch(text)
    if found is None or found[2] is None or (found[2] and not device):
        return text
    return found[2] or found[1]
