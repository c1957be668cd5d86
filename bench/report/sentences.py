"""Verdicts in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from bench.report import units
from bench.report.figures import Figure, Workload
from bench.report.plots import plots_of
from bench.report.verdicts import Outcome, Verdict, verdicts_of


def sentences_of(workload: Workload) -> Sequence[str]:
    """One for each figure that is compared with others; where none is, one for each figure that a chart shows."""
    compared = list(_compared(verdicts_of(workload)))
    return compared or list(_alone(workload))


def headline_of(workload: Workload) -> Sequence[str]:
    """How often pinfold wins and loses, its best and its worst; nothing where it is compared with nobody else."""
    verdicts = [each for each in verdicts_of(workload) if each.counts]
    if not verdicts:
        return ()
    count = Counter(verdict.outcome for verdict in verdicts)
    said = [f"{count[Outcome.WIN]} wins, {count[Outcome.LOSS]} losses, {count[Outcome.EVEN]} without a difference."]
    rated = [verdict for verdict in verdicts if verdict.ratio is not None]
    if rated:
        best, worst = (end(rated, key=lambda verdict: verdict.ratio or 0.0) for end in (min, max))
        said.append(f"Best: {_whole(best)}.")
        if worst is not best:
            said.append(f"Worst: {_whole(worst)}.")
    return (" ".join(said),)


def _whole(verdict: Verdict) -> str:
    return f"{subject(verdict)}: {shown(verdict.ours)}, {comparison(verdict)}"


def _compared(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for ours, its in groupby(verdicts, key=lambda verdict: verdict.ours):
        group = list(its)
        yield f"{subject(group[0])}: {shown(ours)}, {'; '.join(map(comparison, group))}."


def _alone(workload: Workload) -> Iterator[str]:
    for plot in plots_of(workload):
        for figure in workload.figures:
            if figure.metric in plot.metrics:
                yield f"{plot.title}, `{figure.contender}`{_workers(figure)}: {shown(figure)}."


def subject(verdict: Verdict) -> str:
    """Whose figure it is, and which."""
    mark = verdict.plot.metrics[verdict.ours.metric]
    what = f"{verdict.plot.title}{f', {mark}' if mark else ''}"
    return f"`{verdict.ours.contender}`{_workers(verdict.ours)}, {what}"


def _workers(figure: Figure) -> str:
    return f" with {figure.workers} worker{'s' if figure.workers > 1 else ''}"


def shown(figure: Figure) -> str:
    return units.shown(figure.median, figure.unit)


def comparison(verdict: Verdict) -> str:
    base = f"`{verdict.base.contender}` ({shown(verdict.base)})"
    if verdict.outcome is Outcome.EVEN:
        return f"no different from {base}"
    mark = ("**a loss:** " if verdict.counts else "**worse:** ") if verdict.outcome is Outcome.LOSS else ""
    return f"{mark}{difference(verdict)} {base}"


def difference(verdict: Verdict) -> str:
    """"3.2 times less than", "12 % more than"."""
    ratio = verdict.ratio
    if ratio is None or ratio == 0:
        return "as much as" if verdict.ours.median == verdict.base.median else (
            "more than" if ratio is None else "less than")
    if ratio <= 0.5:
        return f"{units.plain(1 / ratio)} times less than"
    if ratio < 2:
        percent = round(abs(ratio - 1) * 100)
        return f"{percent} % {'less' if ratio < 1 else 'more'} than" if percent else "as much as"
    return f"{units.plain(ratio)} times"
