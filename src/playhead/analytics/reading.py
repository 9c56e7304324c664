"""Whoever can be asked with the recorder's statements: a store, or the site's own connection."""

from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.db import connections

from playhead.recorder.store import Row


class Reader(Protocol):
    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]: ...


class Site:
    """The site's own connection to the tracking tables."""

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        with connections["tracking"].cursor() as open_cursor:
            open_cursor.execute(statement.replace("?", "%s"), cast("list[Any]", values))
            return list(open_cursor.fetchall())
