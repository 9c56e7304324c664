"""A stretch of days, as people ask for it: days of receipt, in UTC, both included."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

_FIRST: Final = "0001-01-01"
_LAST: Final = "9999-12-31"
_LATEST_MS: Final = 253_402_300_800_000


@dataclass(frozen=True, slots=True)
class Period:
    """`first` and `last` are ISO 8601, which sorts as time goes."""

    first: str = _FIRST
    last: str = _LAST

    @classmethod
    def asked(cls, first: str, last: str) -> Self:
        """As somebody typed it; what is no date bounds nothing."""
        return cls(_day(first) or _FIRST, _day(last) or _LAST)

    def holds(self, day: str) -> bool:
        return self.first <= day <= self.last

    @property
    def since_ms(self) -> int:
        return 0 if self.first == _FIRST else _midnight_ms(date.fromisoformat(self.first))

    @property
    def until_ms(self) -> int:
        """The end of the last day."""
        return _LATEST_MS if self.last == _LAST else _midnight_ms(date.fromisoformat(self.last) + timedelta(days=1))


ALWAYS: Final = Period()


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
