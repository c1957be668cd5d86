"""Who is better: pinfold's contenders against those that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bench.report.figures import Figure, Workload
from bench.report.plots import Plot, plots_of

SAME = 0.05  # a difference of the medians that is none


class Outcome(Enum):
    WIN = "win"
    EVEN = "no difference"
    LOSS = "loss"


@dataclass(frozen=True)
class Verdict:
    plot: Plot
    ours: Figure
    base: Figure
    outcome: Outcome

    @property
    def counts(self) -> bool:
        """Not where layouts or settings of pinfold's own are compared: that says what they cost."""
        return not self.base.contender.startswith("pinfold")

    @property
    def ratio(self) -> float | None:
        """Of the medians; less than 1 where ours is better. None: the base's is 0."""
        return self.ours.median / self.base.median if self.base.median else None


def verdicts_of(workload: Workload) -> Sequence[Verdict]:
    """By chart, then by contender, as in the table."""
    return list(_verdicts(workload))


def _verdicts(workload: Workload) -> Iterator[Verdict]:
    for plot in plots_of(workload):
        for ours in plot.contenders(workload):
            for metric in plot.metrics:
                for workers in workload.workers:
                    yield from _of_figure(workload, plot, workload.find(ours, workers, metric))


def _of_figure(workload: Workload, plot: Plot, ours: Figure | None) -> Iterator[Verdict]:
    if ours is None:
        return
    for name in bases_of(workload, ours.contender):
        base = workload.find(name, ours.workers, ours.metric)
        if base is not None:
            yield Verdict(plot, ours, base, judged(ours, base))


def bases_of(workload: Workload, contender: str) -> Sequence[str]:
    """Those that the suite names for it; where it names none at all, every contender that is not pinfold's."""
    if workload.against:
        return workload.against.get(contender, ())
    if not contender.startswith("pinfold"):
        return ()
    return [each for each in workload.contenders if not each.startswith("pinfold")]


def judged(ours: Figure, base: Figure) -> Outcome:
    if abs(ours.median - base.median) <= SAME * base.median or _within(ours, base) and _within(base, ours):
        return Outcome.EVEN
    return Outcome.WIN if ours.median < base.median else Outcome.LOSS


def _within(figure: Figure, other: Figure) -> bool:
    """Whether the other could have given its median."""
    return other.min <= figure.median <= other.max
