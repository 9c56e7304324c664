"""Timing on a machine that others use too: candidates take turns, and the median of many turns counts."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping

_TURN_S = 0.02  # of processor time: long enough that the clock's own step does not show


def median_us(candidates: Mapping[str, Callable[[], object]], *, rounds: int = 15) -> dict[str, float]:
    """Microseconds of processor time of one call of each: the median over `rounds` in which all of them take a turn."""
    repeats = {name: _repeats(call) for name, call in candidates.items()}
    turns: dict[str, list[float]] = {name: [] for name in candidates}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in candidates.items():
                turns[name].append(_turn_s(call, repeats[name]) / repeats[name])
    finally:
        gc.enable()
    return {name: statistics.median(taken) * 1e6 for name, taken in turns.items()}


def _repeats(call: Callable[[], object]) -> int:
    """How often to call so that a turn lasts long enough; the first call warms up."""
    call()
    repeats = 1
    while (taken_s := _turn_s(call, repeats)) < _TURN_S:
        repeats = max(repeats * 2, int(repeats * _TURN_S / max(taken_s, 1e-9)))
    return repeats


def _turn_s(call: Callable[[], object], repeats: int) -> float:
    started = time.process_time()
    for _ in range(repeats):
        call()
    return time.process_time() - started
