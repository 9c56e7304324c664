"""Prompts that ask whether anybody is there: when each is due, which name it has, and what an unanswered one costs.

Drawn when the playback is opened: times and names follow from a seed that stays with the server, so a replay asks the
same questions, and nobody can answer one that was not asked yet. A hint, not a proof: a program can press a button too.
"""

from collections.abc import Collection
from hashlib import sha256
from typing import Final, NamedTuple

from playhead.core import limits

_SPAN: Final = 2**32


class Presence(NamedTuple):
    """The last prompt asked, when (epoch ms), and the last one answered; prompts are numbered from 1."""

    asked: int = 0
    asked_at: int = 0
    answered: int = 0

    @property
    def waits(self) -> bool:
        return self.asked > self.answered

    def heard(self, seed: str, names: Collection[str]) -> "Presence":
        """After a batch that brought these names back."""
        return self._replace(answered=self.asked) if self.waits and name(seed, self.asked) in names else self

    def asking(self, seed: str, every_s: int, *, opened_at: int, now: int) -> "Presence":
        """After a batch in which something played: a prompt that has come due is asked, and never two at a time."""
        number = due(seed, every_s, now - opened_at)
        return self if self.waits or number <= self.answered else Presence(number, now, self.answered)

    def until_ms(self, opened_at: int) -> int | None:
        """Playback wall ms up to which claims are credited; None while no prompt waits."""
        return self.asked_at + limits.PRESENCE_ANSWER_MS - opened_at if self.waits else None


UNASKED: Final = Presence()


def due(seed: str, every_s: int, at_ms: int) -> int:
    """The newest prompt that is due by this playback wall time: one falls into the second half of each interval."""
    every_ms = every_s * 1000
    number = max(0, at_ms) // every_ms + 1
    drawn_ms = _drawn(seed, number) * (every_ms // 2) // _SPAN
    due_ms = number * every_ms - every_ms // 2 + drawn_ms
    return number if at_ms >= due_ms else number - 1


def name(seed: str, number: int) -> str:
    return sha256(f"{seed}/name/{number}".encode()).hexdigest()[:16]


def _drawn(seed: str, number: int) -> int:
    return int.from_bytes(sha256(f"{seed}/time/{number}".encode()).digest()[:4])
