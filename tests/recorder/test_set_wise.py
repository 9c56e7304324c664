"""Many rows at once: what is written is the same however many there are."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from playhead.recorder.databases import open_store
from playhead.recorder.store import Store

_COLUMNS = "id, key, organisation_id, spent, runs"


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(open_store(database)) as opened:
        yield opened


@pytest.mark.parametrize("count", [1, 7, 8, 13, 64, 65, 200])
def test_so_many_rows_are_inserted_updated_and_put(store: Store, count: int) -> None:
    ids = range(1, count + 1)
    store.begin()
    store.insert("recorder_viewer", _COLUMNS, ((id, f"u:{id}", 1, b"", b"") for id in ids))
    store.update("recorder_viewer", "spent, runs", [(b"s%d" % id, b"r%d" % id, id) for id in ids], by="id")
    changed = [(id, f"u:{id}", 2, b"put%d" % id, b"") for id in ids if id % 3 == 0]
    new = [(count + 1, "u:new", 3, b"", b"new")]
    store.put("recorder_viewer", _COLUMNS, [*changed, *new], by="id")
    store.commit()
    kept = {row[0]: (*row[1:3], bytes(row[3]), bytes(row[4])) for row in store.all(_all())}
    assert kept == (
        {id: (f"u:{id}", 1, b"s%d" % id, b"r%d" % id) for id in ids}
        | {row[0]: row[1:] for row in changed}
        | {count + 1: ("u:new", 3, b"", b"new")}
    )


def test_what_is_not_there_is_not_updated_and_no_row_is_a_row_too_few(store: Store) -> None:
    store.begin()
    store.insert("recorder_viewer", _COLUMNS, [(id, f"u:{id}", 1, b"", b"") for id in range(1, 11)])
    store.update("recorder_viewer", "spent", [(b"x", id) for id in range(6, 26)], by="id")
    store.commit()
    assert [bytes(row[3]) for row in store.all(_all())] == [b""] * 5 + [b"x"] * 5


def test_what_is_written_outside_a_transaction_is_there_at_once(database: str) -> None:
    with closing(open_store(database)) as store, closing(open_store(database)) as other:
        store.insert("recorder_viewer", _COLUMNS, [(1, "u:1", 1, b"", b"")])
        assert len(other.all(_all())) == 1
        store.many("DELETE FROM recorder_viewer WHERE id = ?", [[1]])
        assert other.all(_all()) == []


def test_what_is_taken_back_was_never_there(store: Store) -> None:
    store.begin()
    store.insert("recorder_viewer", _COLUMNS, [(1, "u:1", 1, b"", b"")])
    store.rollback()
    store.begin()
    store.insert("recorder_viewer", _COLUMNS, [(2, "u:2", 1, b"", b"")])
    assert [row[0] for row in store.all(_all())] == [2], "what waits is seen by the next question"
    store.rollback()
    assert store.all(_all()) == []


def _all() -> str:
    return f"SELECT {_COLUMNS} FROM recorder_viewer ORDER BY id"
