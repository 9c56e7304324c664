"""Viewers, and who is in which course."""

from ninja import Schema

from playhead.lms.api.v1.shapes.plain import (
    COURSE_KEY,
    VIEWER_KEY,
    ExternalId,
    Instant,
    Key,
    RoleName,
    Sent,
    Text,
    example,
    sent_example,
)

_VIEWER = {
    "key": VIEWER_KEY,
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
        course=COURSE_KEY,
        viewer=VIEWER_KEY,
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
    model_config = sent_example(course=COURSE_KEY, viewer=VIEWER_KEY, role="student")
    course: Key
    viewer: Key
    role: RoleName = "student"


class EnrolmentChange(Sent):
    model_config = sent_example(role="assistant")
    role: RoleName
