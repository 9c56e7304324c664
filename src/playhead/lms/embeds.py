"""Videos that lie elsewhere: which site an address belongs to, what its player needs of the watch page.

An address may be pasted as browsers show it, as a site's "share" gives it, or with the whole frame around it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from playhead.lms.models import Source, Video

HLS = "application/vnd.apple.mpegurl"


@dataclass(frozen=True, slots=True)
class Embed:
    """A video elsewhere: its kind, and the one address its player is given."""

    source: Source
    url: str


def recognise(pasted: str) -> Embed:
    """What was pasted: the address of a known site's video, of a playlist, or of a file that a browser plays."""
    framed = re.search(r"<iframe[^>]*\ssrc=[\"']([^\"']+)", pasted)
    url = (framed[1].replace("&amp;", "&") if framed else pasted).strip()
    if url.startswith("//"):
        url = "https:" + url
    parts = urlsplit(url)
    for known in _SITES:
        embed = known(parts)
        if embed:
            return embed
    return Embed(Source.HLS if parts.path.endswith(".m3u8") else Source.URL, url)


def _vimeo(parts: SplitResult) -> Embed | None:
    """`/123`, `/123/hash`, `/channels/x/123`, `/manage/videos/123`, and `player.vimeo.com/video/123?h=hash`."""
    if _host(parts) not in {"vimeo.com", "player.vimeo.com"}:
        return None
    found = re.search(r"/(\d+)(?:/([0-9a-f]{6,}))?/?$", parts.path)
    if not found:
        return None
    unlisted = found[2] or "".join(parse_qs(parts.query).get("h", [])[:1])
    query = f"?h={quote(unlisted)}" if unlisted else ""
    return Embed(Source.VIMEO, f"https://player.vimeo.com/video/{found[1]}{query}")


def _youtube(parts: SplitResult) -> Embed | None:
    host = _host(parts)
    if host == "youtu.be":
        name = parts.path.strip("/")
    elif host in {"youtube.com", "m.youtube.com", "youtube-nocookie.com"}:
        inside = re.match(r"/(?:embed|shorts|live|v)/([^/]+)", parts.path)
        name = inside[1] if inside else "".join(parse_qs(parts.query).get("v", [])[:1])
    else:
        return None
    if not re.fullmatch(r"[\w-]{6,20}", name):
        return None
    return Embed(Source.YOUTUBE, f"https://www.youtube-nocookie.com/embed/{name}")


def _cloudinary(parts: SplitResult) -> Embed | None:
    """A delivery address, or the page of its player, `player.cloudinary.com/embed/?cloud_name=…&public_id=…`."""
    host = _host(parts)
    if host == "player.cloudinary.com":
        asked = parse_qs(parts.query)
        cloud, public = (asked.get(name, [""])[0] for name in ("cloud_name", "public_id"))
        if not cloud or not public:
            return None
        path = f"/{quote(cloud, safe='')}/video/upload/{quote(public)}.mp4"
        return Embed(Source.CLOUDINARY, f"https://res.cloudinary.com{path}")
    if host == "res.cloudinary.com" or host.endswith("-res.cloudinary.com"):
        return Embed(Source.CLOUDINARY, parts.geturl())
    return None


def _kollus(parts: SplitResult) -> Embed | None:
    host = _host(parts)
    if not re.fullmatch(r"v(-live)?[.-][a-z]{2}\.kollus\.com", host) or parts.path in {"", "/"}:
        return None
    return Embed(Source.KOLLUS, parts._replace(scheme="https").geturl())


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


_SITES: tuple[Callable[[SplitResult], Embed | None], ...] = (_vimeo, _youtube, _cloudinary, _kollus)

# Players that stand in a page of their own, inside a frame of ours.
FRAMED = frozenset({Source.VIMEO, Source.YOUTUBE, Source.KOLLUS})
_SCRIPTS = {Source.FILE: "watch", Source.URL: "watch", Source.ASSET: "watch-hls"}


def is_framed(video: Video) -> bool:
    return video.source in FRAMED


def script_of(video: Video) -> str:
    """The script of the watch page that has this video's player in it."""
    return f"playhead/{_SCRIPTS.get(Source(video.source), f'watch-{video.source}')}.js"


def content_policy(video: Video) -> dict[str, list[str]]:
    """What the watch page of this video may load beside our own, by directive: its host, and nothing of any other."""
    parts = urlsplit(video.url)
    host = [f"{parts.scheme}://{parts.netloc}"]
    if not video.url:
        return {}
    if video.source in FRAMED:
        return {"frame-src": host}
    if video.source == Source.URL:
        return {"media-src": host}
    if video.source == Source.HLS:
        return {"media-src": host, "connect-src": host}
    # Its player writes styles into the page, and its own style holds its font.
    return {
        "media-src": host,
        "connect-src": host,
        "img-src": host,
        "font-src": ["data:"],
        "style-src": ["'unsafe-inline'"],
    }


def content_type(embed: Embed) -> str | None:
    """What the page is told of an embed; None for a file, whose ending tells."""
    if embed.source == Source.HLS or urlsplit(embed.url).path.endswith(".m3u8"):
        return HLS
    return None if embed.source in {Source.URL, Source.CLOUDINARY} else f"video/{embed.source}"
