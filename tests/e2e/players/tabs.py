"""Chromium over its own protocol: pages under Playwright never count as hidden, and some scripts hide a tab."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.server import free_port


class Tab:
    """One tab; `hide` puts another in front of it."""

    def __init__(self, endpoint: str, target: str, connection: ClientConnection) -> None:
        self._endpoint = endpoint
        self._target = target
        self._connection = connection
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.errors: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def start(self) -> Self:
        await self.send("Runtime.enable")
        await self.send("Runtime.addBinding", name="hideTab")
        hide = "window.hide = async (hidden) => { hideTab(hidden ? 'hide' : 'show');"
        wait = "while (document.hidden !== hidden) await new Promise((over) => setTimeout(over, 20)); };"
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=hide + wait)
        await self.send("Page.enable")
        return self

    async def send(self, method: str, **parameters: object) -> dict[str, Any]:
        number = len(self._asked) + 1
        self._asked[number] = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        return await self._asked[number]

    async def evaluate(self, expression: str) -> Any:
        answer = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    async def close(self) -> None:
        self._reader.cancel()
        await self._connection.close()
        await _ask(self._endpoint, f"close/{self._target}")

    async def _read(self) -> None:
        async for text in self._connection:
            message = json.loads(text)
            if "id" in message:
                self._asked[message["id"]].set_result(message.get("result", message))
            elif message["method"] == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(message["params"]["exceptionDetails"])[:300])
            elif message["method"] == "Runtime.bindingCalled":
                await self._turn(message["params"]["payload"])

    async def _turn(self, what: str) -> None:
        if what == "hide":
            other = await _ask(self._endpoint, "new?about:blank")
            await _ask(self._endpoint, f"activate/{json.loads(other)['id']}")
        else:
            await _ask(self._endpoint, f"activate/{self._target}")


@asynccontextmanager
async def tabs(profile: Path, flags: Sequence[str]) -> AsyncIterator[str]:
    """A browser of its own; what is yielded opens tabs with `open_tab`."""
    port = free_port()
    own = ["--headless", f"--remote-debugging-port={port}", f"--user-data-dir={profile}"]
    process = subprocess.Popen([CHROMIUM, *FLAGS, *flags, *own, "about:blank"], stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}/json"
    try:
        await _up(endpoint)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=20)


async def open_tab(endpoint: str) -> Tab:
    made = json.loads(await _ask(endpoint, "new?about:blank"))
    connection = await connect(made["webSocketDebuggerUrl"], max_size=None)
    await _ask(endpoint, f"activate/{made['id']}")
    return await Tab(endpoint, made["id"], connection).start()


async def _up(endpoint: str) -> None:
    for _ in range(200):
        try:
            if json.loads(await _ask(endpoint, "list")):
                return
        except OSError:
            pass
        await asyncio.sleep(0.1)
    raise RuntimeError("the browser did not start")


def _put(address: str) -> bytes:
    with urlopen(Request(address, method="PUT"), timeout=5) as answer:
        return bytes(answer.read())


async def _ask(endpoint: str, what: str) -> bytes:
    return await asyncio.to_thread(_put, f"{endpoint}/{what}")
