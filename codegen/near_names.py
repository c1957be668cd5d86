"""What misspelt names were probably meant to be, where an input decides how many there are and among how many."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from codegen.diagnostics import nearest, quoted

_MOST_COMPARISONS = 5_000  # of two names, all told; long ones that are alike take half a millisecond


class NearNames:
    """Looks each name up once, and none any more when that has taken long."""

    def __init__(self, candidates: Collection[str]) -> None:
        self._candidates = sorted(candidates)
        self._found: dict[str, Sequence[str]] = {}
        self._left = _MOST_COMPARISONS

    def to(self, name: str, *, but: str = "") -> str | None:
        """The candidate, another one than `but`, that `name` may be a slip of."""
        if name not in self._found and self._left > 0:
            self._left -= len(self._candidates)
            self._found[name] = nearest(name, self._candidates, 2)
        return next((found for found in self._found.get(name, ()) if found != but), None)

    def did_you_mean(self, name: str) -> str | None:
        found = self.to(name)
        return f"did you mean {quoted(found)}?" if found else None
