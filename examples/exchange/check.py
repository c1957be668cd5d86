"""check.py PROGRAM: trades under every layout, and compares the orders with those that the ticks should lead to."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LAYOUTS = ("partitioned", "unpartitioned", "spinning")
TICKS = 200  # so few that a feed whose reader sleeps loses none: they fit the socket's buffer
SCENARIOS = [i * 7919 % 401 for i in range(20_000)]
LIMIT = 16

Order = tuple[int, int, int]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=50)


def accepted(price: int, quantity: int) -> bool:
    return sum(price * quantity * fall // 10_000 for fall in SCENARIOS) <= LIMIT * len(SCENARIOS)


def orders_of(ticks: list[list[str]]) -> tuple[list[Order], int]:
    """What the ticks should lead to, and how many orders are too risky, from a book that is rebuilt for every tick."""
    orders: list[Order] = []
    rejected = 0
    for seen, (number, side, price, _) in enumerate(ticks, 1):
        levels = {(side, int(price)): int(quantity) for _, side, price, quantity in ticks[:seen]}
        bids = {price: quantity for (side, price), quantity in levels.items() if side == "bid" and quantity}
        asks = {price: quantity for (side, price), quantity in levels.items() if side == "ask" and quantity}
        if not bids or not asks or bids[max(bids)] < 2 * asks[min(asks)]:
            continue
        if int(price) != (max(bids) if side == "bid" else min(asks)):
            continue
        if accepted(min(asks), asks[min(asks)]):
            orders.append((int(number), min(asks), asks[min(asks)]))
        else:
            rejected += 1
    return orders, rejected


def check_orders(program: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder, "journal")
        result = run(program, str(TICKS), "1", str(journal))
        assert result.returncode == 0, result.stderr
        records = [line.split() for line in journal.read_text(encoding="utf-8").splitlines()]

    for layout in LAYOUTS:
        ticks = [record[2:] for record in records if record[:2] == [layout, "tick"]]
        assert [int(tick[0]) for tick in ticks] == list(range(TICKS + 1)), ticks
        assert ticks.pop()[1] == "end", ticks
        expected, rejected = orders_of(ticks)
        assert len(expected) >= 5 and rejected >= 1, (expected, rejected)
        # Two orders may overtake each other in risk, whose threads are several.
        sent = sorted(tuple(map(int, record[2:])) for record in records if record[:2] == [layout, "order"])
        assert sent == expected, (layout, sent, expected)
        row = next(line.split() for line in result.stdout.splitlines() if line.startswith(layout + " "))
        assert row[1:4] == [str(TICKS), "0", str(len(expected))], row
        assert 0 < float(row[4]) <= float(row[5]) <= float(row[6]), row
    for line, other in zip(result.stdout.splitlines()[-2:], LAYOUTS[1:], strict=True):
        assert line.startswith(f"partitioned had a lower p50 than {other} in "), result.stdout


def check_arguments(program: str) -> None:
    for words, fault in ((("ticks",), "TICKS is 'ticks'; it must be a number from 1 to 1000000"),
                         (("-5", "1"), "TICKS is '-5'; it must be a number from 1 to 1000000"),
                         (("1000001", "1"), "TICKS is '1000001'; it must be a number from 1 to 1000000"),
                         (("10", "0"), "ROUNDS is '0'; it must be a number from 1 to 1000"),
                         (("10", "1x"), "ROUNDS is '1x'; it must be a number from 1 to 1000"),
                         (("10", "1", "/dev/null", "more"), "'more' is one word too many"),
                         (("10", "1", "/no/journal"), "cannot write /no/journal")):
        result = run(program, *words)
        assert (result.returncode, result.stdout) == (1, ""), result
        assert result.stderr.startswith(f"exchange: {fault}\nusage: exchange [TICKS "), result
    result = run(program, str(TICKS), "1", "/dev/full")
    assert (result.returncode, "cannot write /dev/full" in result.stderr) == (1, True), result
    helped = run(program, "--help")
    assert (helped.returncode, helped.stdout.startswith("usage: ")) == (0, True), helped


if __name__ == "__main__":
    if len(os.sched_getaffinity(0)) < 2:
        print("skipped: the partition needs 2 CPUs")
        sys.exit(77)
    check_orders(sys.argv[1])
    check_arguments(sys.argv[1])
