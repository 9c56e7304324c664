"""A sink holds each sealed row once, whatever happens to it, and one whose store is away delays nothing."""

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from playhead.analytics.sealer import Habits, Sealer
from playhead.core.errors import Invalid, Unavailable
from playhead.exports.models import Sink
from playhead.exports.sinks import feeding
from playhead.exports.sinks.addresses import checked, without_password
from playhead.exports.sinks.feeders import Feeders
from playhead.recorder.databases import open_store
from playhead.recorder.sealed import unseal
from playhead.recorder.store import Store
from tests.analytics.watching import watch_a_lot
from tests.exports.harper import Harper
from tests.postgres import Postgres
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


@pytest.fixture
def world(tracking_file: Path) -> Iterator[World]:
    with World(str(tracking_file)) as running:
        yield running


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    with closing(open_store(world.database)) as reading:
        yield reading


@pytest.fixture
def more(world: World, store: Store, tmp_path: Path, settings: Any) -> Callable[[int], None]:
    """Lets viewers watch, and seals it."""
    settings.PLAYHEAD_ARCHIVE, settings.TRACKING_DATABASE = tmp_path / "archive", world.database
    settings.PLAYHEAD_DATA = tmp_path
    habits = Habits(archive=tmp_path / "archive", lake=tmp_path / "lake", rows=25, after_s=0)
    sealer = Sealer(world.recorder, world.database, habits)

    def watch(batches: int) -> None:
        world._opened += 1_000  # other playbacks than before
        watch_a_lot(world, random.Random(batches), batches=batches)
        while sealer.turn(store):
            pass

    return watch


@pytest.fixture(params=["clickhouse", "postgres", "files", "harperdb"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty store of each kind; buckets are in the faults."""
    with ExitStack() as stack:
        if request.param == "postgres":
            made: Postgres = request.getfixturevalue("postgres")
            yield made.empty_database()
        elif request.param == "harperdb":
            yield stack.enter_context(Harper(tmp_path / "harper.sqlite3")).address
        else:
            yield f"{'chdb://' if request.param == 'clickhouse' else ''}{tmp_path / 'copy'}"


def made(address: str, name: str = "warehouse") -> Sink:
    return feeding.add(name=name, address=address, now_ms=0)


def compared(sink: Sink, store: Store) -> dict[str, tuple[int, int, int]]:
    sink.refresh_from_db()
    with feeding.opened(sink) as target:
        found = feeding.compare(sink, store, target, archive=django_settings.PLAYHEAD_ARCHIVE)
    return {one.table: (one.due, one.rows, one.different) for one in found}


def test_everything_once_and_what_comes_later(address: str, more: Callable[[int], None], store: Store) -> None:
    more(60)
    sink = made(address)
    brought = feeding.once(sink)
    assert brought > 60
    assert feeding.once(sink) == 0
    more(30)
    assert feeding.lag(sink, store) > 0
    assert feeding.once(sink) > 0
    assert feeding.lag(sink, store) == 0
    for table, (due, rows, different) in compared(sink, store).items():
        assert due == rows == different > 0, table
    sink.refresh_from_db()
    assert sink.rows >= brought


def test_a_position_that_was_not_written_down_doubles_nothing(
    address: str, more: Callable[[int], None], store: Store
) -> None:
    more(60)
    sink = made(address)
    feeding.once(sink)
    for position in (0, sink.position // 2):
        feeding.kept(sink, position=position, rows=0)
        feeding.once(sink)
    for table, (due, rows, different) in compared(sink, store).items():
        assert due == rows == different > 0, table


def test_rows_that_are_missing_are_found(address: str, more: Callable[[int], None], store: Store) -> None:
    """The comparison can fail: what was never put is named."""
    more(60)
    sink = made(address)
    with closing(open_store(django_settings.TRACKING_DATABASE)) as reading, feeding.opened(sink) as target:
        put = target.put
        pieces = iter(range(100))
        setattr(target, "put", lambda piece: None if next(pieces) == 1 else put(piece))  # noqa: B010 - a planted bug
        feeding.feed(sink, reading, target, archive=django_settings.PLAYHEAD_ARCHIVE, rows=20)
        found = feeding.compare(sink, reading, target, archive=django_settings.PLAYHEAD_ARCHIVE)
    assert not all(one.holds for one in found)


def test_one_that_is_away_delays_nothing(more: Callable[[int], None], store: Store, tmp_path: Path) -> None:
    """A store that refuses, and one that takes the connection and never answers, beside one that works."""
    more(30)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = made(f"harperdb+http://a:b@127.0.0.1:{silent.getsockname()[1]}/school", "hangs")
        refuses = made("harperdb+http://a:topsecret@127.0.0.1:9/school", "refuses")
        works = made(str(tmp_path / "copy"), "works")
        with Feeders(every_s=0.1):
            until = time.monotonic() + 60
            while feeding.lag(works, store) or not refuses.failures:
                assert time.monotonic() < until
                works.refresh_from_db()
                refuses.refresh_from_db()
                time.sleep(0.05)
    hangs.refresh_from_db()
    assert hangs.position == refuses.position == 0
    assert "ConnectError" in refuses.last_error
    assert refuses.failing_since is not None
    assert all(due == rows == different for due, rows, different in compared(works, store).values())


def test_it_is_tried_ever_later_within_bounds(db: None) -> None:
    sink = made("/srv/copy")
    waits = []
    for _ in range(12):
        waits.append(feeding.failed(sink, OSError("full"), now_ms=1_000))
        sink.refresh_from_db()
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 600
    assert (sink.failing_since, sink.next_at, sink.last_error) == (1_000, 601_000, "OSError: full")
    feeding.well(sink, now_ms=2_000)
    sink.refresh_from_db()
    assert (sink.failures, sink.last_error, sink.last_ok_at, sink.next_at) == (0, "", 2_000, 0)


def test_a_password_is_shown_nowhere(db: None) -> None:
    sink = made("postgresql://play:top%2Fsecret@db.example/warehouse")
    assert sink.shown == "postgresql://play:…@db.example/warehouse"
    assert "secret" not in sink.address
    assert unseal(sink.address) == "postgresql://play:top%2Fsecret@db.example/warehouse"
    feeding.failed(sink, OSError("no: play:top%2Fsecret or top/secret"), now_ms=0)
    sink.refresh_from_db()
    assert "secret" not in sink.last_error


@pytest.mark.parametrize(
    "address",
    ["", "warehouse", "relative/folder", "https://example.org", "mysql://a/b", "clickhouse:///x", "s3://", "s3://a:b@",
     "harperdb://host:port/", "clickhouse://host:99999/"],
)  # fmt: skip
def test_what_names_no_store_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        checked(address)


def test_addresses_without_passwords_stay_as_they_are() -> None:
    assert without_password("/srv/copy") == "/srv/copy"
    assert without_password("s3://bucket/prefix?endpoint=http://x") == "s3://bucket/prefix?endpoint=http://x"


def test_a_name_is_taken_once(db: None) -> None:
    made("/srv/copy")
    with pytest.raises(Invalid):
        made("/srv/other")


def test_one_feeds_at_a_time(settings: Any, tmp_path: Path) -> None:
    settings.PLAYHEAD_DATA = tmp_path
    sink = made(str(tmp_path / "copy"))
    with feeding.alone(sink), pytest.raises(Unavailable), feeding.alone(sink):
        pass
