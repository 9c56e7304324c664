"""`collect`: the batches' door and the recorder, apart from the site."""

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.serve import listening, recorder_for, run
from playhead.cli.terminal import start_django


@click.command(short_help="Take and record batches at PORT, apart from the site.")
def collect() -> None:
    """Take batches at PORT and record them, apart from the site, until Ctrl-C.

    The door then shares no interpreter with pages, and any number of processes may serve those. This command owns
    PLAYHEAD_DATA, and records in a process beside itself as `serve` does; `playhead serve`, once or several times, is
    told so by PLAYHEAD_RECORDER=elsewhere, and hands over what pages and players have to record by the socket
    recorder.sock in that folder. A reverse proxy sends POST /v1/batches here and everything else there; a batch that
    arrives there all the same is handed over too.

    Here are /v1/batches, /healthz, /readyz and /metrics. On PostgreSQL nothing is owned: any number of these, and of
    `serve`, record side by side.

    \b
    Example:
      PLAYHEAD_RECORDER=elsewhere PORT=8001 playhead collect
      PLAYHEAD_RECORDER=elsewhere PORT=8000 playhead serve

    \b
    Exit codes:
      0  stopped as asked
      1  did not start: the port is taken, migrations wait, or another process owns the folder;
         or stopped because the process that records broke off
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    with listening() as listener:
        require_up_to_date()
        said = "Batches are taken at {address}/v1/batches (Ctrl-C stops it)"
        with recorder_for(listener) as recorder:
            run(listener, said=said, app="playhead.collecting:app", recorder=recorder)
