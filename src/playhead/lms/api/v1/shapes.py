"""What the API takes and gives, as JSON. Instants are epoch milliseconds, lengths and positions milliseconds of media,
rates thousandths, sections half-open pairs: as everywhere else on the wire (`contract/README.md`)."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from playhead.core import limits

EPOCH_MAX_MS = 253_402_300_799_000  # the end of the year 9999

Text = Annotated[str, Field(max_length=200, pattern=r"\S")]
LongText = Annotated[str, Field(max_length=10_000)]
Key = Annotated[str, Field(max_length=64)]
ExternalId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Instant = Annotated[int, Field(ge=0, le=EPOCH_MAX_MS, description="Epoch milliseconds")]
Milliseconds = Annotated[int, Field(description="Milliseconds")]
# Not a tuple: ninja describes those as OpenAPI 3.1 no longer does.
Pair = Annotated[list[int], Field(min_length=2, max_length=2)]
Pairs = Annotated[list[Pair], Field(description="Sections `[start_ms, end_ms)`, disjoint, in order")]
Speed = Literal[1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000]
RoleName = Literal["student", "assistant", "teacher"]


def instant_of(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def moment_of(instant: int | None) -> datetime | None:
    return None if instant is None else datetime.fromtimestamp(instant / 1000, UTC)


class Sent(Schema):
    """A body that a caller sends: what is not agreed is refused, not ignored."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


def example(**members: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [members]})


def sent_example(**members: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [members]})


class Problem(Schema):
    """An error (RFC 9457). `code` is for programs, `detail` for people."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:playhead:problem:no_such_course",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is no such course.",
                    "code": "no_such_course",
                }
            ]
        },
    )
    type: str
    title: str
    status: int
    detail: str
    code: str


_COURSE = {
    "key": "c_7k3mxq9p2vbn4wdz",
    "title": "Film basics",
    "description": "",
    "threshold_percent": 95,
    "max_rate": 2000,
    "no_skip": False,
    "archived": False,
    "created_at": 1_788_249_600_000,
}


class CourseOut(Schema):
    """A course. Its rules bind the playbacks opened from now on."""

    model_config = example(**_COURSE)
    key: str
    title: str
    description: str
    threshold_percent: int = Field(description="Share of a video needed to complete it")
    max_rate: int = Field(description="Highest speed that counts, thousandths")
    no_skip: bool
    archived: bool
    created_at: Instant


class CourseIn(Sent):
    model_config = sent_example(title="Film basics", threshold_percent=90)
    title: Text
    description: LongText = ""
    threshold_percent: int = Field(limits.THRESHOLD_PERCENT_DEFAULT, ge=1, le=100)
    max_rate: Speed = 2000
    no_skip: bool = False


class CourseChange(Sent):
    """Members that are left out stay as they are."""

    model_config = sent_example(title="Film basics, autumn", archived=False)
    title: Text | None = None
    description: LongText | None = None
    threshold_percent: int | None = Field(None, ge=1, le=100)
    max_rate: Speed | None = None
    no_skip: bool | None = None
    archived: bool | None = None


_VIDEO = {
    "key": "v_4tq8rm2xk9bcz7hd",
    "course": "c_7k3mxq9p2vbn4wdz",
    "title": "The first film",
    "description": "",
    "position": 1,
    "source": "url",
    "url": "https://videos.example.org/film.mp4",
    "duration_ms": 600_000,
    "due_at": None,
    "created_at": 1_788_249_600_000,
}


class VideoOut(Schema):
    """A video of a course. `url` is empty where the video lies here: it is played under a ticket."""

    model_config = example(**_VIDEO)
    key: str
    course: str
    title: str
    description: str
    position: int
    source: str
    url: str
    duration_ms: int | None = Field(description="Milliseconds; null while nobody knows")
    due_at: Instant | None
    created_at: Instant


class VideoIn(Sent):
    """From a web address with `source` `url`, or from a file in the server's media folder with `source` `file`."""

    model_config = sent_example(
        course=_COURSE["key"],
        title="The first film",
        source="url",
        url="https://videos.example.org/film.mp4",
        duration_ms=600_000,
    )
    course: Key
    title: Text
    description: LongText = ""
    source: Literal["url", "file"] = "url"
    url: str = Field("", max_length=2000)
    file: str = Field("", max_length=255)
    duration_ms: int | None = Field(None, gt=0, le=limits.VIDEO_MS, description="Of a web address; files are measured")
    due_at: Instant | None = None


