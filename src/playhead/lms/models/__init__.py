"""The learning site's own tables. What was watched lives with the recorder, which knows people and videos by key."""

from playhead.lms.models.certificates import Certificate
from playhead.lms.models.courses import Course, Enrolment, Role, Source, Video, course_key, video_key
from playhead.lms.models.doors import AddressChange, Invitation, Letter, LoginSession
from playhead.lms.models.exceptions import Accommodation, Override, TrailEntry
from playhead.lms.models.joined import ApiKey, CourseGrant, KeptAnswer, Outsider, UsedToken
from playhead.lms.models.people import Organisation, User, default_organisation, user_key
from playhead.lms.models.rules import Concurrent, Device, Gatekeeper, Seeking, ViewingRules
from playhead.lms.models.unverified import UnverifiedEvent

__all__ = [
    "Accommodation",
    "AddressChange",
    "ApiKey",
    "Certificate",
    "Concurrent",
    "Course",
    "CourseGrant",
    "Device",
    "Enrolment",
    "Gatekeeper",
    "Invitation",
    "KeptAnswer",
    "Letter",
    "LoginSession",
    "Organisation",
    "Outsider",
    "Override",
    "Role",
    "Seeking",
    "Source",
    "TrailEntry",
    "UnverifiedEvent",
    "UsedToken",
    "User",
    "Video",
    "ViewingRules",
    "course_key",
    "default_organisation",
    "user_key",
    "video_key",
]
