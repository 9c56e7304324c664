"""What a playback is opened under. Copied into its own row, so that an audit sees later what held then."""

from dataclasses import asdict, dataclass
from typing import Any, Final

FREE, COVERED, NONE = "free", "covered", "none"
SEEKING: Final = (FREE, COVERED, NONE)
NEWEST, OLDEST = "newest", "oldest"
CONCURRENT: Final = (NEWEST, OLDEST)
_TUPLES: Final = ("part", "window", "rates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rates in thousandths, the part in media milliseconds, the window in epoch milliseconds; both half-open.

    `seeking` other than free is held by delivery, by the player's controls, and by `no_skip`, which goes with it.
    `rates` are all that the player offers; None: any up to the highest. `plays` None: as often as one likes.
    """

    max_rate: int = 2000
    threshold_percent: int = 95
    no_skip: bool = False
    part: tuple[int, int] | None = None
    window: tuple[int, int] | None = None
    needs_visible: bool = False
    delivery_is_evidence: bool = False
    preview: bool = False  # a teacher looks: credited as ever, and kept out of the class's figures
    seeking: str = FREE
    rates: tuple[int, ...] | None = None
    plays: int | None = None
    concurrent: str = NEWEST  # which of a viewer's playbacks goes on where two play at once
    watermark: bool = False
    positions_inferred: bool = False  # the player tells positions now and then, and no seeks: a weaker evidence
    presence_every_s: int | None = None  # how often the viewer is asked whether they are there; None: never
    presence_seed: str = ""  # what the times and names of those questions are drawn from: never leaves the server

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Policy":
        pairs = {name: tuple(kept[name]) for name in _TUPLES if kept.get(name) is not None}
        return cls(**(kept | pairs))
