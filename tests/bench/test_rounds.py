"""The order of the runs, and what a failure leaves of them."""

from __future__ import annotations

from collections.abc import Sequence

from bench.runner.contender import ContenderFailed, Entry, Sample
from bench.runner.metrics import METRICS
from bench.runner.rounds import run, schedule
from fakes import entry

SECONDS = METRICS["seconds"]
A, B, C = entry("a"), entry("b"), entry("c")


def ignore(turn: int, entry: Entry) -> None:
    pass


def test_everybody_runs_once_before_anybody_runs_again() -> None:
    assert list(schedule([A, B, C], 2)) == [(1, A), (1, B), (1, C), (2, A), (2, B), (2, C)]


def test_samples_are_kept_by_entry_in_the_order_of_the_rounds() -> None:
    clock = iter(range(100))

    results = run([A, B], 3, lambda entry: {SECONDS: float(next(clock))}, ignore)

    assert results.failures == {}
    assert results.samples == {
        A: [{SECONDS: 0.0}, {SECONDS: 2.0}, {SECONDS: 4.0}],
        B: [{SECONDS: 1.0}, {SECONDS: 3.0}, {SECONDS: 5.0}],
    }


def test_who_fails_is_not_run_again_and_the_others_go_on() -> None:
    ran: list[Entry] = []

    def measure(entry: Entry) -> Sample:
        ran.append(entry)
        if entry == B:
            raise ContenderFailed("wrong answer: 5; expected 6")
        return {SECONDS: 1.0}

    results = run([A, B, C], 2, measure, ignore)

    assert ran == [A, B, C, A, C]
    assert results.failures == {B: "wrong answer: 5; expected 6"}
    assert list(results.samples) == [A, C]


def test_who_fails_late_has_no_samples_left() -> None:
    left = iter([{SECONDS: 1.0}])

    def measure(entry: Entry) -> Sample:
        for sample in left:
            return sample
        raise ContenderFailed("was ended by SIGSEGV")

    results = run([A], 5, measure, ignore)

    assert results.samples == {}
    assert results.failures == {A: "was ended by SIGSEGV"}


def test_who_may_not_run_again_is_left_out_and_keeps_its_samples() -> None:
    ticks = iter(range(100))
    asked: list[tuple[Entry, list[float]]] = []

    def allows(entry: Entry, taken: Sequence[float]) -> bool:
        asked.append((entry, list(taken)))
        return entry == A or not taken

    results = run([A, B], 3, lambda entry: {SECONDS: 1.0}, ignore, allows, lambda: float(next(ticks)))

    assert asked == [(A, []), (B, []), (A, [1.0]), (B, [1.0]), (A, [1.0, 1.0]), (B, [1.0])]
    assert {entry: len(samples) for entry, samples in results.samples.items()} == {A: 3, B: 1}
    assert results.seconds == {A: [1.0, 1.0, 1.0], B: [1.0]}


def test_progress_hears_of_each_run_before_it() -> None:
    heard: list[tuple[int, Entry]] = []

    def measure(entry: Entry) -> Sample:
        assert heard[-1][1] == entry
        return {SECONDS: 1.0}

    run([A, B], 2, measure, lambda turn, entry: heard.append((turn, entry)))

    assert heard == [(1, A), (1, B), (2, A), (2, B)]
