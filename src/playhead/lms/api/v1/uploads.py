"""The library of a course: uploads from the agreement on their first byte, with what is said about them."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Conflict, Invalid, Missing
from playhead.lms import library
from playhead.lms.access import check_open
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.api.v1.shapes.uploads import CaptionsIn, CaptionsOut, UploadChange, UploadIn, UploadMade, UploadOut
from playhead.lms.grants import course_of, courses_of
from playhead.lms.library import Item
from playhead.lms.models import Video
from playhead.lms.site_address import site_address
from playhead.media import texts, uploads
from playhead.media.models import Asset, Captions, State

router = Router(tags=["uploads"])


@operation(router, "get", "/uploads", scope="library:read", gives=Page[UploadOut])
def list_uploads(
    request: ApiRequest,
    course: Annotated[str | None, Field(max_length=64, description="Only of this course's library")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List uploads.
    Those that were removed included, until their files are gone."""
    rows = _uploads(request)
    if course is not None:
        rows = rows.filter(shelf=course_of(request.caller.integration, course).key)
    return page_of(rows.prefetch_related("captions"), shown_uploads, cursor=cursor, limit=limit)


@operation(router, "post", "/uploads", scope="library:write", gives=UploadMade)
def begin_upload(request: ApiRequest, response: HttpResponse, asked: UploadIn) -> dict[str, Any]:
    """Begin an upload.
    Send the file to `upload_url` with any client of tus 1.0, in as many pieces as the connection allows; that address
    needs no key, so that an app may send it. Then it is packaged, and becomes a video at the end of the course: ask
    here, or hear of it by the callback `content.ready`."""
    course = course_of(request.caller.integration, asked.course)
    check_open(course)
    asset, address = uploads.begin(
        organisation_id=course.organisation_id,
        shelf=course.key,
        title=asked.title,
        name=asked.name,
        size_bytes=asked.size_bytes,
    )
    at(response, "uploads", asset.key)
    response.status_code = 201
    return shown_uploads([asset])[0] | {"upload_url": site_address(request) + address}


