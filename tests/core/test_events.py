"""The vocabulary of events: complete, consistent, and strict about what is sent."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.core import limits
from playhead.core.errors import Invalid
from playhead.core.events import EVENTS, as_table, check_event

# The events that each player tells, as its own documentation and source name them.
CLOUDINARY_SAMPLE = """
    loadstart suspend abort error emptied stalled loadedmetadata loadeddata canplay canplaythrough playing waiting
    seeking seeked ended durationchange timeupdate progress play pause ratechange volumechange fullscreenchange
    posterchange
"""
HTML = """
    loadstart progress suspend abort error emptied stalled loadedmetadata loadeddata canplay canplaythrough playing
    waiting seeking seeked ended durationchange timeupdate play pause ratechange resize volumechange encrypted
    waitingforkey enterpictureinpicture leavepictureinpicture fullscreenchange fullscreenerror cuechange
"""
PLAYERS = {
    "vimeo": """
        play playing pause ended timeupdate progress seeking seeked loaded loadedmetadata durationchange volumechange
        playbackratechange qualitychange texttrackchange cuechange chapterchange cuepoint fullscreenchange resize
        camerachange bufferstart bufferend enterpictureinpicture leavepictureinpicture remoteplaybackavailabilitychange
        remoteplaybackconnecting remoteplaybackconnect remoteplaybackdisconnect error interactivehotspotclicked
        interactiveoverlaypanelclicked likebuttonpressed watchlaterbuttonpressed
    """,
    "youtube": """
        onReady onStateChange:-1 onStateChange:0 onStateChange:1 onStateChange:2 onStateChange:3 onStateChange:5
        onPlaybackQualityChange onPlaybackRateChange onError onApiChange onAutoplayBlocked onVideoProgress
        onVolumeChange
    """,
    "kollus": """
        loaded ready play pause progress seeking seeked done close volumechange muted speedchange playbackrateschange
        screenchange fullscreenchange scalemodechange jumpstepchange topmostchange videosettingchange
        subtitlevisibilitychange subtitle_sizechange repeat_stat_change hlsfragchange device_orientation_changed
        html5_video_supported error
    """,
    "video.js": """
        sourceset texttrackchange audiotrackchange videotrackchange posterchange playerresize useractive userinactive
        enterFullWindow exitFullWindow languagechange playbackrateschange controlsenabled controlsdisabled vttjsloaded
        textdata dispose ready
    """,
    "hls.js": """
        hlsManifestParsed hlsLevelSwitched hlsLevelLoaded hlsFragChanged hlsFragBuffered hlsError hlsStallResolved
        hlsFpsDrop hlsAudioTrackSwitched hlsSubtitleTrackSwitch hlsMediaEnded hlsKeyLoaded hlsInterstitialStarted
        hlsInterstitialEnded hlsEventCueEnter
    """,
    "cloudinary": """
        playerload videoload start percentsplayed timeplayed pausenoseek seek mute unmute qualitychanged replay
        sourcechanged cldsourcechanged playlistcreated playlistitemchanged upcomingvideoshow upcomingvideohide
        retryplaylist refresh productBarMin
    """,
}
TRACKER = "visibilitychange pagehide pageshow freeze resume online offline playbackerror loop displaced trackererror"


def our_names(player: str) -> dict[str, list[str]]:
    """Which of ours a player's own name stands for."""
    found: dict[str, list[str]] = {}
    for event in EVENTS.values():
        for native in event.natives.get(player, ()):
            found.setdefault(native, []).append(event.name)
    return found


@pytest.mark.parametrize("names", [CLOUDINARY_SAMPLE, HTML, TRACKER])
def test_the_canonical_names_are_all_there(names: str) -> None:
    assert not set(names.split()) - EVENTS.keys()


def test_the_sample_tells_24_events() -> None:
    assert len(CLOUDINARY_SAMPLE.split()) == 24


@pytest.mark.parametrize("player", PLAYERS)
def test_every_event_of_every_player_has_one_name_here(player: str) -> None:
    translated = our_names(player)
    assert [native for native, ours in translated.items() if len(ours) > 1] == []
    assert [name for name in PLAYERS[player].split() if name not in EVENTS and name not in translated] == []
    assert not translated.keys() - set(PLAYERS[player].split())


def test_names_are_lower_case_words_and_meanings_are_sentences() -> None:
    for name, event in EVENTS.items():
        assert name == event.name
        assert name.isalnum()
        assert name == name.lower()
        assert event.meaning.endswith(".")
        for field, rule in event.fields.items():
            assert field not in ("type", "t", "m")
            assert rule.meaning
            assert rule.minimum <= rule.maximum
            assert not field.endswith("_ms") or rule.unit == "ms"


