"""Columns of values as PostgreSQL's binary arrays, packed in one go: the library's own go through each value in Python.

https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES: dimensions, whether there are
NULLs, the elements' type, then for the one dimension its length and first index, then each element behind its length.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = struct.Struct("!iiIii")
_NULL: Final = b"\xff\xff\xff\xff"
_NUMBER: Final = struct.Struct("!iq")
_LENGTH: Final = struct.Struct("!i")


class Array:
    """Values of one column, packed already."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        self.packed = packed


class Numbers(Array): ...


class Bytes(Array): ...


class Texts(Array): ...


class Flags(Array): ...


class _Packed(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.packed


class _Numbers(_Packed):
    oid = 1016  # bigint[]: a narrower column is cast in the statement


class _Bytes(_Packed):
    oid = 1001


class _Texts(_Packed):
    oid = 1009


class _Flags(_Packed):
    oid = 1000


def register(connection: "psycopg.Connection[Any]") -> None:
    """Let this connection take arrays."""
    for kind, dumper in ((Numbers, _Numbers), (Bytes, _Bytes), (Texts, _Texts), (Flags, _Flags)):
        connection.adapters.register_dumper(kind, dumper)


def of(type: str, values: Sequence[Any]) -> Array:
    """A column's values, None among them, for a column of this type as `information_schema` names it.

    Raises LookupError for a type that no table of ours has.
    """
    return _KINDS[type](values)


def _numbers(values: Sequence[int | None]) -> Numbers:
    if None in values:
        return Numbers(_packed(20, values, lambda number: _NUMBER.pack(8, number)))
    flat = [number for value in values for number in (8, value)]
    return Numbers(_HEAD.pack(1, 0, 20, len(values), 1) + struct.pack("!" + "iq" * len(values), *flat))


def _bytes(values: Sequence[bytes | None]) -> Bytes:
    return Bytes(_packed(17, values, _measured))


def _texts(values: Sequence[str | None]) -> Texts:
    return Texts(_packed(25, values, lambda text: _measured(text.encode())))


def _flags(values: Sequence[bool | None]) -> Flags:
    return Flags(_packed(16, values, lambda flag: _measured(b"\1" if flag else b"\0")))


def _measured(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


def _packed(oid: int, values: Sequence[Any], pack: Callable[[Any], bytes]) -> bytes:
    parts = [_NULL if value is None else pack(value) for value in values]
    return _HEAD.pack(1, int(None in values), oid, len(values), 1) + b"".join(parts)


_KINDS: Final[dict[str, Callable[[Sequence[Any]], Array]]] = {
    "bigint": _numbers,
    "integer": _numbers,
    "bytea": _bytes,
    "text": _texts,
    "character varying": _texts,
    "boolean": _flags,
}
