"""Many statements repeat one list: the longest counts, the content record gives the length, own progress is checked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from playhead.interop.xapi.sessions import Collected, SessionKey, VideoKey, agrees, own_share, within
from playhead.interop.xapi.statements import Statement
from playhead.interop.xapi.vocabulary import VERBS

PAUSED = VERBS["https://w3id.org/xapi/video/verbs/paused"]
COMPLETED = VERBS["http://adlnet.gov/expapi/verbs/completed"]
PLAYED = VERBS["https://w3id.org/xapi/video/verbs/played"]
BOB = Statement(1, "", PAUSED, "bob", "Bob", "v", "Video", "c", "s", 0, 20_000, Decimal("0.5"), ((0, 10_000),), 10_000)


def test_the_longest_list_of_a_session_counts_whatever_the_order() -> None:
    longer = replace(BOB, line=2, played=((0, 10_000), (12_000, 15_000)), covered_ms=13_000, progress=None)
    silent = replace(BOB, line=3, verb=PLAYED, played=None, covered_ms=0, progress=None)
    for order in ([BOB, longer, silent], [silent, longer, BOB]):
        collected = Collected()
        for statement in order:
            collected.add(statement)
        assert collected.sessions == {SessionKey("bob", VideoKey("c", "v"), "s"): longer}
        assert collected.verbs == {"paused": 2, "played": 1}


def test_of_lists_that_cover_the_same_the_one_with_more_rewatching_counts_then_the_first() -> None:
    again = replace(BOB, line=5, played=((0, 10_000), (0, 4_000)))
    collected = Collected()
    for statement in (BOB, replace(again, line=9), again, replace(BOB, line=3)):
        collected.add(statement)
    assert next(iter(collected.sessions.values())) == again


def test_a_session_without_a_list_is_a_playback_too_and_sessions_are_told_apart() -> None:
    collected = Collected()
    silent = replace(BOB, played=None, covered_ms=0, progress=None)
    for statement in (silent, replace(silent, session="s2"), replace(silent, course="d"), replace(silent, actor="al")):
        collected.add(statement)
    assert len(collected.sessions) == 4
    assert len(collected.videos) == 2
    assert collected.people == {"bob": "Bob", "al": "Bob"}


@pytest.mark.parametrize(
    ("lengths", "duration_ms"),
    [
        ([264_000, 263_240, 264_000, 263_280], 264_000),
        ([263_240, 264_000], 264_000),
        ([263_240, 263_240, 264_000], 263_240),
        ([None], None),
    ],
    ids=["most common", "tie: longest", "most common is shorter", "nobody said"],
)
def test_the_content_record_gives_the_length(lengths: list[int | None], duration_ms: int | None) -> None:
    collected = Collected()
    for length_ms in lengths:
        collected.add(replace(BOB, length_ms=length_ms, played=None, progress=None))
    assert collected.videos[VideoKey("c", "v")].duration_ms == duration_ms


@pytest.mark.parametrize(
    ("covered_ms", "progress"), [(10_000, "0.5"), (10_000, "0.5035"), (10_000, "0.4965"), (0, "0"), (20_000, "1")]
)
def test_own_progress_agrees_with_its_own_segments_within_the_tolerance(covered_ms: int, progress: str) -> None:
    assert agrees(replace(BOB, covered_ms=covered_ms, progress=Decimal(progress)))


@pytest.mark.parametrize("progress", ["0.5036", "0.4964", "1", "0"])
def test_own_progress_beyond_the_tolerance_differs(progress: str) -> None:
    assert not agrees(replace(BOB, progress=Decimal(progress)))


def test_a_verdict_is_judged_apart_from_what_was_watched() -> None:
    collected = Collected()
    verdict = replace(BOB, verb=COMPLETED, progress=Decimal(1))
    for statement in (BOB, replace(BOB, progress=Decimal("0.9")), verdict):
        collected.add(statement)
    assert (collected.watched.agreeing, collected.watched.total) == (1, 2)
    assert collected.verdicts.differing == [verdict]
    assert own_share(verdict) == Decimal("0.500")


def test_nothing_lies_outside_the_canonical_length() -> None:
    statement = replace(BOB, played=((5_000, 9_000), (0, 3_000), (9_000, 12_000)))
    assert within(statement, duration_ms=8_000) == ((5_000, 8_000), (0, 3_000))
