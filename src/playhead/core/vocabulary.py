"""The table of `events.py`: every event there is, with its fields, their units, and what each player calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from playhead.core import limits

FieldType = Literal["integer", "text", "boolean"]


@dataclass(frozen=True, slots=True)
class Field:
    """What may stand in a field. `minimum` and `maximum` bound an integer, or the characters of a text."""

    type: FieldType
    unit: str
    meaning: str
    required: bool = False
    minimum: int = -limits.INTEGER_MAX
    maximum: int = limits.INTEGER_MAX


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: who knows it, what it means, its fields beside `t` and `m`, and what other players call it."""

    name: str
    source: str
    meaning: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    natives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _integer(unit: str, meaning: str, *, minimum: int = 0, maximum: int = limits.INTEGER_MAX) -> Field:
    return Field("integer", unit, meaning, minimum=minimum, maximum=maximum)


def _text(meaning: str) -> Field:
    return Field("text", "", meaning, minimum=0, maximum=limits.EVENT_TEXT)


def _boolean(meaning: str) -> Field:
    return Field("boolean", "", meaning)


def _needed(given: Field) -> Field:
    return Field(given.type, given.unit, given.meaning, required=True, minimum=given.minimum, maximum=given.maximum)


COMMON: Final[Mapping[str, Field]] = {
    "t": _needed(_integer("ms", "wall time of the playback", minimum=-limits.INTEGER_MAX)),
    "m": _needed(_integer("ms", "media position", minimum=-limits.INTEGER_MAX)),
}
"""The fields of every event."""

_DURATION = {"duration_ms": _integer("ms", "the duration; left out while unknown or endless")}
_SEEK = {
    "from_ms": _integer("ms", "the position that was left"),
    "to_ms": _integer("ms", "the position that was asked for"),
}
_SIZE = {"width_px": _integer("px", "width of the picture"), "height_px": _integer("px", "height of the picture")}
_TRACK = {
    "kind": _text("subtitles, captions, descriptions, ...; left out when switched off"),
    "label": _text("its name, as the viewer reads it"),
    "language": _text("its language (BCP 47)"),
}
_FAILURE = {
    "code": _integer("", "the player's own number for it", minimum=-limits.INTEGER_MAX),
    "name": _text("the player's own word for it"),
    "message": _text("what it says about it"),
}

_MEDIA = "media element"
_BROWSER = "browser"
_VIMEO, _YOUTUBE, _KOLLUS = "vimeo", "youtube", "kollus"
_VIDEOJS, _HLSJS, _CLOUDINARY = "video.js", "hls.js", "cloudinary"
_TRACKER = "tracker"

