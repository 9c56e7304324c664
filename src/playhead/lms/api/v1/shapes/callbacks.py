"""Callback endpoints and messages."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from playhead.lms.api.v1.shapes.plain import VIEWER_KEY, Sent, example, sent_example

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
        viewer=VIEWER_KEY,
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
