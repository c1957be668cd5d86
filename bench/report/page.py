"""docs/benchmarks.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bench.report import units
from bench.report.figures import Figure, Figures, Workload
from bench.report.plots import Plot, plots_of
from bench.report.sentences import comparison, headline_of, sentences_of, subject
from bench.report.verdicts import SAME, Outcome, Verdict, verdicts_of
from bench.runner import suite

PICTURES = "benchmarks"  # folder beside the page
MANY = 8  # sentences that are too many to stand open

NAMES = {  # of what is known of the machine, in their order
    "cpu": "processor",
    "cores": "processors",
    "memory_mib": "memory, MiB",
    "virtual": "virtual machine",
    "governor": "frequency governor",
    "kernel": "kernel",
    "system": "system",
    "compiler": "compiler",
    "flags": "flags",
    "libraries": "libraries",
    "rust": "Rust",
    "load": "load of the minute before",
    "pinfold": "commit of pinfold",
    "date": "date",
}


def text(figures: Figures) -> str:
    return "\n".join(_lines(figures)) + "\n"


def picture(workload: Workload, plot: Plot) -> str:
    """The name of a chart's file."""
    return f"{workload.name}{f'-{plot.name}' if plot.name else ''}.svg"


def _lines(figures: Figures) -> Iterator[str]:
    yield from _introduction(figures)
    yield from _machine(figures)
    yield from _summary(figures)
    for workload in figures.workloads:
        yield from _workload(workload)
    yield from _without(figures)


def _introduction(figures: Figures) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield ("pinfold against what it stands beside, wins and losses alike. Sentences and charts are made of "
           f"[figures.json]({PICTURES}/figures.json), which `./dev bench --json FILE` wrote; `./dev bench "
           "--report FILE` makes this page of them. `bench/README.md` says what the workloads do, "
           "and who the contenders are.")
    measured = {workload.name for workload in figures.workloads}
    left_out = [f"`{each.name}`" for each in suite.load().values() if each.name not in measured]
    if left_out:
        yield ""
        yield f"Not measured in that run: {', '.join(left_out)}."
    if figures.quick:
        yield ""
        yield "**The sizes are those of `--quick`: they show that everything works, and the figures say little.**"
    yield ""
    yield ("Less is better everywhere. Figures are medians; the lines through the charts' marks go from the least to "
           "the greatest run. The programs run in turn, a process each. Those that pinfold is not compared with are "
           f"not run again where that would take them past {figures.budget_seconds:g} s; then `*` and the tables say "
           f"how many runs they had. The whole took {figures.seconds / 60:.1f} min on the machine below, compiling "
           "aside.")
    yield ""


def _machine(figures: Figures) -> Iterator[str]:
    yield "## The machine"
    yield ""
    yield from _table(("", ""), [(name, str(figures.machine[key])) for key, name in NAMES.items()
                                 if key in figures.machine])
    yield ""


def _summary(figures: Figures) -> Iterator[str]:
    verdicts = {each.name: [verdict for verdict in verdicts_of(each) if verdict.counts] for each in figures.workloads}
    yield "## Wins and losses"
    yield ""
    yield (f"A difference of less than {SAME:.0%} is none, and neither is one where each of two contenders had runs on "
           "both sides of the other's median. Where pinfold is compared with itself, the sentences below say what is "
           "worse, and nothing is counted.")
    yield ""
    rows = [(f"[{name}](#{name})", *(str(count[outcome]) for outcome in Outcome))
            for name, its in verdicts.items() if (count := Counter(verdict.outcome for verdict in its))]
    total = Counter(verdict.outcome for its in verdicts.values() for verdict in its)
    yield from _table(("workload", *(outcome.value for outcome in Outcome)),
                      [*rows, ("all", *(str(total[outcome]) for outcome in Outcome))], numbers=3)
    yield ""
    losses = [verdict for its in verdicts.values() for verdict in its if verdict.outcome is Outcome.LOSS]
    yield "### Losses" if losses else "There is no loss."
    yield ""
    for name, its in verdicts.items():
        for verdict in its:
            if verdict.outcome is Outcome.LOSS:
                yield f"- {name}: {subject(verdict)}: {_plainly(verdict)}"
    if losses:
        yield ""


def _plainly(verdict: Verdict) -> str:
    return comparison(verdict).removeprefix("**a loss:** ")


def _workload(workload: Workload) -> Iterator[str]:
    yield f"## {workload.name}"
    yield ""
    yield f"{workload.about[:1].upper()}{workload.about[1:]}. Size: {units.plain(workload.size)}."
    yield ""
    for plot in plots_of(workload):
        yield f"![{workload.name}: {plot.title}]({PICTURES}/{picture(workload, plot)})"
        yield ""
    if not workload.figures:
        yield "No program gave figures."
        yield ""
        return
    sentences = [f"- {sentence}" for sentence in sentences_of(workload)]
    for sentence in headline_of(workload):
        yield sentence
        yield ""
    if len(sentences) <= MANY:
        yield from sentences
        yield ""
    else:
        yield from _folded(f"all {len(sentences)} comparisons", sentences)
    yield from _folded("all figures", _all(workload))


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""


def _all(workload: Workload) -> Iterator[str]:
    headings = ("metric", "contender", "workers", "runs", "median", "least", "greatest")
    yield from _table(headings, [_row(figure) for figure in workload.figures], numbers=5)


def _row(figure: Figure) -> Sequence[str]:
    values = (units.shown(value, figure.unit) for value in (figure.median, figure.min, figure.max))
    return (figure.metric, figure.contender, str(figure.workers), str(figure.runs), *values)


def _without(figures: Figures) -> Iterator[str]:
    reasons = {**figures.failed, **figures.missing}
    if reasons:
        yield "## Without figures"
        yield ""
        for name, reason in reasons.items():
            yield f"- {name}: {reason}"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> Iterator[str]:
    """The last so many columns are numbers."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'|'.join([' --- '] * (len(headings) - numbers) + [' ---: '] * numbers)}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
