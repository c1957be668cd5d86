"""How many CPUs the core expressions of a topology name: a few words may name billions, by sets and by many pools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from codegen.cores import Expression, Term
from codegen.declarations import Declarations
from codegen.diagnostics import Problems
from codegen.machine.hardware import Hardware
from codegen.schema import MAX_CPU, MAX_NAMED_CPUS


def check(
    sets: Mapping[str, Expression], used: Iterable[Expression], declared: Declarations, hardware: Hardware,
    problems: Problems,
) -> bool:
    """Whether they may be gone through CPU by CPU. Sets come each after those that it uses."""
    cpuset = declared.process.expression("cpuset")
    usable = len(hardware.machine.usable) if hardware.machine else 0
    if cpuset is not None:
        usable = min(_Extent(sets, hardware, 0).of(cpuset), MAX_CPU + 1)
    extent = _Extent(sets, hardware, usable)
    total = 0
    for expression in (*sets.values(), *used):
        total += extent.of(expression)
        if total > MAX_NAMED_CPUS:
            problems.add("PF038", expression.place, f"with this one, core expressions name {total} CPUs, each as often"
                         f" as it is named, sets and locations included; {MAX_NAMED_CPUS} are the most",
                         help="name fewer CPUs, or make one pool of several that run on the same ones")
            return False
    return True


class _Extent:
    """At least as many CPUs as an expression selects, and CPUs and terms as it goes through to do so: who looks at a
    set looks at those that it uses. `usable`: those of the cpuset, which take and rest give out."""

    def __init__(self, sets: Mapping[str, Expression], hardware: Hardware, usable: int) -> None:
        self._locations = hardware.locations
        self._usable = usable
        self._sets: dict[str, int] = {}
        for name, expression in sets.items():
            self._sets[name] = min(self.of(expression), MAX_CPU + 1)

    def of(self, expression: Expression) -> int:
        return sum(max(self._of_term(term), 1) for term in expression.terms)

    def _of_term(self, term: Term) -> int:
        match term.form:
            case "range":
                return len(term.cpus)
            case "set":
                return self._sets.get(term.name, 0) + 1
            case "hw":
                return len(self._locations.get(term.name, ()))
            case "take":
                return min(term.count, self._usable)
        return self._usable
