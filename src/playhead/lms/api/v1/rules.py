"""The rules of viewing, as the teachers' pages have them: a course's, a video's, and what holds for one viewer."""

from collections.abc import Mapping
from typing import Any, Final

from ninja import Router

from playhead.core.errors import Invalid, Missing
from playhead.lms import ruling
from playhead.lms.access import check_open
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.operation import operation
from playhead.lms.api.v1.shapes.plain import instant_of, moment_of
from playhead.lms.api.v1.shapes.rules import CourseRules, CourseRulesChange, TermsOut, VideoRules, VideoRulesChange
from playhead.lms.grants import course_of, person_of, video_of
from playhead.lms.models import Course, Enrolment, Video, ViewingRules
from playhead.lms.terms import Terms, terms_for

router = Router(tags=["rules"])

OF_COURSE: Final = tuple(CourseRules.model_fields)
OF_VIDEO: Final = tuple(VideoRules.model_fields)
_TEXTS: Final = frozenset({"seeking", "concurrent", "alias"})  # unsaid they are empty, not null
_INSTANTS: Final = frozenset({"opens_at", "closes_at", "due_at"})


@operation(router, "get", "/courses/{key}/rules", scope="courses:read", gives=CourseRules)
def read_course_rules(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a course's rules of viewing."""
    return shown_rules(course_of(request.caller.integration, key), OF_COURSE)


@operation(router, "patch", "/courses/{key}/rules", scope="courses:write", gives=CourseRules)
def change_course_rules(request: ApiRequest, key: str, asked: CourseRulesChange) -> dict[str, Any]:
    """Change a course's rules of viewing.
    They bind the playbacks opened from then on, and stand in the trail."""
    course = course_of(request.caller.integration, key)
    return _changed(request, course, course, asked.dict(exclude_unset=True), OF_COURSE)


@operation(router, "get", "/videos/{key}/rules", scope="courses:read", gives=VideoRules)
def read_video_rules(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a video's own rules of viewing."""
    return shown_rules(video_of(request.caller.integration, key), OF_VIDEO)


@operation(router, "patch", "/videos/{key}/rules", scope="courses:write", gives=VideoRules)
def change_video_rules(request: ApiRequest, key: str, asked: VideoRulesChange) -> dict[str, Any]:
    """Change a video's own rules of viewing.
    In the place of the course's. Progress is then counted over the part alone, where there is one."""
    video, told = video_of(request.caller.integration, key), asked.dict(exclude_unset=True)
    told |= {"alias": told["alias"].strip()} if told.get("alias") else {}
    if ruling.is_taken(told.get("alias") or "", video):
        raise Invalid("alias_taken", "Another video has this name already.")
    return _changed(request, video.course, video, told, OF_VIDEO)


@operation(router, "get", "/terms/{video}/{viewer}", scope="progress:read", gives=TermsOut)
def read_terms(request: ApiRequest, video: str, viewer: str) -> dict[str, Any]:
    """Read what holds for a viewer.
    The course's rules, the video's own, and what was agreed with this one: the nearest word of each."""
    integration = request.caller.integration
    of_video, user = video_of(integration, video), person_of(integration, viewer)
    if not Enrolment.objects.filter(course=of_video.course, user=user).exists():
        raise Missing("not_enrolled", "This viewer is not enrolled in the video's course.")
    terms = terms_for(user, [of_video])[of_video.pk]
    return {"video": of_video.key, "viewer": user.key, **_shown_terms(terms)}


def _changed(
    request: ApiRequest, course: Course, one: Course | Video, told: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, Any]:
    check_open(course)
    said = said_of(told)
    check({name: getattr(one, name) for name in names} | said)
    ruling.set_rules(one, said, by=request.caller.actor)
    return shown_rules(one, names)


def said_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Rules as the tables have them."""
    return {name: _said(name, value) for name, value in told.items()}


def _said(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return moment_of(value)
    if name in _TEXTS:
        return value or ""
    return sorted(set(value)) if name == "rates" and value is not None else value


def check(said: Mapping[str, Any]) -> None:
    """Raises Invalid for what cannot be, by member."""
    wrong = [{"member": name, "detail": text} for name, text in ruling.contradictions(said).items()]
    if wrong:
        raise Invalid("invalid", "; ".join(f"{one['member']}: {one['detail']}" for one in wrong), errors=wrong)


def shown_rules(one: ViewingRules, names: tuple[str, ...]) -> dict[str, Any]:
    """Rules as the API has them."""
    return {name: _shown(name, getattr(one, name)) for name in names}


def _shown(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return instant_of(value)
    return (value or None) if name in _TEXTS else value


def _shown_terms(terms: Terms) -> dict[str, Any]:
    names = [name for name in TermsOut.model_fields if name not in {"video", "viewer", "own"}]
    return {name: _shown(name, getattr(terms, name)) for name in names} | {"own": sorted(terms.own)}
