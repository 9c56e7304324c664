"""A large tracking file out of a small one: every viewer's rows again and again, under other keys."""

import sqlite3
from contextlib import closing

_KEYS = {
    "recorder_viewer": {"id": "viewer", "key": "name"},
    "recorder_playback": {"id": "playback", "key": "name", "viewer_id": "viewer"},
    "recorder_journal": {"id": "journal", "playback_id": "playback", "viewer_id": "viewer"},
    "recorder_ledgerline": {"journal_id": "journal", "playback_id": "playback", "viewer_id": "viewer"},
    "recorder_progress": {"viewer_id": "viewer"},
}


def multiply(database: str, times: int) -> None:
    """Make the file `times` as large. Copy number k of key `x` is `x.k`. No server may run."""
    with closing(sqlite3.connect(database, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous=OFF")
        steps = {
            name: file.execute(f"SELECT COALESCE(MAX(id), 0) FROM recorder_{name}").fetchone()[0]
            for name in ("viewer", "playback", "journal")
        }
        file.execute(
            "CREATE TEMP TABLE copies AS WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n "
            f"WHERE k < {times - 1}) SELECT k FROM n"
        )
        file.execute("BEGIN")
        for table, keys in _KEYS.items():
            columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
            chosen = ", ".join(_expression(column, keys.get(column), steps) for column in columns)
            names = ", ".join(f'"{column}"' for column in columns)
            # The copies outside: rows arrive in the order of their keys.
            file.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM copies CROSS JOIN {table} t")
        file.execute("COMMIT")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _expression(column: str, key: str | None, steps: dict[str, int]) -> str:
    if key is None:
        return f't."{column}"'
    return f"t.\"{column}\" || '.' || k" if key == "name" else f't."{column}" + k * {steps[key]}'
