"""`studio`: the analysts' workbench on a machine of its own."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.serve import listening, run
from playhead.cli.terminal import start_django

if TYPE_CHECKING:
    from uvicorn._types import ASGIApplication

_OPEN = "Nobody logs in: everybody who reaches this port of this machine sees every course, with names."


@click.command(short_help="Serve the studio alone, for a machine of its own.")
@click.option("--no-login", is_flag=True, help="Every course for whoever reaches the port; on this machine only.")
def studio(no_login: bool) -> None:  # noqa: FBT001 - click's
    """Serve the studio at PORT, and nothing else: analysts' questions then slow nobody's videos down.

    It reads PLAYHEAD_DATA (or a copy of it: both databases, the archive and the lake) or, with PLAYHEAD_DATABASE_URL,
    the school's PostgreSQL and the lake in PLAYHEAD_DATA; it changes nothing of them but sessions. People log in with
    their account of the site and see the courses they teach.

    With --no-login there is no log-in and there are no rights: everybody who reaches the port sees every course. It
    then listens to this machine only.

    \b
    Example:
      PLAYHEAD_DATA=/srv/copy PORT=8600 playhead studio
      PLAYHEAD_DATA=/srv/copy playhead studio --no-login

    \b
    Exit codes:
      0  stopped as asked
      1  did not start: the port is taken, migrations wait, or Streamlit is not installed
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    from django.conf import settings

    if find_spec("streamlit") is None:
        raise click.ClickException("The studio needs an extra: pip install 'playhead[studio]'.")
    if no_login and settings.PLAYHEAD_BIND not in {"127.0.0.1", "::1", "localhost"}:
        raise click.UsageError("--no-login is for this machine only: leave PLAYHEAD_BIND as it is.")
    with listening() as listener:
        require_up_to_date()
        from playhead.analysing import Workbench

        said = "Playhead's studio is at {address}/studio/ (Ctrl-C stops it)"
        app = cast("ASGIApplication", Workbench(login=not no_login))
        run(listener, said=f"{_OPEN}\n{said}" if no_login else said, app=app)
