"""What the tests of providers share."""

import time
from collections.abc import Callable

import pytest


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for something to become true, with a generous limit."""

    def wait(true: Callable[[], bool], *, most_s: float = 60) -> None:
        over = time.monotonic() + most_s
        while not true():
            assert time.monotonic() < over, "it never became true"
            time.sleep(0.02)

    return wait