class VideoChange(Sent):
    """Members that are left out stay as they are; `due_at` null takes the date away."""

    model_config = sent_example(title="The first film, again", due_at=1_790_000_000_000)
    title: Text | None = None
    description: LongText | None = None
    position: int | None = Field(None, ge=0, le=1_000_000)
    due_at: Instant | None = None


_VIEWER = {
    "key": "u_9xq2mk7cw4tbn8rz",
    "external_id": "student-42",
    "name": "Bob Brown",
    "active": True,
    "created_at": 1_788_249_600_000,
}


class ViewerOut(Schema):
    """A person. `external_id` is what the integration that asks calls them; null where it did not send them."""

    model_config = example(**_VIEWER)
    key: str
    external_id: str | None
    name: str
    active: bool
    created_at: Instant


class ViewerIn(Sent):
    model_config = sent_example(external_id="student-42", name="Bob Brown")
    external_id: ExternalId
    name: Text


class ViewerChange(Sent):
    """`active` false closes what the person is watching, at once, and opens nothing more for them."""

    model_config = sent_example(name="Bob Brown")
    name: Text | None = None
    active: bool | None = None


class EnrolmentOut(Schema):
    model_config = example(
        course=_COURSE["key"],
        viewer=_VIEWER["key"],
        external_id="student-42",
        name="Bob Brown",
        role="student",
        created_at=1_788_249_600_000,
    )
    course: str
    viewer: str
    external_id: str | None
    name: str
    role: RoleName
    created_at: Instant


class EnrolmentIn(Sent):
    model_config = sent_example(course=_COURSE["key"], viewer=_VIEWER["key"], role="student")
    course: Key
    viewer: Key
    role: RoleName = "student"


class EnrolmentChange(Sent):
    model_config = sent_example(role="assistant")
    role: RoleName


_PROGRESS = {
    "video": _VIDEO["key"],
    "viewer": _VIEWER["key"],
    "external_id": "student-42",
    "duration_ms": 600_000,
    "needed_ms": 569_050,
    "progress": 5,
    "covered_ms": 30_000,
    "watched_ms": 40_000,
    "counted_ms": 30_000,
    "refused_ms": 0,
    "imported_ms": 0,
    "position_ms": 30_000,
    "resume_ms": 30_000,
    "completed": False,
    "completed_at": None,
    "override": False,
    "evidence": "clock",
    "refusals": {},
    "last_seen_at": 1_788_249_640_000,
    "coverage": [[0, 30_000]],
    "again": [[0, 10_000]],
    "refused": [],
    "imported": [],
}


class ProgressOut(Schema):
    """Where one viewer stands in one video. `covered_ms` counts every second once, `watched_ms` repeats as well;
    `progress` is covered (under a no-skip rule: counted) as whole percent of the video less its last second.
    `override` is a teacher's word beside it. `evidence` says what the credit rests on."""

    model_config = example(**_PROGRESS)
    video: str
    viewer: str
    external_id: str | None
    duration_ms: int | None
    needed_ms: int | None
    progress: int | None
    covered_ms: int
    watched_ms: int
    counted_ms: int
    refused_ms: int
    imported_ms: int
    position_ms: int
    resume_ms: int
    completed: bool
    completed_at: Instant | None
    override: bool
    evidence: str
    refusals: dict[str, int] = Field(description="Milliseconds not credited, by reason")
    last_seen_at: Instant | None
    coverage: Pairs
    again: Pairs
    refused: Pairs
    imported: Pairs


