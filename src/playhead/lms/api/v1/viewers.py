"""People: those whom the integration sent, and where all of the school was given to it, everybody."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from playhead.core.errors import Conflict, Forbidden
from playhead.lms.api.caller import ApiRequest
from playhead.lms.api.v1.listing import PAGE, Cursor, Limit, Page, page_of
from playhead.lms.api.v1.operation import at, operation
from playhead.lms.api.v1.shapes.people import ViewerChange, ViewerIn, ViewerOut
from playhead.lms.api.v1.shapes.plain import instant_of
from playhead.lms.grants import people_of, person_of
from playhead.lms.models import Outsider, User
from playhead.lms.outsiders import external_id_of, known, viewer_for

router = Router(tags=["viewers"])


@operation(router, "get", "/viewers", scope="viewers:read", gives=Page[ViewerOut])
def list_viewers(
    request: ApiRequest,
    external_id: Annotated[str | None, Field(max_length=200, description="Only the one whom you call so")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """List viewers."""
    integration = request.caller.integration
    rows = people_of(integration)
    if external_id is not None:
        rows = rows.filter(called__integration=integration.key, called__external_id=external_id)

    def shown(found: Sequence[User]) -> list[dict[str, Any]]:
        names = external_ids(integration.key, found)
        return [shown_viewer(user, names.get(user.pk)) for user in found]

    return page_of(rows, shown, cursor=cursor, limit=limit)


@operation(router, "post", "/viewers", scope="viewers:write", gives=ViewerOut)
def add_viewer(request: ApiRequest, response: HttpResponse, asked: ViewerIn) -> dict[str, Any]:
    """Add a viewer.
    An account that nobody can log in to: its person comes by way of you. One whom you call so already is a conflict
    that tells their key in `viewer`."""
    integration = request.caller.integration
    with transaction.atomic():
        before = known(integration.key, asked.external_id)
        if before is not None:
            raise Conflict("viewer_known", "You have a viewer of this external_id.", viewer=before.key)
        user = viewer_for(
            integration.key,
            asked.external_id,
            organisation_id=integration.organisation_id,
            name=" ".join(asked.name.split()),
        )
    at(response, "viewers", user.key)
    response.status_code = 201
    return shown_viewer(user, asked.external_id)


@operation(router, "get", "/viewers/{key}", scope="viewers:read", gives=ViewerOut)
def read_viewer(request: ApiRequest, key: str) -> dict[str, Any]:
    """Read a viewer."""
    integration = request.caller.integration
    user = person_of(integration, key)
    return shown_viewer(user, external_id_of(integration.key, user))


@operation(router, "patch", "/viewers/{key}", scope="viewers:write", gives=ViewerOut)
def change_viewer(request: ApiRequest, key: str, asked: ViewerChange) -> dict[str, Any]:
    """Change a viewer.
    Only those whom you sent."""
    user, external_id = _own(request, key)
    if asked.name is not None:
        user.name = " ".join(asked.name.split())
    if asked.active is not None:
        user.is_active = asked.active
    user.save(update_fields=["name", "is_active"])
    return shown_viewer(user, external_id)


@operation(router, "delete", "/viewers/{key}", scope="viewers:write", gives=None)
def switch_off_viewer(request: ApiRequest, key: str) -> Status[None]:
    """Switch a viewer off.
    What they are watching is closed at once, and nothing more is opened for them; what they watched is kept. `active`
    true switches them on again. Only those whom you sent. May be repeated."""
    user, _external_id = _own(request, key)
    user.is_active = False
    user.save(update_fields=["is_active"])
    return Status(204, None)


def _own(request: ApiRequest, key: str) -> tuple[User, str]:
    """Somebody whom the integration sent, and what it calls them."""
    integration = request.caller.integration
    user = person_of(integration, key)
    external_id = external_id_of(integration.key, user)
    if external_id is None:
        raise Forbidden("not_your_viewer", "This person has an account of their own: you did not send them.")
    return user, external_id


def external_ids(integration: str, users: Sequence[User]) -> dict[int, str]:
    """What the integration calls these people, by their primary keys."""
    called = Outsider.objects.filter(integration=integration, user__in=[user.pk for user in users])
    return dict(called.values_list("user_id", "external_id"))


def shown_viewer(user: User, external_id: str | None) -> dict[str, Any]:
    return {
        "key": user.key,
        "external_id": external_id,
        "name": str(user),
        "active": user.is_active,
        "created_at": instant_of(user.date_joined),
    }
