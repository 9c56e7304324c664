"""examples/receiver.py: it takes what is sent, once, and nothing else."""

import importlib.util
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from types import ModuleType

import pytest

from playhead.callbacks.models import Attempt, Delivery
from scripts.docs import ROOT
from tests.callbacks.conftest import Post

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


@pytest.fixture
def example() -> Iterator[tuple[ModuleType, str]]:
    """The program, and the address at which it listens."""
    spec = importlib.util.spec_from_file_location("receiver", ROOT / "examples" / "receiver.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    with ThreadingHTTPServer(("127.0.0.1", 0), made.Door) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield made, f"http://localhost:{listening.server_port}/"
        listening.shutdown()


def test_what_is_sent_is_printed_once_and_what_is_not_ours_never(
    post: Post, example: tuple[ModuleType, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, address = example
    post.clock.at_ms = round(time.time() * 1000)
    post.endpoint(address)
    post.announce(n=7)
    post.turn()
    assert Attempt.objects.get().status == 401, "the secret is not known there yet"
    monkeypatch.setattr(made, "SECRET", post.secret)
    for _ in range(2):
        post.clock.forward(10_000)
        Delivery.objects.update(state=Delivery.WAITING)
        post.turn()
    assert Delivery.objects.get().state == Delivery.DONE
    assert capsys.readouterr().out == 'enrolment.created {"n": 7}\n'
    post.clock.forward(600_000)
    Delivery.objects.update(state=Delivery.WAITING)
    post.turn()
    assert Attempt.objects.last().status == 401, "of another time"  # type: ignore[union-attr]
