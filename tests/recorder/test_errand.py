"""Work beside the server goes on after trouble, and ends when its block does."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from playhead.core.errors import Unavailable
from playhead.recorder.errand import Errand, StoreErrand
from playhead.recorder.sqlite import SqliteStore
from playhead.recorder.store import Store

_LONG_S = 30.0


class Told(Errand):
    """Does in each turn what the list says; sets `done` when it is at its end."""

    def __init__(self, *turns: Exception | None) -> None:
        super().__init__("told", after_trouble_s=0.0)
        self.turns: Iterator[Exception | None] = iter(turns)
        self.done = threading.Event()
        self.let_go = 0

    def take(self) -> float:
        for turn in self.turns:
            if turn is not None:
                raise turn
            return 0.0
        self.done.set()
        return _LONG_S

    def stumbled(self) -> None:
        self.let_go += 1


def test_trouble_is_told_and_the_next_turn_comes(caplog: pytest.LogCaptureFixture) -> None:
    refused = Unavailable("overloaded", "Too many batches wait for the disk.", retry_after_s=2)
    with caplog.at_level(logging.INFO), Told(None, refused, ValueError("broken"), None) as errand:
        assert errand.done.wait(_LONG_S)
    assert errand.let_go == 1, "a refusal breaks nothing"
    levels = [record.levelname for record in caplog.records if record.name == "playhead.recorder.errand"]
    assert levels == ["INFO", "ERROR"]
    assert not errand._thread.is_alive(), "it rests no longer when its block has ended"


def test_who_hangs_is_left_behind() -> None:
    hangs = threading.Event()

    class Hangs(Errand):
        def take(self) -> float:
            hangs.wait(_LONG_S)
            return 0.0

    with Hangs("hangs", after_trouble_s=0.0, leave_s=0.05) as errand:
        pass
    assert errand._thread.is_alive()
    hangs.set()
    errand._thread.join(_LONG_S)
    assert not errand._thread.is_alive()


def test_a_connection_is_opened_anew_after_trouble_and_closed_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Store] = []
    closed: list[Store] = []
    monkeypatch.setattr(SqliteStore, "close", lambda store: closed.append(store))
    twice = threading.Event()

    class Reads(StoreErrand):
        def begin(self, store: Store) -> None:
            begun.append(store)

        def take_from(self, store: Store) -> float:
            assert store.all("SELECT 1") == [(1,)]
            if len(begun) == 1:
                raise OSError("away")
            twice.set()
            return _LONG_S

    with Reads("reads", str(tmp_path / "tracking.sqlite3"), after_trouble_s=0.0):
        assert twice.wait(_LONG_S)
    assert len(begun) == 2
    assert closed == begun[1:]
