"""`verify` and `rebuild`: every number again, from the journal alone."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.side_by_side import Crew, Place, Viewers, crew
from playhead.cli.terminal import start_django
from playhead.core.errors import Conflict

if TYPE_CHECKING:
    from playhead.analytics.rollups import Counted, Share
    from playhead.recorder.replay import Difference
    from playhead.recorder.store import Store


@click.command(short_help="Recompute the ledger from the journal and compare, byte for byte.")
def verify() -> None:
    """Recompute every viewer's ledger from the journal, and compare it with what is stored, byte for byte.

    Progress, time spent and the class's sums (seconds and events, as far as the follower has come) are compared too;
    so is the archive with the journal, row by row, and the lake with both.
    It changes nothing and may run while a server runs: each viewer is looked at as of one moment, and nobody waits
    for it; all processors take part. For each viewer that differs it says where first: viewer, video, journal id, line
    and column.

    \b
    Example:
      playhead verify && echo "every number can be recomputed"

    \b
    Exit codes:
      0  all equal
      1  something differs (`playhead rebuild` puts derived tables right; ask first who changed them)
      2  called wrongly
    """
    start_django()
    require_up_to_date()
    from playhead.recorder import replay
    from playhead.recorder.models import LedgerLine

    with _store() as store:
        listed = replay.viewers(store)
        with crew(len(listed)) as hands:
            wrong = _viewers_that_differ(hands, listed)
            sums = _sums_that_differ(hands, store)
        stray, sealed = replay.stray_lines(store), _sealed_that_differs(store)
    for difference in [*wrong, *map(_stray, stray), *(f"class sum {name}" for name in sums), *sealed]:
        click.echo(difference)
    if stray:
        raise click.ClickException(f"{len(stray):,} ledger lines have no journal row behind them.")
    if wrong:
        raise click.ClickException(f"{len(wrong):,} of {len(listed):,} viewers differ from what the journal gives.")
    if sums:
        raise click.ClickException(
            f"{len(sums):,} sums of the class differ: `playhead rebuild --sums` makes them anew."
        )
    if sealed:
        raise click.ClickException(
            "Archive or lake is not what it should be; `playhead rebuild analytics` makes the lake anew."
        )
    lines = LedgerLine.objects.count()
    click.echo(f"{len(listed):,} viewers, {lines:,} ledger lines: all equal to what the journal gives.")


@click.command(short_help="Recompute the ledger from the journal and replace it.")
@click.argument("what", type=click.Choice(["all", "analytics"]), default="all")
@click.option("--sums", is_flag=True, help="Only the class's sums per second and event, which follow from the ledger.")
def rebuild(*, what: str, sums: bool) -> None:
    """Recompute every viewer's ledger from the journal, and replace the derived tables by it.

    The journal, with the archive of what was sealed, is the truth: ledger, progress and time spent follow from it and
    are written anew where they differ, on all processors; then the class's sums and the lake. With `analytics`, sums
    and lake alone. No server may run on the folder meanwhile. What differed is listed.

    \b
    Example:
      playhead verify || playhead rebuild
      playhead rebuild analytics

    \b
    Exit codes:
      0  rebuilt (whether or not anything had differed)
      1  a server uses the folder, or the journal itself cannot be read
      2  called wrongly
    """
    start_django()
    require_up_to_date()
    from playhead.cli.recording import owned
    from playhead.recorder import replay

    with owned(), _store() as store:
        listed = replay.viewers(store)
        with crew(len(listed)) as hands:
            said = [] if sums or what == "analytics" else [_rebuild_ledger(hands, store, listed)]
            said.append(_rebuild_sums(hands, store))
        if not sums:
            said.append(_rebuild_lake(store))
    click.echo("\n".join(said))


def _rebuild_ledger(hands: Crew, store: "Store", listed: Viewers) -> str:
    """All viewers, each replayed once; returns what was done, in words."""
    from playhead.recorder import replay

    lines = differed = 0
    for stray in replay.remove_stray_lines(store):
        click.echo(_stray(stray))
    for count, difference in hands.for_all(_rebuild_some, listed, label="Rebuilding viewers"):
        lines += count
        if difference is not None:
            differed += 1
            click.echo(_said(difference))
    return f"{len(listed):,} viewers, {lines:,} ledger lines rebuilt; {differed:,} viewers had differed."


def _rebuild_some(place: Place, some: Viewers) -> "list[tuple[int, Difference | None]]":
    from playhead.recorder import replay

    return replay.rebuild(place.store, some, bodies=place.bodies)


def _rebuild_sums(hands: Crew, store: "Store") -> str:
    from playhead.analytics import rollups
    from playhead.recorder.clock import SystemClock

    last = rollups.rebuild(store, now_ms=SystemClock().now_ms(), count=partial(_counted, hands))
    return f"Sums of the class rebuilt, up to journal id {last:,}."


def _counted(hands: Crew, upto: int) -> "Iterable[Counted]":
    """Ledger and journal counted side by side, each process its share of the playbacks."""
    mask = (1 << (hands.size - 1).bit_length()) - 1
    return hands.each(_count_share, [(upto, (mask, part)) for part in range(mask + 1)])


def _count_share(place: Place, asked: "tuple[int, Share]") -> "Counted":
    from playhead.analytics import archive, rollups

    def bodies(ids: Sequence[int]) -> dict[int, bytes]:
        return archive.bodies(place.store, place.archive, ids)

    upto, share = asked
    return rollups.counted(place.store, upto=upto, share=share, bodies=bodies)


def _rebuild_lake(store: "Store") -> str:
    from django.conf import settings

    from playhead.analytics import lake

    events = lake.rebuild(store, archive=settings.PLAYHEAD_ARCHIVE, lake=settings.PLAYHEAD_LAKE)
    return f"Lake rebuilt from the archive: {events:,} events."


def _viewers_that_differ(hands: Crew, listed: Viewers) -> list[str]:
    return list(filter(None, hands.for_all(_verify_some, listed, label="Verifying viewers")))


def _verify_some(place: Place, some: Viewers) -> list[str | None]:
    return [_first_difference(place, viewer_id, key) for viewer_id, key in some]


def _sums_that_differ(hands: Crew, store: "Store") -> list[str]:
    from playhead.analytics import rollups

    return rollups.differences(store, count=partial(_counted, hands))


def _sealed_that_differs(store: "Store") -> list[str]:
    from django.conf import settings

    from playhead.analytics import archive, lake

    return [
        *archive.differences(store, settings.PLAYHEAD_ARCHIVE),
        *lake.differences(store, archive=settings.PLAYHEAD_ARCHIVE, lake=settings.PLAYHEAD_LAKE),
    ]


@contextmanager
def _store() -> Iterator["Store"]:
    from django.conf import settings

    from playhead.recorder.databases import open_store

    with closing(open_store(settings.TRACKING_DATABASE)) as store:
        yield store


def _first_difference(place: Place, viewer_id: int, key: str) -> str | None:
    """Where a viewer's rows differ first, in words; a damaged journal is a difference too."""
    from playhead.recorder import replay

    try:
        difference = replay.first_difference(place.store, viewer_id, key, bodies=place.bodies)
    except Conflict as damaged:
        return damaged.detail
    return None if difference is None else _said(difference)


def _stray(place: tuple[int, int]) -> str:
    return f"journal {place[0]} line {place[1]}: no journal row backs this ledger line"


def _said(difference: "Difference") -> str:
    line = f" journal {difference.journal_id} line {difference.idx}" if difference.journal_id is not None else ""
    return (
        f"viewer {difference.viewer} video {difference.video or '-'}{line}: {difference.table}.{difference.column} "
        f"is {_short(difference.stored)}, the journal gives {_short(difference.recomputed)}"
    )


def _short(value: object) -> str:
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 80 else f"{text[:80]}… ({len(text)} characters)"
