"""The network is cut after every byte of a request, and of an answer: sent once more, it is recorded once.

A proxy between viewer and server lets a number of bytes through and then hangs up on both; STEP bytes further each time
(7 unless set, which meets every kind of place).
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.kit.processes import free_port
from bench.kit.rows import Row
from bench.load.generator import Load
from tests.faults.kit.place import Place, caught, number, place, zero

STEP = number("STEP", 7)
_REQUEST_BYTES, _ANSWER_BYTES = 1800, 700
_STARTS_S = 20.0


@dataclass(slots=True)
class Proxy:
    """Passes bytes on until one way has had its share; None lets everything through."""

    port: int
    to: int
    up: int | None = None
    down: int | None = None
    listens: threading.Event = field(default_factory=threading.Event)

    async def serve(self) -> None:
        server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.listens.set()
        async with server:
            await server.serve_forever()

    async def _join(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far, far_out = await asyncio.open_connection("127.0.0.1", self.to)
        ways = [
            asyncio.create_task(_pass(near, far_out, self.up)),
            asyncio.create_task(_pass(far, near_out, self.down)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (near_out, far_out):
            end.transport.abort()


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter, share: int | None) -> None:
    with contextlib.suppress(ConnectionError):
        while share is None or share > 0:
            data = await source.read(65536 if share is None else share)
            if not data:
                return
            share = None if share is None else share - len(data)
            sink.write(data)
            await sink.drain()
    await asyncio.sleep(0.001)  # what was passed on has left


@contextmanager
def proxied(to: int) -> Iterator[Proxy]:
    """A proxy in a thread of its own, from when it listens: whoever came before would cut nothing."""
    proxy, loop = Proxy(free_port(), to), asyncio.new_event_loop()
    serving = loop.create_task(proxy.serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([serving])))
    thread.start()
    try:
        assert proxy.listens.wait(_STARTS_S)
        yield proxy
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join()


def measure() -> list[Row]:
    with place(viewers=50) as broken:
        cuts, recorded = cut(broken, STEP)
        truth, verified = broken.truth(), broken.verify()
    with place(bug="no_dedupe", viewers=50) as planted:
        cut(planted, 97)
        doubled = planted.truth().doubled
    return [
        Row("cuts, after each of which the batch was sent again", cuts, "cuts"),
        Row("of them recorded before the cut", recorded, "batches", ">= 1", recorded >= 1),
        zero("acknowledged batches missing or stored twice", truth.missing + truth.doubled),
        zero("viewers whose numbers differ", truth.differing + truth.complaints, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        caught("no_dedupe", doubled),
    ]


def cut(broken: Place, step: int) -> tuple[int, int]:
    """How many cuts were made, and how many batches turned out to have been recorded before theirs."""
    broken.server.start()
    shares = [(share, None) for share in range(0, _REQUEST_BYTES, step)]
    shares += [(None, share) for share in range(0, _ANSWER_BYTES, step)]  # type: ignore[misc]
    with proxied(broken.port) as proxy:
        for number, (proxy.up, proxy.down) in enumerate(shares):
            with Load(proxy.port, [broken.viewers[number % len(broken.viewers)]], connections=1) as load:
                load.once()
            broken.settle()
    broken.server.stop()
    return len(shares), sum(viewer.duplicates for viewer in broken.viewers)
