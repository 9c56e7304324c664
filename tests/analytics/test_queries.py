"""Each named query gives what its slow twin gives, on DuckDB and ClickHouse's own engine, on made and on real data."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import clickhouse_connect
import pytest
from click.testing import CliRunner
from django.conf import settings

from playhead.analytics import clickhouse, lake
from playhead.analytics.lake import open_lake
from playhead.analytics.queries import Answer, Query, catalogue, run
from playhead.analytics.sealer import Habits, Sealer
from playhead.analytics.shape import TABLES
from playhead.cli import main
from playhead.recorder.databases import open_store
from playhead.recorder.recorder import Recorder
from tests.analytics import twin
from tests.analytics.watching import watch_in_every_way
from tests.shared import STATEMENTS, WITHOUT_STATEMENTS
from tests.world import World

pytestmark = pytest.mark.timeout(300)
MOST_QUERIES = 25
TRACKING = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


@dataclass(frozen=True, slots=True)
class Engines:
    """Both engines over the same lake, and the raw rows for the twin."""

    raw: twin.Raw
    duckdb: Callable[..., Answer]
    clickhouse: Callable[..., Answer]

    def wrong(self) -> list[str]:
        """Each query, asked in every way, whose answer is not the twin's, with the engine; and how it differs."""
        found = []
        videos = sorted({line.video for line in self.raw.lines})
        for query in catalogue().values():
            for values in asked(query, videos):
                golden = rounded(twin.TWINS[query.name](self.raw, **values))
                for engine in (self.duckdb, self.clickhouse):
                    rows = rounded(engine(query.name, **values).rows)
                    if rows != golden:
                        pairs = [pair for pair in zip(rows, golden, strict=False) if pair[0] != pair[1]][:2]
                        found.append(f"{query.name} {values} {engine}: {len(rows)} rows, not {len(golden)}: {pairs}")
        return found


def asked(query: Query, videos: list[str]) -> list[dict[str, str]]:
    choices = {"video": videos, "kind": ["credit", "imported"]}
    names = [name for name, _type in query.params]
    return [dict(zip(names, values, strict=True)) for values in product(*(choices[name] for name in names))]


def rounded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Whole numbers as int, whatever each engine's sums come as."""
    return [tuple(int(value) if isinstance(value, (int, float)) else str(value) for value in row) for row in rows]


def over(database: str, folder: Path, recorder: Recorder, stack: ExitStack) -> Engines:
    """Seal everything, and open the lake with both."""
    habits = Habits(archive=folder / "archive", lake=folder / "lake", rows=5_000, after_s=0)
    store = stack.enter_context(closing(open_store(database)))
    sealer = Sealer(recorder, database, habits)
    while sealer.turn(store):
        pass
    lake_connection = stack.enter_context(open_lake(reader=store, folder=habits.lake))
    client = clickhouse_connect.get_client(interface="chdb")
    stack.callback(client.close)  # the engine has one place a process: others want theirs on disk
    for table in TABLES:
        client.command(f"DROP TABLE IF EXISTS {table}")
    clickhouse.create_tables(client)
    for file in lake.files(store):
        clickhouse.load_files(client, file.dataset, [habits.lake / file.path])
    return Engines(
        twin.read(database),
        lambda name, **values: run(lake_connection, name, **values),
        lambda name, **values: clickhouse.run(client, name, **values),
    )


def test_each_has_a_comment_and_a_twin() -> None:
    assert catalogue().keys() == twin.TWINS.keys()
    assert len(catalogue()) <= MOST_QUERIES
    for query in catalogue().values():
        assert query.about.endswith("."), query.name
        assert query.rows.startswith("one "), query.name
        assert query.cost, query.name
        assert all(f":{name}" in query.text for name, _type in query.params), query.name


def test_on_viewers_of_every_kind(tracking_file: Path, tmp_path: Path) -> None:
    with World(str(tracking_file)) as world, ExitStack() as stack:
        watch_in_every_way(world, Random(11), batches=150)
        engines = over(world.database, tmp_path, world.recorder, stack)
        assert engines.wrong() == []
        for name in ("speeds", "waits", "startup", "seeks", "pauses"):
            assert engines.duckdb(name, video="film").rows, name
        assert len(engines.duckdb("environments", video="film").rows) > 1
        assert engines.duckdb("rewatched", video="film", kind="credit").rows


def test_a_planted_error_is_caught(tracking_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with World(str(tracking_file)) as world, ExitStack() as stack:
        watch_in_every_way(world, Random(12), batches=60)
        engines = over(world.database, tmp_path, world.recorder, stack)
        broken = catalogue()["second_counts"]
        planted = replace(broken, text=broken.text.replace("+ 499", "+ 999"))
        monkeypatch.setitem(catalogue(), "second_counts", planted)
        assert any(said.startswith("second_counts") for said in engines.wrong())


@TRACKING
def test_on_the_simulated_class(transactional_db: None, tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["simulate", "--students", "30", "--videos", "2"]).exit_code == 0
    with Recorder(settings.TRACKING_DATABASE) as recorder, ExitStack() as stack:
        engines = over(settings.TRACKING_DATABASE, tmp_path, recorder, stack)
        assert len(engines.raw.lines) > 100
        assert engines.wrong() == []


@TRACKING
@pytest.mark.skipif(not STATEMENTS.is_file(), reason=WITHOUT_STATEMENTS)
def test_on_the_imported_real_statements(transactional_db: None, tmp_path: Path) -> None:
    CliRunner().invoke(main, ["import", "xapi", str(STATEMENTS)])
    with Recorder(settings.TRACKING_DATABASE) as recorder, ExitStack() as stack:
        engines = over(settings.TRACKING_DATABASE, tmp_path, recorder, stack)
        assert len(engines.raw.playbacks) > 1_000
        assert engines.wrong() == []
        assert len(engines.duckdb("imported_totals").rows) == 10
