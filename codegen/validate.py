"""Holds the merged tree against the schema: unknown keys and tables, types, ranges and choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codegen import cores, schema
from codegen.cores import Expression
from codegen.declarations import Alias, CoreSet, Declarations, PoolTable, Section, Setting, Value
from codegen.diagnostics import Problems, did_you_mean, quoted
from codegen.layers import Merged
from codegen.model import KINDS, Origin
from codegen.schema import Key
from codegen.source import Place
from codegen.tree import Node, Table, type_name


def validate(merged: Merged, problems: Problems) -> Declarations:
    return _Validator(merged, problems).declarations()


class _Invalid(Exception):
    """The value cannot be used, and the reason is reported."""


class _Validator:
    def __init__(self, merged: Merged, problems: Problems) -> None:
        self.merged = merged
        self.problems = problems

    def declarations(self) -> Declarations:
        self._refuse_unknown_tables()
        return Declarations(
            topology=self._root_section("topology", schema.TOPOLOGY),
            process=self._root_section("process", schema.PROCESS),
            core_sets={name: self._core_set(name, node) for name, node in self._root_table("cores").items()},
            pools=tuple(sorted(self._pools(), key=lambda pool: pool.name_place.order)),
            aliases=tuple(sorted(self._aliases(), key=lambda alias: alias.name_place.order)),
            source=self.merged.topology,
            inputs=tuple(source.label for source in self.merged.inputs),
            incomplete=self.merged.incomplete or any(
                node.table() is None for name, node in self.merged.root.items() if name in schema.SECTIONS),
        )

    def _refuse_unknown_tables(self) -> None:
        for name, node in self.merged.root.items():
            if name in schema.SECTIONS:
                continue
            if node.table() is not None:
                self.problems.add("PF007", node.key, f"unknown table {quoted(name)}",
                                  help=did_you_mean(name, schema.SECTIONS) or f"tables: {', '.join(schema.SECTIONS)}")
            elif not node.broken:
                self.problems.add("PF006", node.key, f"unknown key {quoted(name)} outside of every table",
                                  help=_home_of(name) or f"keys stand in tables: {', '.join(schema.SECTIONS)}")

    def _root_section(self, name: str, keys: Mapping[str, Key]) -> Section:
        node = self.merged.root.get(name)
        table = self._root_table(name)
        place = node.place if node else self.merged.topology.top
        return self._section(name, place, table, keys, broken=node is not None and node.table() is None)

    def _root_table(self, name: str) -> Table:
        node = self.merged.root.get(name)
        return {} if node is None else self._table(node, f"[{name}]", f"its keys stand below a line [{name}]")

    def _table(self, node: Node, title: str, help: str) -> Table:
        table = node.table()
        if table is None and not node.broken:
            self.problems.add("PF008", node.place, f"{title} must be a table, not {type_name(node.value)}", help=help)
        return table or {}

    def _section(
        self, title: str, place: Place, table: Table, keys: Mapping[str, Key], *, broken: bool = False,
    ) -> Section:
        settings: dict[str, Setting] = {}
        faulty = set(keys) if broken else set()
        for name, node in table.items():
            if name not in keys:
                self._refuse_unknown_key(title, name, node, keys)
        for name, key in keys.items():
            settings[name] = Setting(key.default, Origin("default"))
            written = table.get(name)
            if written is not None:
                try:
                    value = self._value(written, key, title)
                    settings[name] = Setting(value, written.place.origin, written.key, written.place)
                except _Invalid:
                    faulty.add(name)
            elif key.required:
                faulty.add(name)
                if not self.merged.incomplete and not broken:
                    self.problems.add("PF011", place, f"[{title}] has no {quoted(name)}",
                                      help=f"set it, for example {key.sample}: {key.doc}")
        return Section(place, settings, frozenset(faulty))

    def _refuse_unknown_key(self, title: str, name: str, node: Node, keys: Mapping[str, Key]) -> None:
        if node.broken:
            return
        kind = title.partition(".")[0]
        others = schema.kinds_with(name) if kind in KINDS else ()
        if others:
            self.problems.add("PF047", node.key,
                              f"{quoted(name)} is a key of {' and '.join(others)} pools, not of {kind} pools",
                              help=f"remove the key, or make the pool one of kind {' or '.join(others)}")
        else:
            noun = "table" if node.table() is not None else "key"
            self.problems.add("PF007" if noun == "table" else "PF006", node.key,
                              f"unknown {noun} {quoted(name)} in [{title}]",
                              help=did_you_mean(name, keys) or f"keys: {', '.join(keys)}")

    def _value(self, node: Node, key: Key, title: str) -> Value:
        """Raises _Invalid."""
        if node.broken:
            raise _Invalid
        match key.type:
            case schema.Boolean():
                if isinstance(node.value, bool):
                    return node.value
                self._refuse_type(node, key, "true or false")
            case schema.Integer() as wanted:
                return self._integer(node, key, wanted)
            case schema.Text():
                return self._text(node, key, key.type)
            case schema.Choice() as wanted:
                return self._choice(node, key, wanted)
            case schema.CoreExpression():
                return self._expression(node, key)
            case schema.Record(keys):
                return self._record(node, key, keys, title)
        raise _Invalid

    def _refuse_type(self, node: Node, key: Key, wanted: str) -> None:
        self.problems.add("PF008", node.place, f"{quoted(key.name)} must be {wanted}, not {type_name(node.value)}",
                          help=f"for example {key.sample}")
        raise _Invalid

    def _integer(self, node: Node, key: Key, wanted: schema.Integer) -> int:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int):
            self._refuse_type(node, key, "an integer")
        assert isinstance(value, int)
        if not wanted.low <= value <= wanted.high:
            unit = f" {key.unit}" if key.unit else ""
            self.problems.add("PF009", node.place, f"{quoted(key.name)} must be {wanted.low}..{wanted.high}{unit};"
                              f" it is {node.place.text[:40]}",
                              help=f"the nearest is {max(wanted.low, min(value, wanted.high))}")
            raise _Invalid
        if wanted.power_of_two and value.bit_count() != 1:
            below = 1 << (value.bit_length() - 1)
            self.problems.add("PF009", node.place, f"{quoted(key.name)} must be a power of two; it is {value}",
                              help=f"{below} and {2 * below} are the nearest")
            raise _Invalid
        return value

    def _text(self, node: Node, key: Key, wanted: schema.Text) -> str:
        if not isinstance(node.value, str):
            self._refuse_type(node, key, "a string")
        assert isinstance(node.value, str)
        if not node.value and not wanted.empty:
            self.problems.add("PF009", node.place, f"{quoted(key.name)} must not be empty",
                              help=f"write one, for example {key.sample}")
            raise _Invalid
        if wanted.one_line and any(ord(character) < 32 or ord(character) == 127 for character in node.value):
            self.problems.add("PF009", node.place, f"{quoted(key.name)} must not hold control characters",
                              help="a line end and a tab are control characters too; leave them out")
            raise _Invalid
        return node.value

    def _choice(self, node: Node, key: Key, wanted: schema.Choice) -> str:
        listed = ", ".join(f'"{value}"' for value in wanted.values)
        if not isinstance(node.value, str):
            self._refuse_type(node, key, f"one of the strings {listed}")
        assert isinstance(node.value, str)
        if node.value not in wanted.values:
            self.problems.add("PF010", node.place, f"{quoted(key.name)} must be one of {listed}",
                              help=wanted.meant if node.value.lower() in wanted.misnomers
                              else did_you_mean(node.value, wanted.values)
                              or f"the default is {schema.toml(key.default)}")
            raise _Invalid
        return node.value

    def _expression(self, node: Node, key: Key) -> Expression:
        text, where = self._expression_text(node, key)
        try:
            terms = cores.parse(text)
        except cores.MalformedTerm as error:
            self.problems.add(error.id, where(error.offset, error.length), error.text, help=error.help)
            raise _Invalid from None
        return Expression(text, terms, node.place, tuple(where(term.offset, term.length) for term in terms))

    def _expression_text(self, node: Node, key: Key) -> tuple[str, cores.Locate]:
        """The expression as text, and what places a stretch of it in the source."""
        items = node.items()
        if items is None:
            if isinstance(node.value, bool) or not isinstance(node.value, (str, int)):
                self._refuse_type(node, key, "a core expression: a string, or CPU numbers")
            text = node.value if isinstance(node.value, str) else self._cpu_text(node)
            quotes = {text: 0, f'"{text}"': 1, f"'{text}'": 1}.get(node.place.text)
            return text, lambda at, length: node.place if quotes is None else node.place.part(quotes + at, length)
        texts: list[str] = []
        by_offset: dict[int, Place] = {}
        offset = 0
        for item in items:
            if isinstance(item.value, bool) or not isinstance(item.value, int):
                self.problems.add("PF008", item.place,
                                  f"{quoted(key.name)} lists CPU numbers, not {type_name(item.value)}",
                                  help="ranges and set names stand in a string: \"0-7\"")
                raise _Invalid
            texts.append(self._cpu_text(item))
            by_offset[offset] = item.place
            offset += len(texts[-1]) + 1
        return ",".join(texts), lambda at, _: by_offset[at]

    def _cpu_text(self, node: Node) -> str:
        assert isinstance(node.value, int)
        if not 0 <= node.value <= schema.MAX_CPU:
            self.problems.add("PF009", node.place, f"CPU numbers are 0..{schema.MAX_CPU}", help=cores.CPU_HELP)
            raise _Invalid
        return str(node.value)

    def _record(self, node: Node, key: Key, keys: Mapping[str, Key], title: str) -> Mapping[str, int]:
        table = node.table()
        if table is None:
            self._refuse_type(node, key, f"a table {{ {', '.join(keys)} }}")
        section = self._section(f"{title}.{key.name}", node.place, table or {}, keys)
        if section.faulty:
            raise _Invalid
        return {name: section.integer(name) for name in keys}

    def _core_set(self, name: str, node: Node) -> CoreSet:
        if not cores.is_set_name(name) or name in cores.RESERVED_SET_NAMES:
            self.problems.add("PF012", node.key, f"{quoted(name)} cannot name a core set",
                              help="use letters, digits and underscores, but not take, rest and hw, which are terms")
        try:
            expression = self._value(node, replace(schema.CORE_SET, name=name), "cores")
        except _Invalid:
            expression = None
        assert expression is None or isinstance(expression, Expression)
        return CoreSet(name, node.key, expression)

    def _pools(self) -> Iterator[PoolTable]:
        for kind in KINDS:
            for name, node in self._root_table(kind).items():
                table = self._table(node, f"[{kind}.{name}]" if node.items() else quoted(f"{kind}.{name}"),
                                    help=f"a pool is a table: [{kind}.NAME]")
                section = self._section(f"{kind}.{name}", node.place, table, schema.POOLS[kind],
                                        broken=node.table() is None)
                yield PoolTable(kind, name, node.key, section)

    def _aliases(self) -> Iterator[Alias]:
        for kind, group in self._root_table("aliases").items():
            if kind not in KINDS:
                self.problems.add("PF007", group.key, f"unknown table {quoted(kind)} in [aliases]",
                                  help=did_you_mean(kind, KINDS) or f"kinds: {', '.join(KINDS)}")
                continue
            for name, node in self._table(group, f"[aliases.{kind}]",
                                          f"aliases stand below a line [aliases.{kind}]").items():
                try:
                    target = self._value(node, replace(schema.ALIAS, name=name), f"aliases.{kind}")
                except _Invalid:
                    target = None
                assert target is None or isinstance(target, str)
                yield Alias(kind, name, node.key, target, node.place, node.place.origin)


def _home_of(name: str) -> str | None:
    for title, keys in (("topology", schema.TOPOLOGY), ("process", schema.PROCESS)):
        if name in keys:
            return f"{quoted(name)} is a key of [{title}]"
    pool = schema.kinds_with(name)
    return f"{quoted(name)} is a key of a pool: [{pool[0]}.NAME]" if pool else None