class LineOut(Schema):
    """A ledger line: one claim, what was credited of it, with which time it was paid, and why not more."""

    model_config = example(
        journal=71,
        line=0,
        kind="credit",
        playback="p_q8rm2xk9bcz7hd4t",
        opened_at=1_788_249_600_000,
        received_at=1_788_249_610_040,
        t0=0,
        t1=10_000,
        m0=0,
        m1=10_000,
        rate=1000,
        credited=[[0, 10_000]],
        fresh=[[0, 10_000]],
        paid=[[1_788_249_600_000, 1_788_249_610_000]],
        credited_ms=10_000,
        fresh_ms=10_000,
        paid_ms=10_000,
        lateness_ms=40,
        reasons={},
    )
    journal: int
    line: int
    kind: str
    playback: str
    opened_at: int
    received_at: int
    t0: int = Field(description="Milliseconds since the playback was opened, as claimed")
    t1: int
    m0: int = Field(description="Milliseconds of the video, as claimed")
    m1: int
    rate: int
    credited: Pairs
    fresh: Pairs
    paid: Pairs
    credited_ms: int
    fresh_ms: int
    paid_ms: int
    lateness_ms: int
    reasons: dict[str, int] = Field(description="Milliseconds not credited, by reason")


class EventsOut(Schema):
    """What arrived together: an opening, a closing, or a batch with the events that the player told."""

    model_config = example(
        id=71,
        kind="batch",
        playback="p_q8rm2xk9bcz7hd4t",
        video=_VIDEO["key"],
        opened_at=1_788_249_600_000,
        received_at=1_788_249_610_040,
        events=[{"type": "play", "t": 4, "m": 0}],
    )
    id: int
    kind: str
    playback: str
    video: str
    opened_at: int
    received_at: int
    events: list[dict[str, Any]]


class PlaybackOut(Schema):
    """One opening of one video by one viewer, with the terms that hold while it lasts."""

    model_config = example(
        key="p_q8rm2xk9bcz7hd4t",
        viewer=_VIEWER["key"],
        external_id="student-42",
        video=_VIDEO["key"],
        opened_at=1_788_249_600_000,
        closed_at=None,
        closed_reason=None,
        first_credit_at=1_788_249_610_040,
        ticket_expires_at=1_788_292_800_000,
        duration_ms=600_000,
        max_rate=2000,
        threshold_percent=95,
        no_skip=False,
    )
    key: str
    viewer: str
    external_id: str | None
    video: str
    opened_at: int
    closed_at: int | None
    closed_reason: str | None
    first_credit_at: int | None
    ticket_expires_at: int
    duration_ms: int | None
    max_rate: int
    threshold_percent: int
    no_skip: bool


class PlaybackIn(Sent):
    model_config = sent_example(video=_VIDEO["key"], viewer=_VIEWER["key"])
    video: Key
    viewer: Key


class TicketIn(Sent):
    model_config = sent_example(ticket="eyJhbGciOiJIUzI1NiIs…")
    ticket: str = Field(max_length=limits.TICKET_BYTES)


class TicketOut(Schema):
    model_config = example(ticket="eyJhbGciOiJIUzI1NiIs…", expires_at_s=1_788_292_800)
    ticket: str
    expires_at_s: int


class OpeningOut(Schema):
    """All that a player needs to start: the answer of `POST /v1/playbacks` (`contract/playbacks/opened.json`)."""

    model_config = ConfigDict(extra="allow")
    playback: str
    ticket: str = Field(description="Goes before every batch; hand it to the player, never your API key")
    expires_at_s: int
    opened_at: int
    server_time: int
    video: dict[str, Any]
    media: dict[str, Any]
    policy: dict[str, Any]
    resume_ms: int = Field(description="Where to go on")
    coverage: Pairs
    progress: int | None
    covered_ms: int
    watched_ms: int
    counted_ms: int
    needed_ms: int | None
    completed: bool
    evidence: str


