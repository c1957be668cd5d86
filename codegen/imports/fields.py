"""Takes the keys of one imported table, with their types and ranges; what nobody takes is reported at the end."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.diagnostics import Problems, did_you_mean, quoted
from codegen.tree import Node, type_name

_WRITE_TABLE = "a table is [NAME] or { KEY = VALUE }, and in JSON an object"


class Fields:
    def __init__(self, title: str, node: Node, owner: str, problems: Problems) -> None:
        self.title = title
        self.owner = owner  # the system whose file it is
        self.node = node
        self.problems = problems
        self._taken: dict[str, None] = {}
        table = node.table()
        if table is None:
            self.refuse(node, f"{title} must be a table, not {type_name(node.value)}", _WRITE_TABLE)
        self._table: Mapping[str, Node] = table or {}

    def take(self, key: str) -> Node | None:
        """None also stands for a JSON null: Rust's readers take it for an absent value."""
        self._taken[key] = None
        node = self._table.get(key)
        return None if node is None or node.value is None else node

    def integer(self, key: str, low: int, high: int, default: int) -> int:
        node = self.take(key)
        if node is None:
            return default
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            self.refuse(node, f"{quoted(key)} must be a whole number, not {type_name(node.value)}",
                        f"write a number without quotes, {low}..{high}")
        elif not low <= node.value <= high:
            shown = str(node.value) if node.value.bit_length() < 64 else "larger"
            self.refuse(node, f"{quoted(key)} must be {low}..{high}; it is {shown}", f"choose one of {low}..{high}")
        else:
            return node.value
        return default

    def text(self, key: str, default: str) -> str:
        node = self.take(key)
        if node is None:
            return default
        if isinstance(node.value, str):
            return node.value
        self.refuse(node, f"{quoted(key)} must be a string, not {type_name(node.value)}", "strings stand in quotes")
        return default

    def boolean(self, key: str, default: bool) -> bool:
        node = self.take(key)
        if node is None:
            return default
        if isinstance(node.value, bool):
            return node.value
        self.refuse(node, f"{quoted(key)} must be true or false, not {type_name(node.value)}",
                    "write true or false, without quotes")
        return default

    def members(self, key: str) -> Mapping[str, Node] | None:
        """The nodes of a table; None where there is none."""
        node = self.take(key)
        if node is None:
            return None
        if (table := node.table()) is None:
            self.refuse(node, f"{quoted(key)} must be a table, not {type_name(node.value)}", _WRITE_TABLE)
        return table or {}

    def refuse(self, node: Node, text: str, help: str) -> None:
        self.problems.add("PF066", node.place, text, help=help)

    def report_unknown(self, meant: Mapping[str, str] | None = None) -> None:
        """`meant`: what to write for keys that people take for those of this table."""
        for name, node in self._table.items():
            if name in self._taken:
                continue
            advice = (meant or {}).get(name) or did_you_mean(name, self._taken)
            self.problems.add("PF061", node.key, f"{self.owner} ignores {quoted(name)} in {self.title}",
                              help=advice or f"keys: {', '.join(self._taken)}")
