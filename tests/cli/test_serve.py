"""`migrate` and `serve` as an operator meets them: real processes, a real port."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from playhead.cli.serve import _callbacks_to_this_machine
from playhead.recorder.desk import far_database
from playhead.recorder.operations import ClosePlaybacks
from playhead.recorder.recorder import Recorder

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Operator:
    """Runs `playhead` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.env = os.environ | {"PLAYHEAD_DATA": str(folder), "PORT": str(self.port), "PYTHONPATH": str(ROOT / "src")}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from playhead.cli import main; main(prog_name='playhead')", *arguments]

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.env | env, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path / "data")


@contextmanager
def started(operator: Operator, *options: str, **how: Any) -> Iterator[subprocess.Popen[str]]:
    """`playhead serve`, from its first line to the end of the block, where it is killed if it still runs."""
    assert operator.run("migrate").returncode == 0
    command = operator.command("serve", *options)
    with subprocess.Popen(command, env=operator.env, stdout=subprocess.PIPE, text=True, **how) as server:
        assert server.stdout
        try:
            assert server.stdout.readline() == f"Playhead is at http://localhost:{operator.port} (Ctrl-C stops it)\n"
            yield server
        finally:
            server.kill()


@pytest.fixture
def serving(operator: Operator) -> Iterator[subprocess.Popen[str]]:
    with started(operator) as server:
        yield server


def test_migrate_says_what_it_did_and_does_it_once(operator: Operator) -> None:
    first, second = operator.run("migrate"), operator.run("migrate")
    assert first.returncode == second.returncode == 0
    assert first.stdout.endswith(" migrations applied.\n")
    assert second.stdout == "Everything is up to date.\n"


