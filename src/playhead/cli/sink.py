"""`sink`: other stores that get every sealed row."""

import time
from typing import TYPE_CHECKING

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.terminal import start_django, table

if TYPE_CHECKING:
    from playhead.exports.models import Sink


@click.group(short_help="Stream what is sealed to another store: ClickHouse, PostgreSQL, Parquet, HarperDB.")
def sink() -> None:
    """Stream what is sealed to another store, each row once.

    The worker (`playhead worker`, which `serve` starts beside itself) feeds every sink that is switched on. The admin's
    page "Sinks" shows how far each of them is.
    """


@sink.command(short_help="Add a sink.")
@click.argument("name")
@click.argument("address")
def add(name: str, address: str) -> None:
    """Add the store at ADDRESS as NAME. It gets everything that was ever sealed, and from then on what is.

    The address is kept encrypted; lists show it without its password.

    \b
    Addresses:
      clickhouse://user:password@host:8443/database     clickhouse+http:// without TLS (needs playhead[clickhouse])
      postgresql://user:password@host:5432/name?schema=playhead                      (needs playhead[postgres])
      s3://key:secret@bucket/prefix?endpoint=https://host&region=name                (needs playhead[s3])
      /srv/copy                                         a folder of this machine
      harperdb://user:password@host:9925/database       harperdb+http:// without TLS

    \b
    Example:
      playhead sink add warehouse 'postgresql://playhead:secret@db.school.example/warehouse'

    \b
    Exit codes: 0 added · 1 the name is taken, or the address names no store · 2 called wrongly
    """
    _start()
    from playhead.exports.sinks import feeding

    made = feeding.add(name=name, address=address, now_ms=_now_ms())
    click.echo(f"{made.name} is {made.shown}; the worker feeds it from now on.")


@sink.command("list", short_help="How far each sink is.")
def list_() -> None:
    """List the sinks: address, position in the journal, what waits, and the last error.

    \b
    Example:
      playhead sink list

    \b
    Exit codes: 0 listed, and none is failing · 1 one of them is failing · 2 called wrongly
    """
    _start()
    from contextlib import closing

    from django.conf import settings

    from playhead.exports.models import Sink
    from playhead.exports.sinks.feeding import lag
    from playhead.recorder.databases import open_store

    found = list(Sink.objects.all())
    if not found:
        click.echo("There are no sinks.")
        return
    with closing(open_store(settings.TRACKING_DATABASE)) as store:
        rows = [
            [one.name, str(one.position), str(lag(one, store)), str(one.rows), one.last_error or one.shown]
            for one in found
        ]
    click.echo(table(["sink", "journal row", "waiting", "rows brought", "address, or what is wrong"], rows))
    if any(one.failures for one in found):
        raise click.ClickException("Not every sink is well.")


@sink.command(short_help="Forget a sink.")
@click.argument("name")
def remove(name: str) -> None:
    """Forget the sink NAME. What its store has stays there.

    \b
    Example:
      playhead sink remove warehouse

    \b
    Exit codes: 0 forgotten · 1 there is none of that name · 2 called wrongly
    """
    _start()
    _find(name).delete()
    click.echo(f"{name} is fed no more; what it has stays there.")


@sink.command(short_help="Bring what waits now, and say how much it was.")
@click.argument("name")
def run(name: str) -> None:
    """Bring everything that waits for the sink NAME, now and here, then end.

    \b
    Example:
      playhead sink run warehouse

    \b
    Exit codes: 0 nothing waits any more · 1 its store did not take it, or the worker is at it · 2 called wrongly
    """
    _start()
    from playhead.core.errors import PlayheadError
    from playhead.exports.sinks import feeding

    found = _find(name)
    try:
        brought = feeding.once(found)
    except PlayheadError:
        raise
    except Exception as error:
        feeding.failed(found, error, now_ms=_now_ms())
        found.refresh_from_db()
        raise click.ClickException(found.last_error) from error
    feeding.well(found, now_ms=_now_ms())
    click.echo(f"{brought:,} rows brought; {name} is at journal row {found.position:,}.")


@sink.command(short_help="Count both sides: does the store hold each sealed row once?")
@click.argument("name")
def check(name: str) -> None:
    """Count, up to the position of the sink NAME, the rows of the archive and those of its store.

    \b
    Example:
      playhead sink check warehouse

    \b
    Exit codes: 0 each row is there once · 1 it is not, or the store did not answer · 2 called wrongly
    """
    _start()
    from contextlib import closing

    from django.conf import settings

    from playhead.exports.sinks import feeding
    from playhead.recorder.databases import open_store

    found = _find(name)
    with closing(open_store(settings.TRACKING_DATABASE)) as store, feeding.opened(found) as target:
        compared = feeding.compare(found, store, target, archive=settings.PLAYHEAD_ARCHIVE)
    rows = [
        [one.table, str(one.due), str(one.rows), str(one.different), "yes" if one.holds else "NO"] for one in compared
    ]
    click.echo(table(["table", "sealed", "in the store", "different", "each once"], rows))
    if not all(one.holds for one in compared):
        raise click.ClickException(f"{name} does not hold each sealed row once.")


def _start() -> None:
    start_django()
    require_up_to_date()


def _find(name: str) -> "Sink":
    from playhead.exports.models import Sink

    found = Sink.objects.filter(name=name).first()
    if found is None:
        raise click.ClickException(f"There is no sink called {name!r}: `playhead sink list` names them.")
    return found


def _now_ms() -> int:
    return round(time.time() * 1000)
