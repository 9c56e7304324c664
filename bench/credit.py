"""The credit rule: microseconds a claim, however much its viewer has watched before.

Beside it, as a measure of the machine: joining one interval to a plain sorted list of bounds.
"""

import random

from bench.kit.rounds import median_us
from bench.kit.rows import Row
from bench.kit.yardstick import joining
from playhead.core.credit import Claim, Standing, Terms, credit_claims
from playhead.core.sections import Sections

_SIZES = (1, 10, 100, 500, 4096)
_GOAL_US, _GOAL_SIZE = 10.0, 500
_GOAL_RATIO = 1.5
_NOW = 1_788_249_600_000
_HOUR_MS = 3_600_000


def measure() -> list[Row]:
    dice = random.Random(1)
    terms = Terms(opened_at=_NOW - _HOUR_MS, duration_ms=24 * _HOUR_MS, max_rate=2000)
    cases = {size: _history(size, dice) for size in _SIZES}
    claim = [Claim(t0=_HOUR_MS - 10_000, t1=_HOUR_MS, m0=40_000_000, m1=40_010_000)]
    for standing in cases.values():
        _standing, [line] = credit_claims(standing, claim, terms=terms, received_at=_NOW)
        assert line.credit.length == 10_000, line.reasons
    taken_us = median_us(
        {
            f"{size}": lambda standing=standing: credit_claims(standing, claim, terms=terms, received_at=_NOW)
            for size, standing in cases.items()
        }
        | {"list": joining(list(cases[_GOAL_SIZE].coverage.bounds), 40_000_000, 40_010_000)}
    )
    list_us = taken_us.pop("list")
    said = f"{taken_us[str(_GOAL_SIZE)] / list_us:.1f} times as long"
    return [Row("joining an interval to a plain list", round(list_us, 2), "us", peer=said)] + [
        _row(size, taken_us[f"{size}"], taken_us["1"]) for size in _SIZES
    ]


def _history(size: int, dice: random.Random) -> Standing:
    """So many stretches spent within the last hours, and so many sections covered around the one to be claimed."""
    spent = _stretches(size, dice, around=_NOW - size * 5_000).clip(0, _NOW - 60_000)
    coverage = _stretches(size, dice, around=40_000_000)
    gap = Sections((40_000_000, 40_010_000))
    return Standing(spent, coverage - gap, coverage.length)


def _stretches(size: int, dice: random.Random, *, around: int) -> Sections:
    pairs, at = [], around - size * 5_000
    for _ in range(size):
        at += dice.randint(1_000, 3_000)
        start, at = at, at + dice.randint(6_000, 10_000)
        pairs.append((start, at))
    return Sections.of(pairs)


def _row(size: int, taken_us: float, least_us: float) -> Row:
    """Up to the size of the goal it must be flat; at the most that is kept, a copy of 64 kB is part of it."""
    ratio = taken_us / least_us
    said, measure = f"{ratio:.2f}x that after 1", f"a claim after {size:,} intervals"
    if size == 1:
        return Row(measure, round(taken_us, 2), "us")
    if size > _GOAL_SIZE:
        return Row(measure, round(taken_us, 2), "us", f"<= {_GOAL_US:g}", taken_us <= _GOAL_US, said)
    holds = ratio <= _GOAL_RATIO and taken_us <= _GOAL_US
    return Row(measure, round(taken_us, 2), "us", f"<= {_GOAL_US:g}, {_GOAL_RATIO}x", holds, said)
