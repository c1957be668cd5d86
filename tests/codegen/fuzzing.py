"""Runs a check on many random inputs. hypothesis chooses the seeds: always the same ones in `./dev test`; `./dev fuzz`
asks for others and for more. A block of inputs shares a seed, because choosing one costs as much as most checks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Texts = Mapping[str, str]  # an input: its files and arguments by name

_ASKED = int(os.environ.get("PINFOLD_FUZZ_EXAMPLES", "0"))
_BLOCK = 20

LONG = _ASKED > 0


def search(what: str, share: float, make: Callable[[Random], Texts], check: Callable[[Texts], object]) -> int:
    """Checks `share` of 8,000 inputs, or of as many as are asked for. An input passes unless the check raises; what it
    returns is true for one without an error. The answer is how many of those there were."""
    blocks = max(1, round(share * (_ASKED or 8000) / _BLOCK))
    fine = 0

    @settings(max_examples=blocks, derandomize=not LONG, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**64 - 1))
    def look(seed: int) -> None:
        nonlocal fine
        random = Random(seed)
        for _ in range(_BLOCK):
            texts = make(random)
            try:
                fine += bool(check(texts))
            except Exception as error:
                smaller = shrunk(texts, type(error), check)
                shown = "\n".join(f"{name}: {text!r}" for name, text in smaller.items())
                raise AssertionError(f"seed {seed} of {what} raises {error!r}; so does\n{shown}") from error

    look()
    print(f"{what}: {blocks * _BLOCK} inputs, {fine} without an error")
    return fine


def shrunk(texts: Texts, error: type[Exception], check: Callable[[Texts], object]) -> Texts:
    """Lines and then characters are left out while the check still raises the same."""
    best = dict(texts)
    for name in texts:
        for pieces in (best[name].splitlines(keepends=True), None):
            parts = list(best[name]) if pieces is None else pieces
            if pieces is None and len(parts) > 2000:
                continue
            size = max(len(parts) // 2, 1)
            while size:
                at = 0
                while at < len(parts):
                    shorter = parts[:at] + parts[at + size:]
                    if _raises(best | {name: "".join(shorter)}, error, check):
                        parts = shorter
                    else:
                        at += size
                size //= 2
            best[name] = "".join(parts)
    return best


def _raises(texts: Texts, error: type[Exception], check: Callable[[Texts], object]) -> bool:
    try:
        check(texts)
    except error:
        return True
    except Exception:
        return False
    return False


def some(random: Random, low: int, high: int) -> Iterator[int]:
    return iter(range(random.randint(low, high)))
