"""A topology of any size."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import script
from script import Timing

KINDS = ("asio", "tbb", "native")
ALIASES = 4  # of each pool


def pool(number: int) -> tuple[str, str]:
    """Its kind and its name."""
    return KINDS[number % len(KINDS)], f"pool_{number:04}"


def alias(number: int) -> tuple[str, str, str]:
    """The kind, the name and the pool of one of ALIASES times as many as there are pools."""
    kind, target = pool(number // ALIASES)
    return kind, f"stage_{number:05}", target


def topology(pools: int) -> str:
    return "".join(_topology(pools))


def _topology(pools: int) -> Iterator[str]:
    yield f'[topology]\nname = "scale"\n\n[process]\ncpuset = "0-{2 * pools - 1}"\n'
    for number in range(pools):
        kind, name = pool(number)
        yield (f'\n[{kind}.{name}]\ncores = "{2 * number}-{2 * number + 1}"\npolicy = "batch"\n'
               f'description = "stage {number} of the pipeline"\n')
    aliases = [alias(number) for number in range(ALIASES * pools)]
    for kind in KINDS:
        yield f"\n[aliases.{kind}]\n"
        yield from (f'{name} = "{target}"\n' for its, name, target in aliases if its == kind)


def generate(folder: Path, pools: int) -> Timing:
    timing, found = script.generate(folder, topology(pools))
    if (len(found["pools"]), len(found["names"])) != (pools, (1 + ALIASES) * pools):
        sys.exit(f"the topology has {len(found['pools'])} pools and {len(found['names'])} names")
    return timing
