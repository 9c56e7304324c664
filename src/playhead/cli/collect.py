"""`collect`: the batches' door and the recorder in a process of their own."""

import click

from playhead.cli.migrate import require_up_to_date
from playhead.cli.serve import listening, recorder_for, run
from playhead.cli.terminal import start_django


@click.command(short_help="Take and record batches at PORT, in a process of its own.")
def collect() -> None:
    """Take batches at PORT and record them, in a process of their own, until Ctrl-C.

    Pages, however busy, then make no viewer wait. This process owns PLAYHEAD_DATA; `playhead serve`, once or several
    times, hands it what pages and players have to record over the socket recorder.sock in that folder, and is told so
    by PLAYHEAD_RECORDER=elsewhere. A reverse proxy sends POST /v1/batches here and everything else there; a batch that
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
      1  did not start: the port is taken, migrations wait, or another process owns the folder
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    with listening() as listener:
        require_up_to_date()
        said = "Batches are taken at {address}/v1/batches (Ctrl-C stops it)"
        with recorder_for(listener) as recorder:
            run(listener, said=said, app="playhead.collecting:app", recorder=recorder)
