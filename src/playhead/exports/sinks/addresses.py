"""Which store an address names."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from playhead.core.errors import Invalid, PlayheadError
from playhead.exports.places import place_at
from playhead.exports.sinks.pieces import Target


def open_target(address: str) -> Target:
    """Connect. Raises what the store's library does."""
    try:
        return _OPENERS[checked(address)](address)
    except ImportError as missing:
        raise PlayheadError("extra_missing", f"This sink needs a package: {missing}.") from missing


def checked(address: str) -> str:
    """The scheme. Raises Invalid for an address that names no store."""
    try:
        parts = urlsplit(address)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError as error:
        raise Invalid("address_invalid", f"This is no address: {error}.") from None
    scheme = parts.scheme or ("file" if address.startswith("/") else "")
    if scheme not in _OPENERS:
        raise Invalid("address_invalid", f"A sink's address begins with one of {', '.join(_OPENERS)}, or is a folder.")
    if not port_is_one or (scheme in _HOSTS and not parts.hostname):
        raise Invalid("address_invalid", "The address names no host.")
    if scheme == "s3" and not parts.netloc.rpartition("@")[2]:
        raise Invalid("address_invalid", "A bucket is written s3://bucket/prefix.")
    return scheme


def without_password(address: str) -> str:
    """As it may be shown."""
    parts = urlsplit(address)
    if parts.password is None:
        return address
    return urlunsplit(parts._replace(netloc=f"{parts.username}:…@{parts.netloc.rpartition('@')[2]}"))


def _clickhouse(address: str) -> Target:
    from playhead.exports.sinks.clickhouse import ClickHouse

    return ClickHouse(address)


def _postgres(address: str) -> Target:
    from playhead.exports.sinks.postgres import Postgres

    return Postgres(address)


def _harperdb(address: str) -> Target:
    from playhead.exports.sinks.harperdb import HarperDB

    return HarperDB(address)


def _files(address: str) -> Target:
    from playhead.exports.sinks.files import Files

    return Files(place_at(address))


_OPENERS: Final[Mapping[str, Callable[[str], Target]]] = {
    "clickhouse": _clickhouse,
    "clickhouse+http": _clickhouse,
    "chdb": _clickhouse,
    "postgresql": _postgres,
    "harperdb": _harperdb,
    "harperdb+http": _harperdb,
    "s3": _files,
    "file": _files,
}
_HOSTS: Final = frozenset({"clickhouse", "clickhouse+http", "harperdb", "harperdb+http"})
