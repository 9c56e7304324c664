"""Named questions to the lake: one file each, in SQL that DuckDB and ClickHouse both read as it stands.

A file says in its comment what a row is, in which units, what it is asked with and what it costs. A value is written
`:name`, and handed over as a parameter, never put into the text.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import duckdb

_HEADS: Final = ("rows", "params", "cost")
_VALUE: Final = re.compile(r"(?<![:\w\"]):([a-z_]+)")
_PARAMS: Final = re.compile(r"(\w+) (String|Int64)")


@dataclass(frozen=True, slots=True)
class Query:
    """A question: `about`, `rows` and `cost` in words, `params` as (name, ClickHouse's type)."""

    name: str
    about: str
    rows: str
    cost: str
    params: tuple[tuple[str, str], ...]
    text: str

    @property
    def for_duckdb(self) -> str:
        return _VALUE.sub(r"$\1", self.text)

    @property
    def for_clickhouse(self) -> str:
        kinds = dict(self.params)
        return _VALUE.sub(lambda found: f"{{{found[1]}:{kinds[found[1]]}}}", self.text)


@dataclass(frozen=True, slots=True)
class Answer:
    columns: list[str]
    rows: list[tuple[Any, ...]]


@cache
def catalogue() -> dict[str, Query]:
    """All of them by name, in the order of their names."""
    found = (file for file in files(__name__).iterdir() if file.name.endswith(".sql"))
    queries = [_parsed(file.name.removesuffix(".sql"), file.read_text()) for file in found]
    return {query.name: query for query in sorted(queries, key=lambda query: query.name)}


def run(connection: duckdb.DuckDBPyConnection, name: str, **values: object) -> Answer:
    """Ask one of them of an opened lake (`lake.open_lake`). Raises KeyError for a name that is none."""
    done = connection.execute(catalogue()[name].for_duckdb, values or None)
    return Answer([column[0] for column in done.description or ()], done.fetchall())


def _parsed(name: str, text: str) -> Query:
    comment = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    told: dict[str, list[str]] = {"about": []}
    head = "about"
    for line in comment:
        if (start := line.partition(": ")[0]) in _HEADS:
            head, line = start, line.partition(": ")[2]
        told.setdefault(head, []).append(line)
    said = {key: " ".join(lines) for key, lines in told.items()}
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return Query(name, said["about"], said["rows"], said["cost"], tuple(_PARAMS.findall(said["params"])), body)
