"""What core expressions select by themselves, whatever others claim: `take` and `rest` left out."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.core_sets import CoreSets
from codegen.cores import Expression, Term
from codegen.source import Place

Selection = dict[int, Place]  # CPUs in order, each with the innermost term that selects it


class ExplicitCores:
    """A location that the machine does not have selects nothing: whoever uses it finds out before."""

    def __init__(self, sets: CoreSets, locations: Mapping[str, tuple[int, ...]]) -> None:
        self._locations = locations
        self.of_sets: dict[str, Selection] = {}
        for name in sets.phases:
            self.of_sets[name] = self.of(sets.expression(name))

    def of(self, expression: Expression) -> Selection:
        """Of a usable expression."""
        selected: Selection = {}
        for term, where in zip(expression.terms, expression.term_places):
            apply(term, self.of_term(term, where), selected)
        return selected

    def of_term(self, term: Term, where: Place) -> Selection:
        if term.form == "range":
            return dict.fromkeys(term.cpus, where)
        if term.form == "hw":
            return dict.fromkeys(self._locations.get(term.name, ()), where)
        return self.of_sets[term.name] if term.form == "set" else {}


def apply(term: Term, found: Selection, selected: Selection) -> None:
    """Adds what the term found to the selection, or removes it. The first term that selects a CPU stands for it."""
    for cpu, origin in found.items():
        if term.removes:
            selected.pop(cpu, None)
        else:
            selected.setdefault(cpu, origin)
