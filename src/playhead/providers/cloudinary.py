"""Cloudinary, by its Upload and Admin API (https://cloudinary.com/documentation/admin_api).

Title and description are the contextual metadata that its own media library shows as such: `caption` and `alt`.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from playhead.core import limits
from playhead.providers.door import Door
from playhead.providers.provider import Facts, Listing, Stage, Ticket, Wish

HOME: Final = "https://api.cloudinary.com"
NAME: Final = "Cloudinary"
RESET: Final = "X-FeatureRateLimit-Reset"
_FOLDER: Final = "playhead/"


def said(body: Any) -> str:
    return str(body["error"]["message"])


def signature(params: Mapping[str, str], secret: str) -> str:
    """https://cloudinary.com/documentation/authentication_signatures; an `&` in a value is %26, so that no value can
    pass for further parameters."""
    signed = "&".join(sorted(f"{name}={value}".replace("&", "%26") for name, value in params.items() if value))
    return hashlib.sha1((signed + secret).encode()).hexdigest()  # noqa: S324 - what the protocol asks for


def context(title: str, description: str) -> str:
    """`caption=…|alt=…`, `=` and `|` of the texts themselves escaped; an empty text takes the old one away."""
    return f"caption={_escaped(title)}|alt={_escaped(description)}"


class Cloudinary:
    keeps_description = True

    def __init__(
        self,
        door: Door,
        *,
        cloud: str,
        api_key: str,
        api_secret: str,
        home: str = HOME,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._door = door
        self._home = home.rstrip("/")
        self._base = f"{self._home}/v1_1/{quote(cloud, safe='')}"
        self._cloud, self._api_key, self._secret = cloud, api_key, api_secret
        self._now_s = now_s
        basic = base64.b64encode(f"{api_key}:{api_secret}".encode()).decode()
        self._headers = {"authorization": f"Basic {basic}"}

    def check(self) -> str:
        self._admin("GET", "/ping")
        return self._cloud

    def begin(self, wish: Wish) -> tuple[str, Ticket]:
        return self.again(_FOLDER + secrets.token_hex(8), wish)

    def again(self, remote_id: str, wish: Wish) -> tuple[str, Ticket]:
        """Signed for this one name; such a signature is good for an hour."""
        fields = self._signed({"public_id": remote_id, "context": context(wish.title, wish.description)})
        address = f"{self._base}/video/upload"
        return remote_id, Ticket("pieces", address, fields, part_bytes=limits.UPLOAD_PART_BYTES)

    def read(self, remote_id: str) -> Facts:
        query = {"media_metadata": "true"}
        return self._facts(self._admin("GET", f"/resources/video/upload/{quote(remote_id)}", query=query))

    def write(self, remote_id: str, *, title: str, description: str) -> None:
        changed = {"context": context(title, description)}
        self._admin("POST", f"/resources/video/upload/{quote(remote_id)}", json_body=changed)

    def delete(self, remote_id: str) -> None:
        form = self._signed({"public_id": remote_id, "invalidate": "true"})
        self._door.ask("POST", f"{self._base}/video/destroy", form=form)

    def listed(self, *, named: str = "", after: str = "") -> Listing:
        """Its Admin API does not look for titles: what is not `named` is left out here, a page at a time."""
        query = {"max_results": "50", "context": "true", "direction": "desc"}
        told = self._admin("GET", "/resources/video/upload", query=query | ({"next_cursor": after} if after else {}))
        found = [self._facts(one) for one in told.get("resources") or []]
        wanted = named.casefold()
        return Listing([one for one in found if wanted in one.title.casefold()], str(told.get("next_cursor") or ""))

    def sends_to(self) -> Sequence[str]:
        return [self._home]

    def _signed(self, params: dict[str, str]) -> dict[str, str]:
        params = params | {"timestamp": str(round(self._now_s()))}
        return params | {"signature": signature(params, self._secret), "api_key": self._api_key}

    def _admin(self, method: str, path: str, **more: Any) -> Any:
        return self._door.ask(method, self._base + path, headers=self._headers, **more).body

    def _facts(self, told: Any) -> Facts:
        kept = (told.get("context") or {}).get("custom") or {}
        url = str(told.get("secure_url") or "")
        remote_id = str(told["public_id"])
        return Facts(
            remote_id=remote_id,
            title=str(kept.get("caption") or remote_id.rpartition("/")[2]),
            description=str(kept.get("alt") or ""),
            stage=Stage.READY if url else Stage.TRANSCODING,
            duration_ms=round(float(told.get("duration") or 0) * 1000) or None,
            url=url,
            thumbnail=_still(url),
        )


def _still(url: str) -> str:
    """The same address with the ending of a picture is a frame of the video."""
    parts = urlsplit(url)
    return parts._replace(path=parts.path.rpartition(".")[0] + ".jpg").geturl() if "." in parts.path else ""


def _escaped(value: str) -> str:
    return value.replace("=", r"\=").replace("|", r"\|")