class CourseStatistics(Schema):
    """A course by its videos."""

    model_config = example(
        course=_COURSE["key"],
        students=40,
        videos=[{"video": _VIDEO["key"], "started": 31, "completed": 22, "average_progress": 71}],
    )
    course: str
    students: int
    videos: list["VideoCounts"]


class VideoCounts(Schema):
    model_config = example(video=_VIDEO["key"], started=31, completed=22, average_progress=71)
    video: str
    started: int
    completed: int
    average_progress: int | None


class VideoStatistics(Schema):
    """A video by its seconds: lists hold one number for each second, from the first on."""

    model_config = example(
        video=_VIDEO["key"],
        students=40,
        started=31,
        completed=22,
        average_progress=71,
        viewers=[31, 31, 30],
        views=[35, 33, 30],
        pauses=[0, 1, 0],
        events={"play": 40, "pause": 12},
    )
    video: str
    students: int
    started: int
    completed: int
    average_progress: int | None
    viewers: list[int] = Field(description="How many saw this second")
    views: list[int] = Field(description="How often it was seen")
    pauses: list[int] = Field(description="How often somebody paused in it")
    events: dict[str, int] = Field(description="How often each kind of event was told")


class KeyOut(Schema):
    """The key that asks."""

    model_config = example(
        integration="i_4f1d9a",
        name="Example LMS",
        scopes=["courses:read", "progress:read"],
        whole_school=False,
        server_time=1_788_249_600_000,
    )
    integration: str
    name: str
    scopes: list[str]
    whole_school: bool
    server_time: int


_ENDPOINT = {
    "key": "e_5d1c0a9b2f7e6843",
    "name": "Progress",
    "url": "https://lms.example/playhead",
    "format": "standard",
    "types": ["progress.updated", "video.completed"],
    "active": True,
    "disabled_reason": "",
    "failing_since": None,
    "last_ok_at": 1_788_249_640_000,
    "created_at": 1_788_249_600_000,
}
_SECRET = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
Url = Annotated[str, Field(min_length=1, max_length=2000)]
EndpointFormat = Literal["standard", "kollus"]
MessageType = Annotated[str, Field(max_length=40)]
MessageTypes = Annotated[list[MessageType], Field(max_length=20, description="Only these; empty: all")]


class EndpointOut(Schema):
    """Where messages go. `failing_since`: nothing has got through since then."""

    model_config = example(**_ENDPOINT)
    key: str
    name: str
    url: str
    format: str
    types: list[str]
    active: bool
    disabled_reason: str
    failing_since: int | None
    last_ok_at: int | None
    created_at: int


class EndpointMade(EndpointOut):
    model_config = example(**_ENDPOINT, **_SECRET)
    secret: str = Field(description="Told only now")


class EndpointIn(Sent):
    model_config = sent_example(name="Progress", url="https://lms.example/playhead", types=["progress.updated"])
    name: Annotated[str, Field(max_length=100, pattern=r"\S")]
    url: Url
    format: EndpointFormat = "standard"
    types: MessageTypes = []


class EndpointChange(Sent):
    """Members that are left out stay as they are."""

    model_config = sent_example(active=True)
    name: Annotated[str, Field(max_length=100, pattern=r"\S")] | None = None
    url: Url | None = None
    types: MessageTypes | None = None
    active: bool | None = None


class SecretOut(Schema):
    model_config = example(**_SECRET)
    secret: str


class MessageOut(Schema):
    """A message for one endpoint: `waiting`, `done` (answered with 2xx), `failed`, or `dropped`."""

    model_config = example(
        id="msg_5d1c0a9b2f7e6843aa00",
        type="progress.updated",
        viewer=_VIEWER["key"],
        created_at=1_788_249_610_040,
        state="done",
        tries=1,
        next_at=None,
        done_at=1_788_249_610_340,
    )
    id: str
    type: str
    viewer: str
    created_at: int
    state: str
    tries: int
    next_at: int | None
    done_at: int | None