def an_event(name: str, *, only_required: bool = False) -> dict[str, Any]:
    values = {"integer": 1, "text": "x", "boolean": True}
    fields = {key: values[rule.type] for key, rule in EVENTS[name].fields.items() if rule.required or not only_required}
    return {"type": name, "t": 12, "m": 0, **fields}


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_with_all_it_may_have_and_with_what_it_must(name: str) -> None:
    check_event(an_event(name))
    check_event(an_event(name, only_required=True))
    check_event({**an_event(name), "t": -limits.INTEGER_MAX, "m": limits.INTEGER_MAX})


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({}, "event_unknown"),
        ({"t": 1, "m": 1}, "event_unknown"),
        ({"type": "playbackratechange", "t": 1, "m": 1}, "event_unknown"),
        ({"type": "Play", "t": 1, "m": 1}, "event_unknown"),
        ({"type": ["play"], "t": 1, "m": 1}, "event_unknown"),
        ({"type": None, "t": 1, "m": 1}, "event_unknown"),
        ({"type": "play", "t": 1}, "event_field_missing"),
        ({"type": "play", "m": 1}, "event_field_missing"),
        ({"type": "ratechange", "t": 1, "m": 1}, "event_field_missing"),
        ({"type": "play", "t": 1, "m": 1, "rate": 1000}, "event_field_unknown"),
        ({"type": "play", "t": 1.0, "m": 1}, "event_field_invalid"),
        ({"type": "play", "t": True, "m": 1}, "event_field_invalid"),
        ({"type": "play", "t": "1", "m": 1}, "event_field_invalid"),
        ({"type": "play", "t": None, "m": 1}, "event_field_invalid"),
        ({"type": "play", "t": limits.INTEGER_MAX + 1, "m": 1}, "event_field_invalid"),
        ({"type": "play", "t": 1, "m": -limits.INTEGER_MAX - 1}, "event_field_invalid"),
        ({"type": "ratechange", "t": 1, "m": 1, "rate": 1.5}, "event_field_invalid"),
        ({"type": "volumechange", "t": 1, "m": 1, "volume_percent": 101}, "event_field_invalid"),
        ({"type": "volumechange", "t": 1, "m": 1, "volume_percent": -1}, "event_field_invalid"),
        ({"type": "volumechange", "t": 1, "m": 1, "muted": 1}, "event_field_invalid"),
        ({"type": "error", "t": 1, "m": 1, "message": 5}, "event_field_invalid"),
        ({"type": "error", "t": 1, "m": 1, "message": "x" * (limits.EVENT_TEXT + 1)}, "event_field_invalid"),
        ({"type": "error", "t": 1, "m": 1, "message": {"x": []}}, "event_field_invalid"),
    ],
)
def test_what_was_not_agreed(event: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_event(event)
    assert caught.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["type", "t", "m", "rate", "message"]) | st.text(), json_values), json_values)
def test_whatever_is_sent_only_invalid_comes_out(event: dict[str, Any], name: Any) -> None:
    for candidate in (event, {**event, "type": name}, {**event, "type": "ratechange"}):
        with suppress(Invalid):
            check_event(candidate)


def test_the_table_is_plain_data_and_says_everything() -> None:
    table = as_table()
    assert json.loads(json.dumps(table)) == table
    assert [row["name"] for row in table] == list(EVENTS)
    rows = {row["name"]: row for row in table}
    assert rows["ratechange"]["natives"] == {
        "vimeo": ["playbackratechange"],
        "youtube": ["onPlaybackRateChange"],
        "kollus": ["speedchange"],
    }
    assert rows["volumechange"]["fields"] == [
        integer("t", "ms", "wall time of the playback", required=True),
        integer("m", "ms", "media position", required=True),
        integer("volume_percent", "percent", "the volume", minimum=0, maximum=100),
        {"name": "muted", "type": "boolean", "unit": "", "meaning": "whether it is off", "required": False},
    ]


def integer(
    name: str,
    unit: str,
    meaning: str,
    *,
    required: bool = False,
    minimum: int = -limits.INTEGER_MAX,
    maximum: int = limits.INTEGER_MAX,
) -> dict[str, object]:
    return {
        "name": name,
        "type": "integer",
        "unit": unit,
        "meaning": meaning,
        "required": required,
        "minimum": minimum,
        "maximum": maximum,
    }
