"""`serve` and `demo`: the whole of Playhead on one machine, by one command."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from playhead.cli.migrate import bring_up_to_date, require_up_to_date
from playhead.cli.terminal import counting, start_django
from playhead.cli.worker import supervised

if TYPE_CHECKING:
    import uvicorn
    from uvicorn._types import ASGIApplication

    from playhead.beside import Beside


NO_WORKER = click.option("--no-worker", is_flag=True, help="Send no callbacks here: `playhead worker` runs elsewhere.")


@click.command(short_help="Serve the site at PORT, until Ctrl-C.")
@NO_WORKER
def serve(no_worker: bool) -> None:  # noqa: FBT001 - click's
    """Serve the site, the media and the collector at PORT, until Ctrl-C.

    Everything lives in PLAYHEAD_DATA; one server at a time owns it: this one, or `playhead collect` where
    PLAYHEAD_RECORDER is `elsewhere`. A process beside this one records, and begins and ends with it; should it break
    off, this one stops too, to be started anew. While nobody has an account, it prints a link for making the first one;
    `playhead admin` makes one without. When migrations wait, it says so and does not start: upgrading a school's data
    is a decision (`playhead migrate`), not a side effect.

    \b
    Example:
      PLAYHEAD_DATA=/srv/playhead PORT=8000 playhead serve

    \b
    Exit codes:
      0  stopped as asked
      1  did not start: the port is taken, migrations wait, or another process owns the folder;
         or stopped because the process that records broke off
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    from django.conf import settings

    with listening() as listener:
        require_up_to_date()
        owns = settings.PLAYHEAD_RECORDER != "elsewhere"
        with recorder_for(listener, owns=owns) as recorder, nullcontext() if no_worker else supervised():
            run(listener, said="Playhead is at {address} (Ctrl-C stops it)" + _first_visit(), recorder=recorder)


def _first_visit() -> str:
    """While nobody has an account: where the first one, the admin's, is made. The link is this process's own."""
    from playhead.lms import first_admin

    token = first_admin.offer()
    return (
        f"\nNobody has an account yet: make the first one, the admin's, at {{address}}/setup/{token}/" if token else ""
    )


@click.command(short_help="Make a small school to look at, and serve it.")
@NO_WORKER
def demo(no_worker: bool) -> None:  # noqa: FBT001 - click's
    """Make a small school to look at, and serve it at PORT.

    Applies migrations, and in an empty folder makes a course with clips, a teacher and students, then lets a term of
    three courses and forty students take place: diligent, struggling, skipping and cheating ones. The worker then
    packages an upload for the course Recorded lectures. The last line gives the address and the accounts. In a folder
    that has them already it makes nothing anew.

    \b
    Example:
      PORT=8080 playhead demo

    \b
    Exit codes:
      0  stopped as asked
      1  did not start: the port is taken, or another process owns the folder;
         or stopped because the process that records broke off
      2  called wrongly, or a setting makes no sense
    """
    start_django()
    _print_letters()
    from playhead.lms.seed import demo_school, demo_upload

    with listening() as listener:
        bring_up_to_date()
        worker = _callbacks_to_this_machine()
        click.echo("Making the school (its clips take a moment the first time)", err=True)
        accounts = demo_school()
        _play_term()
        if not no_worker:
            demo_upload()
        with recorder_for(listener) as recorder, nullcontext() if no_worker else supervised(*worker):
            said = f"Playhead is at {{address}} · {accounts} (Ctrl-C stops it)"
            run(listener, said=said, recorder=recorder)


def _play_term() -> None:
    from playhead.cli.simulation import demo as simulated

    if simulated.term_is_there():
        return
    term = simulated.prepare()
    with counting(term.happenings, label=f"A term takes place: {term.happenings:,} openings and batches") as playing:
        term.play(progress=playing.update)


def _callbacks_to_this_machine() -> list[str]:
    """While nobody else reaches the demo, it may tell a system that is tried out beside it. What a worker is told."""
    from django.conf import settings

    if settings.PLAYHEAD_BIND not in {"127.0.0.1", "::1", "localhost"}:
        return []
    settings.PLAYHEAD_CALLBACK_LOCAL = True
    return ["--callbacks-to-this-machine"]


def _print_letters() -> None:
    """A demo shows the e-mails it would send, unless it was told how to send them."""
    from django.conf import settings

    if not settings.PLAYHEAD_EMAIL_URL:
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Take the port first: whoever cannot have it learns so before any work is done."""
    from django.conf import settings

    host, port = settings.PLAYHEAD_BIND, settings.PORT
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            said = f"Cannot listen at {host}:{port}: {error.strerror}. Set PORT to another."
            raise click.ClickException(said) from error
        yield listener


@contextmanager
def recorder_for(listener: socket.socket, *, owns: bool = True) -> Iterator["Beside | None"]:
    """What records for a server: a process beside it, until the end of the block, unless it is told to do it itself.

    `owns` is whether the server's is the folder, as opposed to `playhead collect`'s. Before there is any thread.
    """
    from django.conf import settings

    from playhead.beside import recording_beside
    from playhead.cli.recording import owned, reaching

    if owns and settings.PLAYHEAD_RECORDER != "here":
        with recording_beside(listener) as beside:
            yield beside
        return
    with owned() if owns else reaching():
        pass  # the server does this itself; asking here turns "it is taken" and "nobody is there" into one clear line
    yield None


def run(
    listener: socket.socket,
    *,
    said: str,
    app: "str | ASGIApplication" = "playhead.asgi:app",
    recorder: "Beside | None" = None,
) -> None:
    """Serve until asked to stop; `said` is printed once requests are answered. Raises ClickException before that.

    `recorder` is the process that records for this one, where there is one; it begins while the site is read in.
    """
    import uvicorn
    from django.conf import settings

    from playhead.collector.protocol import BatchProtocol

    for wish in (signal.SIGINT, signal.SIGTERM):
        # uvicorn shuts down in order, then raises the signal again: being asked to stop is no failure.
        signal.signal(wish, partial(_stop, recorder))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BatchProtocol,
        ws="websockets-sansio",  # the studio's
        ws_max_size=2**20,
        lifespan="on",
        access_log=False,
        log_config=None,  # Django's LOGGING is the one place
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # who is believed about addresses is decided by PLAYHEAD_PROXIES alone
        timeout_graceful_shutdown=10,
    )
    host = "localhost" if settings.PLAYHEAD_BIND in {"127.0.0.1", "::1"} else settings.PLAYHEAD_BIND
    server = _announcing(config, said.format(address=f"http://{host}:{settings.PORT}"))
    if recorder is not None:
        config.load()
        recorder.wait_until_ready()
    server.run(sockets=[listener])
    if not server.started:
        raise click.ClickException("The server did not start; the reason stands above.")


def _stop(recorder: "Beside | None", _signal: int, _frame: FrameType | None) -> NoReturn:
    if recorder is not None and recorder.lost:
        raise click.ClickException("The process that records has ended; nothing that was acknowledged is lost.")
    raise SystemExit(0)


def _announcing(config: "uvicorn.Config", said: str) -> "uvicorn.Server":
    import uvicorn

    class Announcing(uvicorn.Server):
        """Speaks up when requests are answered, not before: whoever waits for the line may come at once."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                click.echo(said)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            if stopping := getattr(self.config.loaded_app, "stopping", None):
                stopping()
            await super().shutdown(sockets)

    return Announcing(config)
