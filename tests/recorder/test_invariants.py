"""The invariants I1 to I7 over 2,000 histories, and a planted bug for each way the rule could be broken."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from playhead.core import credit, limits, sections
from playhead.core.credit import Case, Reason
from playhead.core.sections import EMPTY, Sections
from playhead.recorder import apply, operations, workspace
from playhead.recorder.state import Progress
from tests.recorder.histories import over
from tests.world import World

# No shrinking where a failure is what is wanted: it would only cost time. And the same histories every time: whether a
# bug is caught must not be a matter of luck.
PLANTED = settings(
    derandomize=True,
    max_examples=6000,  # each stops at its bug; the rarest needs about half of them
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.generate],
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
    database=None,
    print_blob=False,
)
SOUND = settings(
    max_examples=2000,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    print_blob=True,
)


@pytest.fixture
def fast_world(tracking_template: Path) -> Iterator[World]:
    """In memory-backed storage where there is any: these tests are about rules, not about the disk."""
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="playhead-histories-", dir=shared) as folder:
        file = shutil.copy(tracking_template, Path(folder) / "tracking.sqlite3")
        with World(str(file)) as world:
            yield world


@pytest.mark.timeout(900)
def test_every_history_keeps_every_invariant(fast_world: World) -> None:
    with over(fast_world) as machine:
        run_state_machine_as_test(machine, settings=SOUND)


def step(name: str, planted: Callable[[Case], None]) -> Callable[[pytest.MonkeyPatch], None]:
    """A plant that puts something else in the place of one of the rule's steps, which every claim then goes through."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        every_claim_step_by_step(patch)
        patch.setitem(credit.STEPS, name, planted)

    return plant


def every_claim_step_by_step(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(credit, "_uncut", lambda *_given: None)


def payer(planted: Callable[[Sections, int, int, int], Sections]) -> Callable[[pytest.MonkeyPatch], None]:
    """The same for what chooses the time that pays."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        every_claim_step_by_step(patch)
        patch.setattr(credit, "earliest_first", planted)

    return plant


def nothing(_case: Case) -> None:
    pass


def no_pace_no_means(patch: pytest.MonkeyPatch) -> None:
    every_claim_step_by_step(patch)
    for name in ("pace", "afford"):
        patch.setitem(credit.STEPS, name, nothing)


def one_millisecond(case: Case) -> None:
    case.price_ms = 1


def claimed_time_only(case: Case) -> None:
    case.price_ms = case.claim.t1 - case.claim.t0


def from_before_the_opening(case: Case) -> None:
    end = case.received_at + limits.CLOCK_TOLERANCE_MS
    case.paid = case.spent.gaps(case.terms.opened_at - 3_600_000, end).first(case.price_ms)


def into_the_future(case: Case) -> None:
    case.paid = case.spent.gaps(case.terms.opened_at, case.received_at + 60_000).first(case.price_ms)


def latest_first(spent: Sections, start: int, end: int, price_ms: int) -> Sections:
    free, taken = spent.gaps(start, end), EMPTY
    for low, high in reversed(free.pairs()):
        if (missing := price_ms - taken.length) > 0:
            taken |= Sections((max(low, high - missing), high))
    return taken


def spent_is_forgotten(_spent: Sections, start: int, end: int, price_ms: int) -> Sections:
    return EMPTY.gaps(start, end).first(price_ms)


def all_delivered(case: Case) -> None:
    case.delivered = Sections((0, limits.VIDEO_MS))


def halves_of_claims_lost(case: Case) -> None:
    case.keep(case.left.first(case.left.length - 1), Reason.NO_TIME_LEFT)


def no_dedupe(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workspace.Workspace, "known_batch", lambda _self, _playback, _seq: None)


def always_fresh(patch: pytest.MonkeyPatch) -> None:
    kept = credit._through_steps
    every_claim_step_by_step(patch)
    patch.setattr(credit, "_through_steps", lambda case: kept(case)._replace(fresh=case.left))


def closing_forgotten(patch: pytest.MonkeyPatch) -> None:
    kept = operations.ClosePlaybacks.apply

    def careless(self: operations.ClosePlaybacks, space: workspace.Workspace) -> int:
        closed = kept(self, space)
        for playback in space.playbacks.values():
            playback.closed_at = None
        return closed

    patch.setattr(operations.ClosePlaybacks, "apply", careless)


def received_a_second_later(patch: pytest.MonkeyPatch) -> None:
    kept = apply.apply_claims

    def late(*rows: Any, received_at: int) -> list[credit.Line]:
        return kept(*rows, received_at=received_at + 1000)

    patch.setattr("playhead.recorder.operations.apply_claims", late)


def watched_counted_from_fresh(patch: pytest.MonkeyPatch) -> None:
    kept = Progress.follow

    def follow(self: Progress, at: int) -> None:
        kept(self, at)
        self.watched_ms = self.covered_ms

    patch.setattr(Progress, "follow", follow)


def snap_a_minute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits, "SPENT_SNAP_MS", 60_000)


def ten_minutes_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits, "PAYABLE_MS", 600_000)


def union_skips_what_touches(patch: pytest.MonkeyPatch) -> None:
    kept = Sections.grown

    def grown(self: Sections, by: Sections) -> tuple[Sections, Sections]:
        [(start, end)] = by.pairs()
        return kept(self, Sections.one(start, end + 1))

    patch.setattr(sections.Sections, "grown", grown)


def expiry_forgotten(patch: pytest.MonkeyPatch) -> None:
    from playhead.collector import ticket_cache

    patch.setattr(ticket_cache, "check_time", lambda _ticket, *, now_s: now_s)


BUGS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "price off": step("price", one_millisecond),
    "price without top speed": step("price", claimed_time_only),
    "neither pace nor means": no_pace_no_means,
    "paid from before the opening": step("pay", from_before_the_opening),
    "paid from the future": step("pay", into_the_future),
    "spent time ignored": payer(spent_is_forgotten),
    "latest first": payer(latest_first),
    "clamp off": step("clamp", nothing),
    "shape off by one": step("afford", halves_of_claims_lost),
    "delivery ignored": step("deliver", all_delivered),
    "delivery not asked": step("deliver", nothing),
    "dedupe off": no_dedupe,
    "all credit is fresh": always_fresh,
    "closing forgotten": closing_forgotten,
    "expiry forgotten": expiry_forgotten,
    "time received is not the time journaled": received_a_second_later,
    "watched is covered": watched_counted_from_fresh,
    "gaps of a minute snapped": snap_a_minute,
    "ten minutes back instead of 13 hours": ten_minutes_back,
    "union a millisecond too wide": union_skips_what_touches,
}


@pytest.mark.parametrize("bug", BUGS)
@pytest.mark.timeout(900)
def test_a_planted_bug_is_caught(fast_world: World, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    BUGS[bug](monkeypatch)
    with over(fast_world) as machine, pytest.raises(Exception) as caught:
        run_state_machine_as_test(machine, settings=PLANTED)
    found = caught.value
    inner = found.exceptions if isinstance(found, BaseExceptionGroup) else [found]
    assert any(isinstance(error, AssertionError) for error in inner), found