@pytest.mark.parametrize("command", ["serve", "verify", "rebuild", "simulate"])
def test_without_migrations_a_command_refuses_in_one_line(operator: Operator, command: str) -> None:
    done = operator.run(command)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The databases are not up to date (")
    assert done.stderr.endswith("Run `playhead migrate` first.\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_owns_the_folder_and_stops_when_asked(
    operator: Operator, serving: subprocess.Popen[str], wish: signal.Signals
) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{operator.port}/", timeout=20) as page:
        assert page.status == 200
        assert page.url.endswith("/login/?next=/")
    for command in ("rebuild", "migrate", "simulate"):
        refused = operator.run(command)
        assert refused.returncode == 1
        assert refused.stderr.startswith(f"Error: Process {serving.pid} is using ")
        assert refused.stderr.count("\n") == 1
    serving.send_signal(wish)
    assert serving.wait(timeout=20) == 0


def recording(server: subprocess.Popen[str]) -> psutil.Process:
    """The process that records for a server: it is what the server is, but for its number."""
    process = psutil.Process(server.pid)
    return next(child for child in process.children() if child.cmdline() == process.cmdline())


def gone(process: psutil.Process) -> bool:
    try:
        process.wait(timeout=20)
    except psutil.TimeoutExpired:
        return False
    return True


def test_a_server_whose_recorder_was_killed_says_so_and_ends(operator: Operator) -> None:
    with started(operator, "--no-worker", stderr=subprocess.PIPE) as server:
        assert ask(operator.port, "/readyz") == (200, "ok\n")
        recording(server).kill()
        assert server.wait(timeout=20) == 1
        assert server.stderr
        said = server.stderr.read()
    assert said.endswith("Error: The process that records has ended; nothing that was acknowledged is lost.\n")


def test_a_recorder_whose_server_was_killed_lets_go_of_the_folder(
    operator: Operator, serving: subprocess.Popen[str]
) -> None:
    recorder = recording(serving)
    serving.kill()
    assert operator.run("rebuild").returncode == 0, "it waits for who was killed a moment ago"
    assert gone(recorder)


_SLOW = """
import time
from playhead.recorder.sqlite import SqliteStore
def begin_slowly(store):
    print("slow", flush=True)
    time.sleep(120)
SqliteStore.begin = begin_slowly
from playhead.cli import main
main()
"""


def test_it_lets_go_even_while_the_disk_takes_its_time(operator: Operator) -> None:
    assert operator.run("migrate").returncode == 0
    command = [sys.executable, "-c", _SLOW, "serve", "--no-worker"]
    with subprocess.Popen(command, env=operator.env, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            assert server.stdout.readline().startswith("Playhead is at ")
            with Recorder(far_database(Path(operator.env["PLAYHEAD_DATA"]))) as far:
                asked = threading.Thread(target=far.outcomes, args=([ClosePlaybacks("bob", 0, "logout")],))
                asked.start()
                while server.stdout.readline() != "slow\n":
                    pass
                recorder = recording(server)
                server.kill()
                assert gone(recorder)
                asked.join()
        finally:
            server.kill()


def test_ctrl_c_reaches_both_and_stops_both(operator: Operator) -> None:
    with started(operator, start_new_session=True) as server:
        recorder = recording(server)
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait(timeout=20) == 0
        assert gone(recorder)


def test_it_records_by_itself_where_it_is_told_to(operator: Operator) -> None:
    operator.env["PLAYHEAD_RECORDER"] = "here"
    with started(operator, "--no-worker") as server:
        assert psutil.Process(server.pid).children() == []
        assert ask(operator.port, "/readyz") == (200, "ok\n")
        assert operator.run("rebuild").stderr.startswith(f"Error: Process {server.pid} is using ")
        server.terminate()
        assert server.wait(timeout=20) == 0


def test_a_taken_port_is_said_before_anything_else(operator: Operator) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", operator.port))
        other.listen()
        done = operator.run("serve")
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: Cannot listen at 127.0.0.1:{operator.port}: Address already in use. Set PORT to another.\n"
    )


def test_a_setting_that_makes_no_sense_is_a_wrong_call(operator: Operator) -> None:
    done = operator.run("serve", PORT="eighty")
    assert done.returncode == 2
    assert done.stderr.endswith("Error: PORT must be a whole number from 1 to 65535, not 'eighty'.\n")


def ask(port: int, path: str, body: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=body, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.fixture
def collecting(operator: Operator) -> Iterator[subprocess.Popen[str]]:
    assert operator.run("migrate").returncode == 0
    with subprocess.Popen(operator.command("collect"), env=operator.env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = f"Batches are taken at http://localhost:{operator.port}/v1/batches (Ctrl-C stops it)\n"
        assert process.stdout.readline() == said
        yield process
        process.kill()


def test_the_site_hands_over_what_another_process_records(
    operator: Operator, collecting: subprocess.Popen[str]
) -> None:
    assert ask(operator.port, "/healthz") == (200, "ok\n")
    assert "playhead_recorder_up 1" in ask(operator.port, "/metrics")[1]
    assert ask(operator.port, "/login/")[0] == 404
    site = Operator(Path(operator.env["PLAYHEAD_DATA"]))
    assert site.run("serve").stderr.startswith(f"Error: Process {collecting.pid} is using ")
    site.env["PLAYHEAD_RECORDER"] = "elsewhere"
    with subprocess.Popen(site.command("serve"), env=site.env, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdout.readline().startswith(f"Playhead is at http://localhost:{site.port}")
        assert ask(site.port, "/readyz") == (200, "ok\n")
        assert ask(site.port, "/login/")[0] == 200
        assert ask(site.port, "/v1/batches", b"x\n{}")[0] == 401
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
    collecting.send_signal(signal.SIGTERM)
    assert collecting.wait(timeout=20) == 0
    alone = site.run("serve")
    assert alone.returncode == 1
    assert "start `playhead collect` first" in alone.stderr


@pytest.mark.parametrize(("bind", "told"), [("127.0.0.1", ["--callbacks-to-this-machine"]), ("0.0.0.0", [])])
def test_a_demo_that_nobody_else_reaches_may_call_this_machine(settings: Any, bind: str, told: list[str]) -> None:
    settings.PLAYHEAD_BIND, settings.PLAYHEAD_CALLBACK_LOCAL = bind, False
    assert _callbacks_to_this_machine() == told
    assert settings.PLAYHEAD_CALLBACK_LOCAL is bool(told)
