"""Watch a video through the documented calls only, as a native app would: open, report every ten seconds, read.

    python examples/client.py http://localhost:8000 ph_… v_… u_… [--rate 2]

Your server opens the playback with its key and hands the answer to the app; only the ticket in it leaves your server.
"""

import argparse
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

Call = Callable[[str, str, dict[str, str], bytes | None], dict[str, Any]]
BEAT_S = 10


def over_http(method: str, url: str, headers: dict[str, str], body: bytes | None) -> dict[str, Any]:
    asked = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310  the caller's own server
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return dict(json.load(answer))


def watch(
    site: str, key: str, video: str, viewer: str, *, rate: int = 1000, call: Call = over_http,
    clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep,
) -> dict[str, Any]:  # fmt: skip
    """Play the whole video at `rate` (thousandths) from its start; returns the viewer's progress afterwards."""
    auth = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    wanted = json.dumps({"video": video, "viewer": viewer}).encode()
    opened = call("POST", f"{site}/api/v1/playbacks", auth, wanted)
    began, length_ms, seq, at_ms = clock(), opened["video"]["duration_ms"], 0, 0
    while at_ms < length_ms:
        t0 = round((clock() - began) * 1000)
        sleep(min(BEAT_S, (length_ms - at_ms) / rate))
        t1 = round((clock() - began) * 1000)
        to_ms = min(length_ms, at_ms + (t1 - t0) * rate // 1000)
        section = {"t0": t0, "t1": t1, "m0": at_ms, "m1": to_ms, "rate": rate}
        batch = {"seq": seq, "sent": t1, "sections": [section], "events": []}
        # Keep a batch until it is answered; after silence, 429, 503 or 507 send the very same again.
        body = f"{opened['ticket']}\n{json.dumps(batch)}".encode()
        told = call("POST", f"{site}/v1/batches", {"Content-Type": "text/plain"}, body)
        print(f"{to_ms / 1000:8.1f} s  {told['progress']} %")  # noqa: T201
        at_ms, seq = to_ms, seq + 1
    return call("GET", f"{site}/api/v1/progress/{video}/{viewer}", auth, None)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    for name in ("site", "key", "video", "viewer"):
        asked.add_argument(name)
    asked.add_argument("--rate", type=float, default=1.0)
    given = asked.parse_args()
    print(watch(given.site, given.key, given.video, given.viewer, rate=round(given.rate * 1000)))  # noqa: T201
