"""Lists in pages, by cursor: what was there when a list was begun comes exactly once, whatever is added meanwhile."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

from playhead.core.errors import Invalid

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)

PAGE: Final = 50
MOST: Final = 200

Cursor = Annotated[
    str | None, Field(max_length=200, description="`next_cursor` of the page before; without it, the first page")
]
Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at most")]


class Page(Schema, Generic[Item]):
    """A part of a list. `next_cursor` is null where it ends."""

    data: list[Item]
    next_cursor: str | None = Field(None)


def page_of(
    rows: QuerySet[Row], shown: Callable[[Sequence[Row]], Sequence[Any]], *, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of rows in the order in which they were made, as `shown` makes them for it."""
    if cursor is not None:
        [after] = place(cursor, 1)
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {"data": list(shown(found)), "next_cursor": cursor_at(found[-1].pk) if more else None}


def cursor_at(*numbers: int) -> str:
    return base64.urlsafe_b64encode(json.dumps(numbers).encode()).decode().rstrip("=")


def place(cursor: str, parts: int) -> list[int]:
    """The numbers in a cursor. Raises Invalid for one that was not made here."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        numbers = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise Invalid("cursor", "This cursor was not made here.") from None
    if not isinstance(numbers, list) or len(numbers) != parts or not all(type(n) is int for n in numbers):
        raise Invalid("cursor", "This cursor was not made here.")
    if any(abs(number) >= 2**63 for number in numbers):
        raise Invalid("cursor", "This cursor was not made here.")
    return numbers
