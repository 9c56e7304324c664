"""Which database a setting names."""

from playhead.recorder.sqlite import SqliteStore
from playhead.recorder.store import Store


def open_store(database: str) -> Store:
    """Open the tracking database: a PostgreSQL URL, or the path of a SQLite file."""
    if database.startswith(("postgresql://", "postgres://")):
        from playhead.recorder.postgres import PostgresStore

        return PostgresStore(database)
    return SqliteStore(database)
