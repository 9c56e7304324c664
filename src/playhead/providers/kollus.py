"""Kollus VOD. It has no SDK for Python, and parts of its reference are behind a login: what is asked here is what its
public guide and samples ask (https://docs.kollus.com/en/dev-guide/vod/api/upload-api/, kollus-sdk-php).

The library (`/0/media/library/…`) tells and deletes, `/api/…` gives addresses for uploads, renames, and puts into
channels. Its advice is one request a second at most, and to hear of transcoding by its callback.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from playhead.core import limits
from playhead.core.errors import Conflict, Invalid, Missing, TooMany
from playhead.providers.door import Door
from playhead.providers.provider import Facts, Listing, Stage, Ticket, Wish

HOMES: Final = ("https://api.{region}.kollus.com", "https://c-api-{region}.kollus.com")
NAME: Final = "Kollus"
_DONE, _WAITING = 21, frozenset({0, 1, 12})
_PER_PAGE: Final = 50


def said(body: Any) -> str:
    return str(body["message"])


class Kollus:
    """`channel`: where a video is put once it is transcoded; without one it has no address to be played from.

    `home` stands in for both of its hosts.
    """

    keeps_description = False

    def __init__(
        self, door: Door, *, token: str, region: str = "kr", category: str = "", channel: str = "", home: str = ""
    ) -> None:
        self._door = door
        self._token, self._region, self._category, self._channel = token, region, category, channel
        self._library, self._api = (home.rstrip("/") or one.format(region=region) for one in HOMES)
        self._home = home

    def check(self) -> str:
        self._media("GET", "library/media_content", {"page": "1", "per_page": "1"})
        return f"{NAME} ({self._region})"

    def begin(self, wish: Wish) -> tuple[str, Ticket]:
        """A one-time address: it dies after its first file, or when its time is over."""
        asked = {"title": wish.title, "category_key": self._category, "expire_time": str(limits.KOLLUS_UPLOAD_S)}
        asked |= {"is_encryption_upload": "0", "is_audio_upload": "0"}
        query = {"access_token": self._token, "kollus_api_access_token": self._token}
        url = f"{self._api}/api/upload/create-url"
        form = {name: value for name, value in asked.items() if value}
        told = _result(self._door.ask("POST", url, query=query, form=form).body)
        fields = {"accept": "application/json", "disable_alert": "1"}
        return str(told["upload_file_key"]), Ticket("form", str(told["upload_url"]), fields, file_field="upload-file")

    def again(self, remote_id: str, wish: Wish) -> tuple[str, Ticket]:
        del remote_id
        return self.begin(wish)

    def read(self, remote_id: str) -> Facts:
        item = self._media("GET", f"library/media_content/{quote(remote_id, safe='')}", {"force": "1"}).get("item")
        if not item:
            raise Missing("provider_gone", "Kollus has no such video.")
        facts = self._facts(item)
        if facts.stage == Stage.TRANSCODING and _stage(item) == Stage.READY and self._channel:
            self._attach(remote_id)  # and its address is told the next time
        return facts

    def write(self, remote_id: str, *, title: str, description: str) -> None:
        del description
        url = f"{self._api}/api/media-contents/{quote(remote_id, safe='')}"
        _checked(self._door.ask("PUT", url, query={"access_token": self._token}, form={"title": title}).body)

    def delete(self, remote_id: str) -> None:
        self._media("POST", f"library/delete/{quote(remote_id, safe='')}.json", {})

    def listed(self, *, named: str = "", after: str = "") -> Listing:
        page = int(after or "1")
        asked = {"page": str(page), "per_page": str(_PER_PAGE), "order": "created_at_desc"}
        told = self._media("GET", "library/media_content", asked | ({"keyword": named} if named else {}))
        items = told.get("items") or []
        items = items.get("item") or [] if isinstance(items, dict) else items
        items = [items] if isinstance(items, dict) else items
        more = str(page + 1) if page * _PER_PAGE < int(told.get("count") or 0) else ""
        return Listing([self._facts(one) for one in items], more)

    def sends_to(self) -> Sequence[str]:
        return [self._home] if self._home else ["https://*.kollus.com"]

    def _media(self, method: str, path: str, query: Mapping[str, str]) -> Any:
        url = f"{self._library}/0/media/{path}"
        return _result(self._door.ask(method, url, query={"access_token": self._token, **query}).body)

    def _attach(self, remote_id: str) -> None:
        channel, key = quote(self._channel, safe=""), quote(remote_id, safe="")
        url = f"{self._api}/api/channels/{channel}/media-contents/{key}/attach"
        _checked(self._door.ask("POST", url, query={"access_token": self._token}, form={}).body)

    def _facts(self, item: Any) -> Facts:
        """Ready is what can be played: transcoded, and in a channel."""
        key, stage = _media_key(item), _stage(item)
        return Facts(
            remote_id=str(item["upload_file_key"]),
            title=str(item.get("title") or item.get("original_file_name") or ""),
            stage=Stage.TRANSCODING if stage == Stage.READY and not key else stage,
            duration_ms=_duration_ms(item.get("duration")),
            url=address_of(key, region=self._region),
            thumbnail=str(item.get("poster_url") or ""),
            reason=str(item.get("transcoding_stage_name") or "") if stage == Stage.FAILED else "",
        )


def address_of(media_key: str, *, region: str) -> str:
    """Where a viewer's player finds it; empty for what has no media content key yet."""
    return f"https://v.{region}.kollus.com/{quote(media_key, safe='')}" if media_key else ""


def media_key_of(address: str) -> str:
    """The media content key in an address that `address_of` made."""
    return urlsplit(address).path.strip("/")


def _media_key(item: Any) -> str:
    keys = item.get("media_content_keys") or []
    return str(item.get("media_content_key") or (keys[0] if keys else ""))


def _stage(item: Any) -> Stage:
    stage = int(item.get("transcoding_stage") or 0)
    if stage == _DONE:
        return Stage.READY
    return Stage.TRANSCODING if stage in _WAITING else Stage.FAILED


def _duration_ms(told: Any) -> int | None:
    """Of seconds, or `1:02:45`."""
    seconds = 0
    for part in str(told or "").split(":"):
        if not part.strip().replace(".", "", 1).isdigit():
            return None
        seconds = seconds * 60 + int(float(part))
    return seconds * 1000 or None


def _checked(body: Any) -> None:
    """It answers 200 to many a refusal, and says `error` in the body."""
    if not body.get("error"):
        return
    words = " ".join(str(body.get("message") or "").split())[:300]
    lower = words.casefold()
    if "token" in lower or "auth" in lower:
        raise Conflict("provider_token", f"Kollus does not let this account in. It says: {words}")
    if "not found" in lower or "not exist" in lower:
        raise Missing("provider_gone", f"Kollus has no such video. It says: {words}")
    if "limit" in lower or "too many" in lower:
        raise TooMany("provider_busy", f"Kollus takes no more requests now. It says: {words}", retry_after_s=60)
    raise Invalid("provider_refused", f"Kollus refused this. It says: {words}")


def _result(body: Any) -> Any:
    """What it answers with: `result` in older answers, `data` in newer ones."""
    _checked(body)
    return body.get("result") or body.get("data") or {}
