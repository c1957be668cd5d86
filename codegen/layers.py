"""The layers over the built-in defaults, later over earlier: file, overlays, PINFOLD_SET, --set."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from codegen import assignments
from codegen.diagnostics import Problems
from codegen.read import Document, open_source, parse
from codegen.source import Source, printable_path
from codegen.tree import Node


@dataclass(frozen=True)
class Request:
    """What the command line and the environment ask for."""

    file: str
    overlays: Sequence[str] = ()
    environment: str = ""  # the text of PINFOLD_SET
    settings: Sequence[str] = ()  # of --set
    relative_to: str | None = None
    absolute: bool = False
    cross_compiling: bool = False
    content: bytes | None = None  # of the file, where it was read already

    def display_name(self, path: str) -> str:
        """The path for diagnostics."""
        return os.path.abspath(path) if self.absolute else self._relative(path)

    def label(self, path: str) -> str:
        """The path for generated text: as given where it is relative, else from the topology's own folder."""
        if self.relative_to is None and os.path.isabs(path):
            return os.path.relpath(path, os.path.dirname(self.file))
        return self._relative(path)

    def _relative(self, path: str) -> str:
        return path if self.relative_to is None else os.path.relpath(path or ".", self.relative_to)


@dataclass(frozen=True)
class Merged:
    """All layers as one tree. A value keeps the place in the layer that set it; a table that of its first mention."""

    root: Mapping[str, Node]
    topology: Source
    inputs: tuple[Source, ...]  # the files that were read, topology first
    incomplete: bool


def merge(request: Request, problems: Problems) -> Merged | None:
    """None where the topology file itself cannot be read or parsed at all."""
    topology = _open(request, request.file, "file", 0, problems)
    if topology is None:
        return None
    base = parse(topology, problems)
    files, documents = [topology], [base]
    incomplete = base.incomplete
    for rank, path in enumerate(request.overlays, 1):
        overlay = _open(request, path, "overlay", rank, problems)
        incomplete |= overlay is None
        if overlay is not None:
            files.append(overlay)
            documents.append(parse(overlay, problems))
    documents += _settings(request, len(request.overlays) + 1, problems)
    root: dict[str, Node] = {}
    for document in documents:
        root = _over(root, document.root)
        incomplete |= document.incomplete
    if not base.root and base.incomplete:
        return None
    return Merged(root, topology, tuple(files), incomplete)


def _open(request: Request, path: str, layer: str, rank: int, problems: Problems) -> Source | None:
    label = printable_path(request.label(path))
    return open_source(path, name=request.display_name(path), label=label,
                       layer=f"{layer} {label}" if rank else layer, rank=rank, problems=problems,
                       content=None if rank else request.content)


def _settings(request: Request, rank: int, problems: Problems) -> list[Document]:
    environment = Source("PINFOLD_SET", "PINFOLD_SET", request.environment, "environment", rank, is_file=False)
    documents = [] if _refuse_encoding(environment, problems) else assignments.parse_list(environment, problems)
    for offset, text in enumerate(request.settings, 1):
        setting = Source("--set", "--set", text, "set", rank + offset, is_file=False)
        if not _refuse_encoding(setting, problems):
            documents.append(assignments.parse_one(setting, problems))
    return documents


def _refuse_encoding(source: Source, problems: Problems) -> bool:
    """Bytes of the command line or environment that are not UTF-8 reach Python as surrogates."""
    bad = next((offset for offset, character in enumerate(source.text) if "\ud800" <= character <= "\udfff"), None)
    if bad is not None:
        problems.add("PF002", source.place(bad, bad + 1), "the setting is not UTF-8", help="write it in UTF-8")
    return bad is not None


def _over(lower: Mapping[str, Node], upper: Mapping[str, Node]) -> dict[str, Node]:
    """Tables merge key by key; any other value replaces the one below it."""
    merged = dict(lower)
    for name, node in upper.items():
        below = merged.get(name)
        inner, outer = (below.table() if below else None), node.table()
        if below is not None and inner is not None and outer is not None:
            merged[name] = replace(below, value=_over(inner, outer))
        else:
            merged[name] = node
    return merged
