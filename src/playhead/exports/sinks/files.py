"""A folder or a bucket as a sink: a Parquet file for each table and part of the archive.

The name says which journal rows are in it, so a file that is written again takes the place of itself. Readers take
every file they find: `read_parquet('.../events/*.parquet')`.
"""

import tempfile
from pathlib import Path
from typing import Final

from playhead.analytics.parquet import engine, listed, load, write
from playhead.analytics.shape import ORDER, TABLES
from playhead.exports.places import Folder, Place
from playhead.exports.sinks.pieces import KEYS, Piece

_SUFFIX: Final = ".parquet"


class Files:
    whole_parts = True

    def __init__(self, place: Place) -> None:
        self._place = place

    def prepare(self) -> None:
        for table in TABLES:
            if isinstance(self._place, Folder):
                self._place.sweep(table)

    def put(self, piece: Piece) -> None:
        with tempfile.TemporaryDirectory(prefix="playhead-sink-") as name, engine(Path(name) / "spill") as connection:
            for table, columns in TABLES.items():
                load(connection, table, columns, piece.rows(table), scratch=Path(name))
                query = f"SELECT * FROM {table} ORDER BY {ORDER[table]}"  # noqa: S608 - our own names
                written = write(connection, query, Path(name), f"{table}{_SUFFIX}")
                if written.rows:
                    self._place.put(f"{table}/{piece.name}{_SUFFIX}", Path(name) / written.path)

    def held(self, table: str, *, upto: int) -> tuple[int, int]:
        with tempfile.TemporaryDirectory(prefix="playhead-sink-") as name, engine(Path(name) / "spill") as connection:
            names = sorted(found for found in self._place.names(table) if found.endswith(_SUFFIX))
            files = [Path(name) / f"{number}{_SUFFIX}" for number, _ in enumerate(names)]
            for found, file in zip(names, files, strict=True):
                self._place.fetch(found, file)
            if not files:
                return 0, 0
            [(rows, different)] = connection.execute(
                f"SELECT count(*), count(DISTINCT ({', '.join(KEYS[table])})) FROM read_parquet({listed(files)}) "  # noqa: S608
                f"WHERE journal_id <= {upto}"
            ).fetchall()
            return int(rows), int(different)

    def close(self) -> None:
        """Nothing stays open."""