@operation(router, "get", "/uploads/{key}", scope="library:read", gives=UploadOut)
def read_upload(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read an upload."""
    return shown_uploads([_item(request, key).asset])[0]


@operation(router, "patch", "/uploads/{key}", scope="library:write", gives=UploadOut)
def change_upload(request: ApiRequest, key: str, asked: UploadChange) -> dict[str, Any]:
    """Change what is said about an upload.
    Title and description also of the video that shows it; its chapters, and which of its pictures stands for it."""
    item = _item_to_change(request, key)
    asset, about = item.asset, item.video or item.asset
    told = {name: value for name, value in asked.dict(exclude_unset=True).items() if value is not None}
    holds = {"title": about.title, "description": about.description, "chapters": asset.chapters, "poster": asset.poster}
    if "title" in told:
        told["title"] = told["title"].strip()
    if "chapters" in told:
        told["chapters"] = texts.check_chapters(told["chapters"], duration_ms=asset.duration_ms or 0)
    if told.get("poster", 0) >= max(asset.stills, 1):
        raise Invalid("poster", "It has no picture of this number.")
    library.describe(item, **(holds | told))
    return shown_uploads([asset])[0]


@operation(router, "delete", "/uploads/{key}", scope="library:write", gives=None)
def remove_upload(request: ApiRequest, key: str) -> Status[None]:
    """Remove an upload.
    And the video that shows it; what is being watched of it is closed, what was watched is kept. For 30 days it can be
    had back, unless it never came to its end. May be repeated."""
    item = _item_to_change(request, key)
    if item.asset.state == State.PACKAGING:
        raise Conflict("packaging", "It is being packaged: remove it when that is over.")
    library.remove([item], by=request.caller.actor)
    return Status(204, None)


@operation(router, "post", "/uploads/{key}/restore", scope="library:write", gives=UploadOut, status=200)
def restore_upload(request: ApiRequest, key: str) -> dict[str, Any]:
    """Have a removed upload back.
    With its video, as it was. May be repeated."""
    item = _item_to_change(request, key)
    library.restore(item, by=request.caller.actor)
    return read_upload(request, key)


@operation(router, "get", "/uploads/{key}/stills/{number}", scope="library:read", gives=None, status=200)
def read_still(request: ApiRequest, key: str, number: str) -> HttpResponse:
    """Read one of an upload's pictures.
    As JPEG; there are `stills` of them, from 0 on, and `poster` is the one that stands for the video."""
    item = _item(request, key)
    is_number = number.isascii() and number.isdigit() and len(number) <= 4
    return HttpResponse(library.still(item, int(number) if is_number else item.asset.stills), content_type="image/jpeg")


@operation(router, "get", "/uploads/{key}/captions/{language}", scope="library:read", gives=CaptionsOut)
def read_captions(request: ApiRequest, key: str, language: str) -> dict[str, Any]:
    """Read captions."""
    return _shown_captions(_captions(_item(request, key), language))


@operation(router, "put", "/uploads/{key}/captions/{language}", scope="library:write", gives=CaptionsOut)
def set_captions(request: ApiRequest, key: str, language: str, asked: CaptionsIn) -> dict[str, Any]:
    """Set captions.
    In a language such as `en` or `pt-BR`, as WebVTT, in the place of those there were. They are there from the next
    opening on."""
    item = _item_to_change(request, key)
    if not texts.LANGUAGE.fullmatch(language) or len(language) > texts.LANGUAGE_CHARS:
        raise Invalid("language", "Write the language as en, es or pt-BR.")
    text = texts.check_captions(asked.text.encode())
    return _shown_captions(library.caption(item, language, label=asked.label.strip(), text=text))


@operation(router, "delete", "/uploads/{key}/captions/{language}", scope="library:write", gives=None)
def remove_captions(request: ApiRequest, key: str, language: str) -> Status[None]:
    """Remove captions."""
    _captions(_item_to_change(request, key), language).delete()
    return Status(204, None)


def _uploads(request: ApiRequest) -> QuerySet[Asset]:
    shelves = courses_of(request.caller.integration).values("key")
    return Asset.objects.filter(shelf__in=shelves).exclude(state=State.DELETED)


def _item(request: ApiRequest, key: str) -> Item:
    """Raises Missing for what is in no library of the integration's courses."""
    asset = _uploads(request).filter(key=key).first()
    if asset is None:
        raise Missing("no_such_upload", "There is no such upload.")
    return library.item_of(course_of(request.caller.integration, asset.shelf), key)


def _item_to_change(request: ApiRequest, key: str) -> Item:
    item = _item(request, key)
    check_open(course_of(request.caller.integration, item.asset.shelf))
    return item


def _captions(item: Item, language: str) -> Captions:
    found = item.asset.captions.filter(language=language).first()
    if found is None:
        raise Missing("no_captions", "There are no captions in this language.")
    return found


def _shown_captions(one: Captions) -> dict[str, Any]:
    return {"language": one.language, "label": one.label, "text": one.text}


def shown_uploads(found: Sequence[Asset]) -> list[dict[str, Any]]:
    on_shelves = Video.all_objects.filter(asset__in=found, course__key__in={asset.shelf for asset in found})
    videos = {(video.asset_id, video.course.key): video for video in on_shelves.select_related("course")}
    return [_shown(Item(asset, videos.get((asset.pk, asset.shelf)))) for asset in found]


def _shown(item: Item) -> dict[str, Any]:
    asset, about = item.asset, item.video or item.asset
    return {
        "key": asset.key,
        "course": asset.shelf,
        "video": item.video.key if item.video else None,
        "title": about.title,
        "description": about.description,
        "name": asset.name,
        "size_bytes": asset.size_bytes,
        "state": asset.state,
        "percent": 100 if asset.state == State.READY else asset.progress_percent,
        "reason": asset.reason,
        "duration_ms": asset.duration_ms,
        "width": asset.width,
        "height": asset.height,
        "chapters": asset.chapters,
        "captions": [{"language": one.language, "label": one.label} for one in asset.captions.all()],
        "stills": asset.stills,
        "poster": asset.poster,
        "removed": item.is_removed,
        "gone_at": instant_of(asset.delete_after),
        "created_at": instant_of(asset.created_at),
        "ready_at": instant_of(asset.ready_at),
    }
