"""`playhead`: every task of the one who runs it. Wiring only: what the commands do lives in the rooms."""

import click

from playhead.cli.backup import backup, restore
from playhead.cli.collect import collect
from playhead.cli.doctor import doctor
from playhead.cli.explain import explain
from playhead.cli.export import export
from playhead.cli.imports import import_group
from playhead.cli.join import join
from playhead.cli.ledger import rebuild, verify
from playhead.cli.migrate import migrate
from playhead.cli.people import admin
from playhead.cli.serve import demo, serve
from playhead.cli.simulate import simulate
from playhead.cli.sink import sink
from playhead.cli.studio import studio
from playhead.cli.terminal import Teaching
from playhead.cli.worker import worker


@click.group(cls=Teaching, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="playhead")
def main() -> None:
    """Which seconds of a video each student really watched, and the proof.

    \b
    Every command keeps to two settings of the environment:
      PLAYHEAD_DATA   the one folder that holds everything (default: ./playhead-data)
      PORT            where `serve` and `demo` listen (default: 8000)

    \b
    Begin with:
      playhead demo               a small school to look at
      playhead migrate            prepare an empty folder for a real one
      playhead serve              and run it

    \b
    Exit codes of every command:
      0  done, and nothing was found wrong
      1  something failed, or a difference was found; the reason is one line on stderr
      2  the command was called wrongly
    """


for command in (serve, collect, worker, demo, migrate, admin, join, import_group, simulate):
    main.add_command(command)
for command in (explain, verify, rebuild, doctor, backup, restore, export, sink, studio):
    main.add_command(command)
