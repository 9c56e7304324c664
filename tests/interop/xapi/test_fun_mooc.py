"""22,000 real statements of FUN-MOOC: what they say about themselves comes out."""

import gzip

import pytest

from playhead.interop.xapi.sessions import Collected
from playhead.interop.xapi.statements import Statement, read
from tests.shared import STATEMENTS, WITHOUT_STATEMENTS

pytestmark = pytest.mark.skipif(not STATEMENTS.is_file(), reason=WITHOUT_STATEMENTS)


@pytest.fixture(scope="module")
def collected() -> Collected:
    found = Collected()
    with gzip.open(STATEMENTS) as file:
        for statement in read(file):
            assert isinstance(statement, Statement)
            found.add(statement)
    return found


def test_every_statement_is_read(collected: Collected) -> None:
    assert collected.verbs == {
        "played": 6603,
        "paused": 6480,
        "interacted": 3546,
        "seeked": 2995,
        "initialized": 1348,
        "completed": 636,
        "terminated": 338,
        "downloaded": 54,
    }
    assert (len(collected.people), len(collected.videos), len(collected.sessions)) == (1452, 10, 3656)
    assert collected.open_ends == 2995


def test_paused_seeked_and_terminated_agree_with_their_own_progress(collected: Collected) -> None:
    assert (collected.watched.agreeing, collected.watched.total) == (9813, 9813)


def test_159_completed_statements_were_forced_to_1(collected: Collected) -> None:
    forced = collected.verdicts.differing
    assert len(forced) == 159
    assert {statement.progress for statement in forced} == {1}
    lowest = min(statement.covered_ms / (statement.length_ms or 1) for statement in forced)
    assert lowest == pytest.approx(0.806, abs=0.0005)


def test_the_content_records_give_whole_seconds(collected: Collected) -> None:
    durations = sorted((video.duration_ms or 0) // 1000 for video in collected.videos.values())
    assert durations == [254, 254, 264, 480, 508, 525, 579, 586, 895, 903]
