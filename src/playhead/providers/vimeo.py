"""Vimeo, by its API 3.4 (https://developer.vimeo.com/api/reference/videos): the file itself goes by tus."""

from collections.abc import Sequence
from typing import Any, Final

from playhead.core.errors import Unavailable
from playhead.providers.door import Door
from playhead.providers.provider import Facts, Listing, Stage, Ticket, Wish

HOME: Final = "https://api.vimeo.com"
NAME: Final = "Vimeo"
_VERSION: Final = "application/vnd.vimeo.*+json;version=3.4"
_FIELDS: Final = (
    "uri,name,description,duration,status,upload.status,transcode.status,player_embed_url,link,pictures.base_link"
)
# https://developer.vimeo.com/api/common-formats: what an upload is refused with when there is no room for it.
_FULL_CODES: Final = frozenset({4101, 4102, 4103})
_FAILED: Final = {
    "uploading_error": "The upload broke off and cannot go on.",
    "transcoding_error": "It could not be transcoded.",
    "quota_exceeded": "The account's quota is used up.",
    "total_cap_exceeded": "The account holds as many videos as it may.",
}


def said(body: Any) -> str:
    return str(body.get("developer_message") or body["error"])


def is_full(body: Any) -> bool:
    return isinstance(body, dict) and body.get("error_code") in _FULL_CODES


class Vimeo:
    """`privacy`: who may see an upload (Vimeo's `privacy.view`); empty, as the account has it."""

    keeps_description = True

    def __init__(self, door: Door, *, token: str, privacy: str = "", home: str = HOME) -> None:
        self._door = door
        self._home = home.rstrip("/")
        self._headers = {"authorization": f"bearer {token}", "accept": _VERSION}
        self._privacy = privacy

    def check(self) -> str:
        told = self._ask("GET", "/me", query={"fields": "name,uri"})
        return str(told.get("name") or told.get("uri") or NAME)

    def begin(self, wish: Wish) -> tuple[str, Ticket]:
        asked: dict[str, Any] = {
            "upload": {"approach": "tus", "size": str(wish.size_bytes)},
            "name": wish.title[:128],
            "description": wish.description[:5000],
        }
        if self._privacy:
            asked["privacy"] = {"view": self._privacy}
        told = self._ask("POST", "/me/videos", query={"fields": "uri,upload.upload_link"}, json_body=asked)
        return _id(told), self._ticket(told)

    def again(self, remote_id: str, wish: Wish) -> tuple[str, Ticket]:
        """The same address: tus itself tells how far it is."""
        del wish
        told = self._ask("GET", f"/videos/{remote_id}", query={"fields": "uri,upload.upload_link"})
        return remote_id, self._ticket(told)

    def read(self, remote_id: str) -> Facts:
        return _facts(self._ask("GET", f"/videos/{remote_id}", query={"fields": _FIELDS}))

    def write(self, remote_id: str, *, title: str, description: str) -> None:
        changed = {"name": title[:128], "description": description[:5000]}
        self._ask("PATCH", f"/videos/{remote_id}", query={"fields": "uri"}, json_body=changed)

    def delete(self, remote_id: str) -> None:
        self._ask("DELETE", f"/videos/{remote_id}")

    def listed(self, *, named: str = "", after: str = "") -> Listing:
        query = {"fields": _FIELDS, "per_page": "25", "page": after or "1", "sort": "date", "direction": "desc"}
        told = self._ask("GET", "/me/videos", query=query | ({"query": named} if named else {}))
        more = str(int(after or "1") + 1) if (told.get("paging") or {}).get("next") else ""
        return Listing([_facts(one) for one in told.get("data") or []], more)

    def sends_to(self) -> Sequence[str]:
        """Which of its upload hosts answers is Vimeo's to decide."""
        return ["https://*.vimeo.com"] if self._home == HOME else [self._home]

    def _ticket(self, told: Any) -> Ticket:
        link = str((told.get("upload") or {}).get("upload_link") or "")
        if not link:
            raise Unavailable("provider_away", "Vimeo named no address for the file.", retry_after_s=30)
        return Ticket("tus", link)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        return self._door.ask(method, self._home + path, headers=self._headers, **more).body


def _id(told: Any) -> str:
    """`/videos/123`, and for one that is unlisted `/videos/123:hash`."""
    return str(told["uri"]).rpartition("/")[2].partition(":")[0]


def _facts(told: Any) -> Facts:
    status = str(told.get("status") or "")
    return Facts(
        remote_id=_id(told),
        title=str(told.get("name") or ""),
        description=str(told.get("description") or ""),
        stage=_stage(told, status),
        duration_ms=round(float(told.get("duration") or 0) * 1000) or None,
        url=str(told.get("player_embed_url") or told.get("link") or ""),
        thumbnail=str((told.get("pictures") or {}).get("base_link") or ""),
        reason=_FAILED.get(status, ""),
    )


def _stage(told: Any, status: str) -> Stage:
    uploaded = (told.get("upload") or {}).get("status")
    transcoded = (told.get("transcode") or {}).get("status")
    if status in _FAILED or "error" in {uploaded, transcoded}:
        return Stage.FAILED
    if status == "uploading" or uploaded == "in_progress":
        return Stage.UPLOADING
    return Stage.READY if transcoded == "complete" or status == "available" else Stage.TRANSCODING
