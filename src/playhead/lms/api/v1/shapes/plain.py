"""What all shapes are made of: texts, instants, sections, examples; an error, and the key that asks."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

EPOCH_MAX_MS: Final = 253_402_300_799_000  # the end of the year 9999

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


COURSE_KEY: Final = "c_7k3mxq9p2vbn4wdz"
VIDEO_KEY: Final = "v_4tq8rm2xk9bcz7hd"
VIEWER_KEY: Final = "u_9xq2mk7cw4tbn8rz"
PLAYBACK_KEY: Final = "p_q8rm2xk9bcz7hd4t"
"""The keys of all examples: one story."""


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
