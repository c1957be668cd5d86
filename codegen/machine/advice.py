"""Says what a machine has where it lacks a location."""

from __future__ import annotations

from codegen.diagnostics import did_you_mean, quoted, shown
from codegen.machine import locations
from codegen.machine.hwloc import Exported
from codegen.machine.model import Machine

_FORMS = "a location is one such as hw:numa:1, hw:core:0-3.pu:0 or hw:os=eth0"
_MAX_QUESTIONS = 32  # each takes a run of hwloc-calc


class Advisor:
    def __init__(self, machine: Machine, exported: Exported, objects: int) -> None:
        self._machine = machine
        self._exported = exported
        self._objects = objects
        self._there: dict[str, bool] = {}
        self._counts: dict[tuple[str, str], int | None] = {}

    def advice(self, location: str) -> str:
        """What is there instead of the first step that is not."""
        if location.startswith(locations.KIND):
            return _has("", "cpukind", len(self._machine.kinds))
        if locations.names_device(location):
            return self._devices(*location.split("=", 1))
        location = location.replace("=", ":")
        steps = location.split(".")
        above = ""
        for step in steps:
            whole = f"{above}.{step}" if above else step
            if not self._is_there(whole):
                return self._beside(step, above)
            above = whole
        return _FORMS

    def _devices(self, type: str, name: str) -> str:
        names = sorted({known for device in self._machine.devices
                        if (known := device.pci if type.lower().startswith("pci") else device.name)})
        narrowed = next((known for known in names if name.startswith(f"{known}.")), None)
        if narrowed:
            return f"what is near a device cannot be narrowed: write hw:{type}={narrowed}"
        return did_you_mean(name, names) or f"its devices: {shown(', '.join(names)) or 'none is described'}"

    def _beside(self, step: str, above: str) -> str:
        type, colon, text = step.partition(":")
        if type.isdecimal():
            return "a level is named by what it consists of: numa:0, core:0 or pu:0"
        number = self._count(type, above)
        if number is None or not colon:
            return _FORMS
        if above and not above.rpartition(":")[2].isdecimal():
            return f"not every object of {quoted(above)} has {quoted(step)}"
        if above and text.isdecimal() and int(text) < number:
            return f"{type} is not below {quoted(above)}, but above it"
        return _has(above, type, number)

    def _is_there(self, location: str) -> bool:
        if location not in self._there:
            try:
                locations.check(location, self._machine, self._objects)
                self._there[location] = self._may_ask and bool(self._exported.cpus_at([location]))
            except locations.Refused:
                self._there[location] = False
        return self._there[location]

    def _count(self, type: str, above: str) -> int | None:
        """How many of a type `above` has, or the machine where that is empty."""
        if (type, above) not in self._counts and self._may_ask:
            self._counts[type, above] = self._exported.count(type, above or "all") if type.isalnum() else None
        return self._counts.get((type, above))

    @property
    def _may_ask(self) -> bool:
        return len(self._there) + len(self._counts) < _MAX_QUESTIONS


def _has(owner: str, type: str, number: int) -> str:
    subject = quoted(owner) if owner else "it"
    if number == 0:
        return f"{subject} has no {type} at all"
    return f"{subject} has {type}:0" if number == 1 else f"{subject} has {type}:0 to {type}:{number - 1}"
