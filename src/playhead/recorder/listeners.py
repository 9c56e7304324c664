"""Who hears of a playback, and what they were not told yet: columns of the playback's own row."""

from dataclasses import dataclass
from typing import Self

from playhead.core.sections import EMPTY, Sections
from playhead.recorder.store import Row


@dataclass(slots=True)
class Listeners:
    """`integration` is the other system it was opened for, or None on our own pages; `progress_every_s` None: nobody
    listens. `external_viewer` is that system's own name for the viewer, `environment` JSON about where it plays.
    """

    integration: str | None = None
    progress_every_s: int | None = None
    external_viewer: str = ""
    environment: str = ""
    # When the last message left, or playing began.
    reported_at: int | None = None
    # Credited for the first time, and in no message yet.
    untold: Sections = EMPTY
    # The stretch that plays now, from where the last message left it; None before the first credit.
    section: tuple[int, int] | None = None

    COLUMNS = (
        "integration, progress_every_s, external_viewer, environment, reported_at, untold, section_start_ms, "
        "section_end_ms"
    )
    MOVING = "reported_at, untold, section_start_ms, section_end_ms"

    @classmethod
    def from_row(cls, columns: Row) -> Self:
        untold = Sections.unpack(bytes(columns[5])) if columns[5] else EMPTY
        integration, every_s, external_viewer, environment, reported_at, _packed, start_ms, end_ms = columns
        section = None if start_ms is None else (start_ms, end_ms)
        return cls(integration, every_s, external_viewer, environment, reported_at, untold, section)

    def to_row(self) -> Row:
        return self.integration, self.progress_every_s, self.external_viewer, self.environment, *self.moving()

    def moving(self) -> Row:
        return self.reported_at, self.untold.pack(), *(self.section or (None, None))

    @property
    def has_news(self) -> bool:
        """Whether anything was credited since the last message."""
        return bool(self.untold) or (self.section is not None and self.section[0] < self.section[1])
