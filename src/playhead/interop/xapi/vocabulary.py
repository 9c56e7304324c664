"""The words of the xAPI Video Profile 1.0.3 that are read here, as tables.

Source: statement_data_model.md of liveaspankaj/xapi-video-cop and video.jsonld of adlnet/xapi-authored-profiles.
"""

from typing import Final, NamedTuple

VIDEO_ACTIVITY_TYPE: Final = "https://w3id.org/xapi/video/activity-type/video"


class Verb(NamedTuple):
    """`own_progress` tells what the statement's own progress says: nothing, what was watched, or a verdict."""

    name: str
    meaning: str
    own_progress: str = "none"


WATCHED: Final = "watched"
"""The statement's progress is |union of its played-segments| / length."""
VERDICT: Final = "verdict"
"""The statement's progress is 1 by decree, whatever was watched: `completed` is not watched."""

VERBS: Final[dict[str, Verb]] = {
    "http://adlnet.gov/expapi/verbs/initialized": Verb("initialized", "the player is ready; first of its session"),
    "https://w3id.org/xapi/video/verbs/played": Verb("played", "playing began or resumed"),
    "https://w3id.org/xapi/video/verbs/paused": Verb("paused", "playing stopped", WATCHED),
    "https://w3id.org/xapi/video/verbs/seeked": Verb("seeked", "the position was moved", WATCHED),
    "http://adlnet.gov/expapi/verbs/interacted": Verb("interacted", "volume, speed, quality, captions, full screen"),
    "http://adlnet.gov/expapi/verbs/completed": Verb("completed", "the player's threshold was passed", VERDICT),
    "http://adlnet.gov/expapi/verbs/terminated": Verb("terminated", "the session ended", WATCHED),
    "http://id.tincanapi.com/verb/downloaded": Verb("downloaded", "the file was taken away"),
}

LENGTH: Final = "https://w3id.org/xapi/video/extensions/length"
PLAYED_SEGMENTS: Final = "https://w3id.org/xapi/video/extensions/played-segments"
PROGRESS: Final = "https://w3id.org/xapi/video/extensions/progress"
SESSION_ID: Final = "https://w3id.org/xapi/video/extensions/session-id"


class Extension(NamedTuple):
    """`found_in` lists where real statements carry it: the profile's prose and its JSON-LD disagree."""

    name: str
    found_in: tuple[str, ...]
    meaning: str


EXTENSIONS: Final[dict[str, Extension]] = {
    LENGTH: Extension("length", ("context", "result"), "seconds, as this client saw them"),
    PLAYED_SEGMENTS: Extension("played-segments", ("result", "context"), "`from[.]to` in seconds, joined by `[,]`"),
    PROGRESS: Extension("progress", ("result", "context"), "0 to 1, at most three decimals"),
    SESSION_ID: Extension("session-id", ("context", "result"), "the id of the `initialized` statement"),
}
