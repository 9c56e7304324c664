"""What all tests share: a data folder of their own, real databases, and a clock they turn by hand."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from playhead.recorder import service
from playhead.recorder.recorder import Recorder
from tests.postgres import Postgres
from tests.world import HandClock, World

# New examples on every run, in CI too, where Hypothesis would repeat the same ones; a failure prints how to repeat it.
hypothesis_settings.register_profile("playhead", deadline=None, derandomize=False, print_blob=True)
hypothesis_settings.load_profile("playhead")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """The databases of the default deployment, as files: the recorder's thread writes one, the site the other."""
    with django_db_blocker.unblock():
        for alias in ("default", "tracking"):
            call_command("migrate", database=alias, verbosity=0)


@pytest.fixture(scope="session")
def tracking_template(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty tracking file with all its tables, to be copied."""
    template = tmp_path_factory.mktemp("template") / "tracking.sqlite3"
    with closing(sqlite3.connect(settings.TRACKING_DATABASE)) as made, closing(sqlite3.connect(template)) as copy:
        made.backup(copy)
    return template


@pytest.fixture
def tracking_file(tracking_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tracking_template, tmp_path / "tracking.sqlite3"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        running.forgo_durability()
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """An empty tracking database of this test's own: the path of a SQLite file, or a PostgreSQL URL."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("tracking_file"))
    made: str = request.getfixturevalue("postgres").new_database()
    return made


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """Collector and recorder over a tracking database of this test's own, with a clock turned by hand."""
    with World(database) as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def recorder(transactional_db: None, clock: HandClock) -> Iterator[Recorder]:
    """A running recorder over the site's tracking file, as the process's own.

    For tests marked `django_db(transaction=True, databases=["default", "tracking"])`.
    """
    with Recorder(settings.TRACKING_DATABASE, clock=clock) as running:
        service.install(running)
        yield running
        service.uninstall(running)
