"""Who fetches nothing earns nothing, who claims too much earns what a clock allows, and who watches earns all of it.

At length, with a minute's outage: `make bench ONLY=robots`.
"""

from pathlib import Path

import pytest

from tests.e2e.robots import table
from tests.e2e.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_robots_earn_what_the_clock_allows_and_honest_viewers_all(server: Server, tmp_path: Path) -> None:
    rows = table(server, tmp_path, wait_ms=2_000, outage_s=4, apart_s=3)

    assert [row for row in rows if not row.holds] == []
    without_media, *others = rows
    assert without_media.earned_ms == 0
    assert min(row.earned_ms for row in others) > 0
