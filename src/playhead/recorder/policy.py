"""What a playback is opened under. Copied into its own row, so that an audit sees later what held then."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rates in thousandths, the part in media milliseconds, the window in epoch milliseconds; both half-open."""

    max_rate: int = 2000
    threshold_percent: int = 95
    no_skip: bool = False
    part: tuple[int, int] | None = None
    window: tuple[int, int] | None = None
    needs_visible: bool = False
    delivery_is_evidence: bool = False
    preview: bool = False  # a teacher looks: credited as ever, and kept out of the class's figures

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Policy":
        pairs = {name: tuple(kept[name]) for name in ("part", "window") if kept[name] is not None}
        return cls(**(kept | pairs))
