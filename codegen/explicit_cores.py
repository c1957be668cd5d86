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

    def removed_by(self, expression: Expression) -> frozenset[int]:
        """Whatever its terms remove, selected or not."""
        return frozenset(cpu for term, where in zip(expression.terms, expression.term_places) if term.removes
                         for cpu in self.of_term(term, where))

    def in_vain(self, expression: Expression) -> list[Place]:
        """The terms that remove CPU numbers of which nothing before them selects any. Sets and locations may: they are
        written elsewhere, and a removal guards against what they may once be."""
        found = []
        selected: Selection = {}
        if any(term.removes and term.form == "range" for term in expression.terms):
            for term, where in zip(expression.terms, expression.term_places):
                if term.removes and term.form == "range" and selected.keys().isdisjoint(term.cpus):
                    found.append(where)
                apply(term, self.of_term(term, where), selected)
        return found

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
