"""Reads what lstopo exports as a machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from codegen.machine.hwloc import Unusable
from codegen.machine.kernel_lists import cpus_listed
from codegen.machine.model import Cache, Cpu, Device, Machine, Node
from codegen.schema import MAX_CPU

_MAX_WORDS = MAX_CPU // 32 + 1  # of a mask

ISOLATED = "IsolatedCPUs"  # an info of the machine: hwloc knows of no isolation, so whoever captures it adds this

_DEVICE_TYPES = {"0": "storage", "1": "gpu", "2": "network", "3": "fabric", "5": "gpu"}  # osdev_type of hwloc 2


def machine(xml: str, label: str, isolated: tuple[int, ...] | None = None) -> Machine:
    """`isolated` None: as the description says. Raises Unusable."""
    try:
        found = _machine(ElementTree.fromstring(xml), label, isolated)
    except (ElementTree.ParseError, ValueError, OverflowError) as error:
        raise Unusable(f"hwloc makes nonsense of it: {error}") from None
    if len(found.by_index) != len(found.cpus):
        raise Unusable("two of its CPUs have one number")
    near = (cpu for device in found.devices for cpu in device.cpus)
    if max((*found.by_index, *found.offline, *near), default=0) > MAX_CPU:
        raise Unusable(f"CPU numbers are 0..{MAX_CPU}; it has others")
    if not found.usable:
        raise Unusable("it has no CPU that its processes may use")
    return found


def _machine(document: Element, label: str, isolated: tuple[int, ...] | None) -> Machine:
    root = document.find("object")
    if root is None:
        raise ValueError("it describes no machine")
    reader = _Reader(root)
    kinds = document.findall("cpukind")
    infos = _infos(root)
    return Machine(
        label=label,
        cpus=tuple(reader.cpus([_bits(kind.get("cpuset")) for kind in kinds])),
        offline=tuple(_numbers(_bits(root.get("complete_cpuset")) & ~_bits(root.get("cpuset")))),
        isolated=cpus_listed(infos.get(ISOLATED, "")) if isolated is None else isolated,
        packages=tuple(_infos(package).get("CPUModel", "").strip() for package in reader.of_type("Package")),
        nodes=tuple(Node(int(node.get("os_index", "0")), int(node.get("local_memory", "0"))) for node in reader.nodes),
        caches=tuple(Cache(int(cache.get("depth", "0")), int(cache.get("cache_size", "0"))) for cache in reader.caches),
        kinds=tuple(_infos(kind).get("CoreType", f"kind {index}") for index, kind in enumerate(kinds)),
        devices=tuple(_devices(root)),
    )


class _Reader:
    def __init__(self, root: Element) -> None:
        self.root = root
        self.allowed = _bits(root.get("allowed_cpuset") or root.get("cpuset"))
        self.nodes = [node for node in self.of_type("NUMANode") if _bits(node.get("cpuset"))]
        last = next((name for name in ("L4Cache", "L3Cache", "L2Cache") if self.of_type(name)), "")
        self.caches = self.of_type(last)

    def of_type(self, type: str) -> list[Element]:
        """In hwloc's logical order, that of the document."""
        return [found for found in self.root.iter("object") if found.get("type") == type]

    def cpus(self, kinds: list[int]) -> Iterator[Cpu]:
        cores, packages = self._owners(self.of_type("Core")), self._owners(self.of_type("Package"))
        nodes, caches = self._owners(self.nodes), self._owners(self.caches)
        for number, unit in enumerate(self.of_type("PU")):
            index = int(unit.get("os_index", "0"))
            yield Cpu(
                index=index,
                core=cores.get(index, number),  # without core objects each CPU is one
                package=packages.get(index, -1),
                node=nodes.get(index, -1),
                cache=caches.get(index, -1),
                kind=next((kind for kind, cpus in enumerate(kinds) if cpus >> index & 1), 0),
                allowed=bool(self.allowed >> index & 1),
            )

    @staticmethod
    def _owners(objects: list[Element]) -> dict[int, int]:
        """By CPU, the logical index of the first object that holds it: of two nodes the one with the common memory."""
        found: dict[int, int] = {}
        for index, each in enumerate(objects):
            for cpu in _numbers(_bits(each.get("cpuset"))):
                found.setdefault(cpu, index)
        return found


def _devices(root: Element) -> Iterator[Device]:
    """Sorted by type and name, each with the CPUs of the object that its bridge hangs on."""
    found = []
    listed = cache(lambda mask: tuple(_numbers(mask)))  # one list, however many devices hang there
    waiting: list[tuple[Element, int, Element | None]] = [(root, 0, None)]
    while waiting:  # no recursion: a file may nest objects as deeply as it likes
        each, near, pci = waiting.pop()
        near = _bits(each.get("cpuset")) or near
        if each.get("type") == "OSDev":
            found.append(_device(each, listed(near), pci))
        inside = each if each.get("type") == "PCIDev" else pci
        waiting += ((inner, near, inside) for inner in reversed(each.findall("object")))
    return iter(sorted(found, key=lambda device: (device.type, device.name)))


def _device(element: Element, cpus: tuple[int, ...], pci: Element | None) -> Device:
    infos = _infos(element)
    if pci is not None:
        infos = {**_infos(pci), **infos}
    words = [infos[key] for key in ("PCIVendor", "PCIDevice", "GPUModel", "Model") if infos.get(key)]
    return Device(
        name=element.get("name", ""),
        type=_DEVICE_TYPES.get(element.get("osdev_type", ""), "other"),
        pci="" if pci is None else pci.get("pci_busid", ""),
        description=" ".join(" ".join(dict.fromkeys(words)).split()),
        cpus=cpus,
    )


def _infos(element: Element) -> Mapping[str, str]:
    return {info.get("name", ""): info.get("value", "") for info in element.findall("info")}


def _bits(text: str | None) -> int:
    """hwloc's masks: words of 32 bits from the highest, `0x00000001,0xffffffff`; an infinite one has a prefix."""
    mask = 0
    words = [word for word in (text or "").split(",") if not word.startswith("0xf...f")]
    if len(words) > _MAX_WORDS:
        raise ValueError(f"CPU numbers are 0..{MAX_CPU}")
    for word in words:
        bits = int(word or "0", 16)
        if not 0 <= bits < 1 << 32:
            raise ValueError("a mask of more bits than it has words for")
        mask = mask << 32 | bits
    return mask


def _numbers(mask: int) -> list[int]:
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
