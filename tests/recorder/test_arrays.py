"""Arrays as PostgreSQL reads them: each value comes back as it went."""

from typing import Any

import psycopg
import pytest

from playhead.recorder import arrays
from tests.postgres import Postgres

_VALUES: dict[str, list[Any]] = {
    "bigint": [0, -1, 2**63 - 1, -(2**63)],
    "integer": [0, -1, 2**31 - 1, -(2**31)],
    "bytea": [b"", b"\\\x00\xff{}", b"x" * 100_000],
    "text": ["", '{NULL,"a}', "back\\slash", "ß \N{SNOWMAN}"],
    "character varying": ["NULL", "a,b"],
    "boolean": [True, False],
}


@pytest.mark.postgres
@pytest.mark.parametrize("type", _VALUES)
def test_each_value_comes_back_as_it_went(postgres: Postgres, type: str) -> None:
    with psycopg.connect(postgres.new_database()) as connection:
        arrays.register(connection)
        for values in (_VALUES[type], [None, *_VALUES[type], None], [None], []):
            asked = f"SELECT value FROM unnest(%s::{type}[]) WITH ORDINALITY AS t(value, at) ORDER BY at"
            found: list[tuple[Any, ...]] = connection.execute(asked.encode(), [arrays.of(type, values)]).fetchall()
            assert [row[0] for row in found] == values


def test_a_type_that_no_table_has_is_an_error() -> None:
    with pytest.raises(LookupError):
        arrays.of("money", [1])