TABLE: Final = (
    # --- The media element: loading.
    EventType("loadstart", _MEDIA, "The player began to look for the media."),
    EventType(
        "progress",
        _MEDIA,
        "More of the media has been fetched.",
        {"buffered_ms": _integer("ms", "end of what is fetched in one piece from the position on")},
    ),
    EventType("suspend", _MEDIA, "The player stopped fetching for now, on purpose."),
    EventType("abort", _MEDIA, "Fetching was broken off, not by an error."),
    EventType(
        "error",
        _MEDIA,
        "The media could not be fetched or shown.",
        {**_FAILURE, "fatal": _boolean("whether playing ended by it")},
        {_YOUTUBE: ("onError",), _HLSJS: ("hlsError",)},
    ),
    EventType("emptied", _MEDIA, "The media was taken away: another source is loaded, or none."),
    EventType("stalled", _MEDIA, "Data was expected and did not come."),
    EventType("loadedmetadata", _MEDIA, "Duration and size are known.", {**_DURATION, **_SIZE}),
    EventType("loadeddata", _MEDIA, "The first picture can be shown."),
    EventType(
        "canplay", _MEDIA, "There is enough to begin, or to go on after waiting.", natives={_VIMEO: ("bufferend",)}
    ),
    EventType("canplaythrough", _MEDIA, "It can probably be played to the end without waiting."),
    # --- The media element: playing.
    EventType("play", _MEDIA, "Playing was asked for."),
    EventType("playing", _MEDIA, "Playing began, or went on after waiting.", natives={_YOUTUBE: ("onStateChange:1",)}),
    EventType(
        "pause",
        _MEDIA,
        "Playing was stopped.",
        {"scrubbing": _boolean("whether the player itself paused while the viewer drags the position")},
        {_YOUTUBE: ("onStateChange:2",), _CLOUDINARY: ("pausenoseek",)},
    ),
    EventType(
        "waiting",
        _MEDIA,
        "Playing had to wait for data; also told during a seek.",
        natives={_VIMEO: ("bufferstart",), _YOUTUBE: ("onStateChange:3",)},
    ),
    EventType("seeking", _MEDIA, "The position is being moved.", _SEEK),
    EventType("seeked", _MEDIA, "The position has been moved.", _SEEK, {_CLOUDINARY: ("seek",)}),
    EventType(
        "timeupdate",
        _MEDIA,
        "The position went on, or was moved.",
        natives={_YOUTUBE: ("onVideoProgress",), _KOLLUS: ("progress",)},
    ),
    EventType(
        "ended",
        _MEDIA,
        "The end was reached.",
        natives={_YOUTUBE: ("onStateChange:0",), _KOLLUS: ("done",), _HLSJS: ("hlsMediaEnded",)},
    ),
    EventType("durationchange", _MEDIA, "The player learnt another duration.", _DURATION),
    EventType(
        "ratechange",
        _MEDIA,
        "Playing became faster or slower.",
        {
            "rate": _needed(
                _integer(
                    "thousandths",
                    "the new rate; 1000 is normal speed, negative is backwards",
                    minimum=-limits.INTEGER_MAX,
                )
            )
        },
        {_VIMEO: ("playbackratechange",), _YOUTUBE: ("onPlaybackRateChange",), _KOLLUS: ("speedchange",)},
    ),
    EventType(
        "volumechange",
        _MEDIA,
        "The sound became louder or softer, or was switched off or on.",
        {"volume_percent": _integer("percent", "the volume", maximum=100), "muted": _boolean("whether it is off")},
        {_YOUTUBE: ("onVolumeChange",), _KOLLUS: ("muted",), _CLOUDINARY: ("mute", "unmute")},
    ),
    EventType("resize", _MEDIA, "The picture has another size.", _SIZE),
    EventType(
        "encrypted", _MEDIA, "The media is encrypted, and a key is asked for.", {"name": _text("the key system")}
    ),
    EventType("waitingforkey", _MEDIA, "Playing waits for a key."),
    EventType("enterpictureinpicture", _MEDIA, "The picture went into a window of its own.", _SIZE),
    EventType("leavepictureinpicture", _MEDIA, "The picture came back into the page."),
    # --- The media element: tracks.
    EventType("texttrackchange", _MEDIA, "Other subtitles, or none.", _TRACK, {_HLSJS: ("hlsSubtitleTrackSwitch",)}),
    EventType("audiotrackchange", _MEDIA, "Another sound track.", _TRACK, {_HLSJS: ("hlsAudioTrackSwitched",)}),
    EventType("videotrackchange", _MEDIA, "Another picture track.", _TRACK),
    EventType("cuechange", _MEDIA, "Another subtitle is shown.", _TRACK),
    # --- The page around the player.
    EventType(
        "fullscreenchange",
        _BROWSER,
        "The player fills the screen, or no longer.",
        {"fullscreen": _needed(_boolean("whether it fills the screen"))},
        {_KOLLUS: ("screenchange",), _VIDEOJS: ("enterFullWindow", "exitFullWindow")},
    ),
    EventType("fullscreenerror", _BROWSER, "Filling the screen was refused."),
    EventType(
        "visibilitychange",
        _BROWSER,
        "The page came into sight, or went out of it.",
        {"visible": _needed(_boolean("whether it can be seen"))},
    ),
    EventType("pagehide", _BROWSER, "The page is being left.", {"persisted": _boolean("whether it may come back")}),
    EventType("pageshow", _BROWSER, "The page is shown.", {"persisted": _boolean("whether it came back")}),
    EventType("freeze", _BROWSER, "The browser stopped the page, to save power."),
    EventType("resume", _BROWSER, "The browser let the page run again."),
    EventType("online", _BROWSER, "The network came back."),
    EventType("offline", _BROWSER, "The network went away."),
    EventType(
        "orientationchange", _BROWSER, "The device was turned.", natives={_KOLLUS: ("device_orientation_changed",)}
    ),
    # --- What the tracker itself saw or did.
    EventType("playbackerror", _TRACKER, "The browser refused to play, for instance without a click.", _FAILURE),
    EventType("loop", _TRACKER, "The video went from its end to its beginning by itself."),
    EventType("displaced", _TRACKER, "Paused, because the same viewer plays elsewhere."),
    EventType(
        "tampered",
        _TRACKER,
        "Paused, because the mark over the picture was removed, hidden, covered or changed.",
        {"how": _needed(_text("removed, hidden, covered, changed or picture-in-picture"))},
    ),
    EventType(
        "present",
        _TRACKER,
        "The viewer answered that they are there.",
        {"prompt": _needed(_text("the name of the prompt that was answered"))},
    ),
    EventType("trackererror", _TRACKER, "Something failed inside the tracker; the player was left alone.", _FAILURE),
    # --- What Vimeo adds.
    EventType(
        "loaded",
        _VIMEO,
        "A video was put into the player.",
        {"id": _text("the provider's id of the video")},
        {_CLOUDINARY: ("videoload",)},
    ),
    EventType(
        "qualitychange",
        _VIMEO,
        "The picture became sharper or coarser.",
        {
            "quality": _text("the player's name for it, such as 720p"),
            "height_px": _integer("px", "height of the picture"),
            "bitrate_bps": _integer("bit/s", "data rate of this quality"),
        },
        {_YOUTUBE: ("onPlaybackQualityChange",), _HLSJS: ("hlsLevelSwitched",), _CLOUDINARY: ("qualitychanged",)},
    ),
    EventType(
        "chapterchange",
        _VIMEO,
        "A chapter began.",
        {
            "start_ms": _integer("ms", "where the chapter begins"),
            "title": _text("its title"),
            "index": _integer("", "its number, from 1"),
        },
    ),
    EventType(
        "cuepoint",
        _VIMEO,
        "A marked position was reached.",
        {"time_ms": _integer("ms", "the position"), "id": _text("the mark's id")},
    ),
    EventType(
        "camerachange",
        _VIMEO,
        "The viewer looked elsewhere in a 360 degree video.",
        {
            name: _integer("thousandths of a degree", meaning, minimum=-limits.INTEGER_MAX)
            for name, meaning in (
                ("yaw", "to the side"),
                ("pitch", "up or down"),
                ("roll", "tilt"),
                ("fov", "angle of view"),
            )
        },
    ),
    EventType(
        "remoteplaybackavailabilitychange",
        _VIMEO,
        "A screen to play on came near, or went away.",
        {"available": _boolean("whether there is one")},
    ),
    EventType("remoteplaybackconnecting", _VIMEO, "Playing is being moved to another screen."),
    EventType("remoteplaybackconnect", _VIMEO, "Playing moved to another screen."),
    EventType("remoteplaybackdisconnect", _VIMEO, "Playing came back from another screen."),
    EventType("interactivehotspotclicked", _VIMEO, "The viewer clicked a spot in the picture.", {"id": _text("which")}),
    EventType("interactiveoverlaypanelclicked", _VIMEO, "The viewer clicked a panel over it.", {"id": _text("which")}),
    EventType("likebuttonpressed", _VIMEO, "The viewer pressed like.", {"liked": _boolean("on, or off again")}),
    EventType(
        "watchlaterbuttonpressed",
        _VIMEO,
        "The viewer pressed watch later.",
        {"watch_later": _boolean("on, or off again")},
    ),
    # --- What YouTube adds.
    EventType(
        "unstarted", _YOUTUBE, "A video is there and was not started yet.", natives={_YOUTUBE: ("onStateChange:-1",)}
    ),
    EventType("cued", _YOUTUBE, "A video is next and can be started.", natives={_YOUTUBE: ("onStateChange:5",)}),
    EventType(
        "apichange", _YOUTUBE, "A module such as captions was loaded or left.", natives={_YOUTUBE: ("onApiChange",)}
    ),
    EventType(
        "autoplayblocked",
        _YOUTUBE,
        "The browser did not let it start by itself.",
        natives={_YOUTUBE: ("onAutoplayBlocked",)},
    ),
    # --- What Video.js adds.
    EventType(
        "ready",
        _VIDEOJS,
        "The player can be spoken to.",
        natives={_YOUTUBE: ("onReady",), _CLOUDINARY: ("playerload",)},
    ),
    EventType(
        "sourceset",
        _VIDEOJS,
        "Another source was set.",
        natives={_CLOUDINARY: ("sourcechanged", "cldsourcechanged")},
    ),
    EventType("posterchange", _VIDEOJS, "Another still picture stands before the video."),
    EventType("playerresize", _VIDEOJS, "The player has another size on the page.", _SIZE),
    EventType("useractive", _VIDEOJS, "The viewer moved, pressed or touched something on the player."),
    EventType("userinactive", _VIDEOJS, "The viewer touched nothing on the player for a while."),
    EventType("languagechange", _VIDEOJS, "The player speaks another language.", {"language": _text("which (BCP 47)")}),
    EventType("playbackrateschange", _VIDEOJS, "Other rates are offered."),
    EventType("controlsenabled", _VIDEOJS, "The controls were shown."),
    EventType("controlsdisabled", _VIDEOJS, "The controls were taken away."),
    EventType("vttjsloaded", _VIDEOJS, "The reader for subtitles is there."),
    EventType("textdata", _VIDEOJS, "Subtitle data came in."),
    EventType("dispose", _VIDEOJS, "The player was taken down.", natives={_KOLLUS: ("close",)}),
    # --- What hls.js adds.
    EventType(
        "manifestparsed",
        _HLSJS,
        "The playlist was read.",
        {"levels": _integer("", "how many qualities it offers")},
        {_HLSJS: ("hlsManifestParsed",)},
    ),
    EventType(
        "levelloaded",
        _HLSJS,
        "The playlist of a quality was read.",
        {"live": _boolean("whether it still grows"), **_DURATION},
        {_HLSJS: ("hlsLevelLoaded",)},
    ),
    EventType(
        "fragmentchange",
        _HLSJS,
        "The next piece of the media is played.",
        {"start_ms": _integer("ms", "where it begins"), "duration_ms": _integer("ms", "how long it is")},
        {_HLSJS: ("hlsFragChanged",), _KOLLUS: ("hlsfragchange",)},
    ),
    EventType(
        "fragmentbuffered",
        _HLSJS,
        "A piece of the media was fetched.",
        {
            "start_ms": _integer("ms", "where it begins"),
            "bytes": _integer("bytes", "how large it is"),
            "load_ms": _integer("ms", "how long fetching took"),
            "bandwidth_bps": _integer("bit/s", "the player's estimate of the network"),
        },
        {_HLSJS: ("hlsFragBuffered",)},
    ),
    EventType("keyloaded", _HLSJS, "A key was fetched.", natives={_HLSJS: ("hlsKeyLoaded",)}),
    EventType("stallresolved", _HLSJS, "Playing went on after a stall.", natives={_HLSJS: ("hlsStallResolved",)}),
    EventType(
        "framesdropped",
        _HLSJS,
        "The device was too slow for the picture.",
        {"dropped": _integer("", "pictures left out")},
        {_HLSJS: ("hlsFpsDrop",)},
    ),
    EventType(
        "interstitialstart", _HLSJS, "Something put in between began.", natives={_HLSJS: ("hlsInterstitialStarted",)}
    ),
    EventType(
        "interstitialend", _HLSJS, "Something put in between ended.", natives={_HLSJS: ("hlsInterstitialEnded",)}
    ),
    EventType(
        "eventcueenter", _HLSJS, "A marked event of the stream was reached.", natives={_HLSJS: ("hlsEventCueEnter",)}
    ),
    # --- What Kollus adds.
    EventType(
        "jumpstepchange", _KOLLUS, "The arrow keys jump another distance.", {"step_ms": _integer("ms", "how far")}
    ),
    EventType("scalemodechange", _KOLLUS, "The picture fits its frame in another way.", {"mode": _text("how")}),
    EventType("topmostchange", _KOLLUS, "The player stays above other windows, or no longer."),
    EventType(
        "subtitlevisibilitychange", _KOLLUS, "Subtitles were shown or hidden.", {"visible": _boolean("whether shown")}
    ),
    EventType(
        "subtitlesizechange",
        _KOLLUS,
        "Subtitles have another size.",
        {"size": _integer("", "the player's own measure")},
        {_KOLLUS: ("subtitle_sizechange",)},
    ),
    EventType(
        "repeatchange",
        _KOLLUS,
        "A stretch is repeated from A to B, or no longer.",
        {
            "active": _boolean("whether it is repeated"),
            "start_ms": _integer("ms", "A"),
            "end_ms": _integer("ms", "B"),
        },
        {_KOLLUS: ("repeat_stat_change",)},
    ),
    EventType("videosettingchange", _KOLLUS, "Brightness, contrast or the like was changed."),
    EventType(
        "html5videosupported", _KOLLUS, "The browser can play it itself.", natives={_KOLLUS: ("html5_video_supported",)}
    ),
    # --- What the Cloudinary player adds. Its own figures are known to be wrong after seeks: they decide nothing.
    EventType("start", _CLOUDINARY, "Playing began, as this player counts; it counts again after every seek."),
    EventType(
        "percentsplayed",
        _CLOUDINARY,
        "The position passed a mark.",
        {"percent": _needed(_integer("percent", "the mark", maximum=100))},
    ),
    EventType(
        "timeplayed",
        _CLOUDINARY,
        "The position passed a mark.",
        {"time_ms": _needed(_integer("ms", "the mark"))},
    ),
    EventType("replay", _CLOUDINARY, "The viewer started again after the end."),
    EventType("playlistcreated", _CLOUDINARY, "A list of videos was made."),
    EventType("playlistitemchanged", _CLOUDINARY, "Another video of the list is there.", {"id": _text("which")}),
    EventType("upcomingvideoshow", _CLOUDINARY, "The next video was announced."),
    EventType("upcomingvideohide", _CLOUDINARY, "The announcement was taken away."),
    EventType("retryplaylist", _CLOUDINARY, "The list is asked for again."),
    EventType("refresh", _CLOUDINARY, "The player drew itself anew."),
    EventType(
        "productbarmin", _CLOUDINARY, "The bar of products was folded.", natives={_CLOUDINARY: ("productBarMin",)}
    ),
)
