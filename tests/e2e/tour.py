"""Every page of the site and how to get to it, in the demo's school: what is looked at by `make screenshots`, by axe
and by the keyboard's walk."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from typing import Literal

from playwright.async_api import Browser, Page, expect

from tests.e2e import furnishing
from tests.e2e.server import PASSWORD, Server

Scheme = Literal["light", "dark"]
WIDE, NARROW = 1280, 390

LECTURE = "Waves in one minute"
CONFUSING = "From sound to numbers"
CHEAT = "Mallory Moss"
COURSE = "c_waves_and_sound"

# An address, in which things of the school are named; or what to do to get there.
Way = str | Callable[[Page, Server], Awaitable[None]]


@asynccontextmanager
async def page_of(browser: Browser, server: Server, who: str, *, scheme: Scheme = "light") -> AsyncIterator[Page]:
    """A browser's page in which this person of the demo is logged in; nobody for an empty name."""
    context = await browser.new_context(color_scheme=scheme, viewport={"width": WIDE, "height": 820})
    page = await context.new_page()
    await page.goto(server.address)
    if who:
        await page.get_by_label("Username or e-mail address").fill(who)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("button", name="Log out")).to_be_visible()
    yield page
    await context.close()


async def go(page: Page, server: Server, way: Way) -> None:
    """Wait until all that the page draws is drawn."""
    if isinstance(way, str):
        await page.goto(server.address + way.format(**things(server)))
    else:
        await way(page, server)
    await page.wait_for_load_state("load")
    figures, watch = page.locator("[data-figure]"), page.locator("[data-watch]")
    if await figures.count():
        await expect(page.locator("[data-figure]:not([data-drawn])")).to_have_count(0, timeout=60_000)
    if await watch.count():
        await expect(watch).to_have_attribute("data-playback", re.compile("."), timeout=30_000)


def things(server: Server) -> dict[str, str]:
    """The keys that the demo gave to what its pages are about."""
    with closing(sqlite3.connect(f"file:{server.folder / 'site.sqlite3'}?mode=ro", uri=True)) as site:
        videos = dict(site.execute("SELECT title, key FROM lms_video").fetchall())
        people = dict(site.execute("SELECT name, key FROM lms_user").fetchall())
        bob = site.execute("SELECT key FROM lms_user WHERE username = 'bob'").fetchone()[0]
    return {
        "course": COURSE,
        "lecture": videos[LECTURE],
        "video": videos[CONFUSING],
        "cheat": people[CHEAT],
        "bob": bob,
    }


# --- pages that are answers


async def _refused(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/login/")
    await page.get_by_label("Username or e-mail address").fill("somebody")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Log in").click()


async def _forgot(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/password/forgotten/")
    await page.get_by_label("Username or e-mail address").fill("somebody")
    await page.get_by_role("button", name="Send me a link").click()


_LIST = "name,email\nNoor Haddad,noor@school.example\n김민준,minjun@school.example\n,\nNobody,not-an-address\n"


async def _previewed(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/courses/{COURSE}/people/list/")
    await page.get_by_label("The list").or_(page.locator("textarea")).last.fill(_LIST)
    await page.get_by_role("button", name="Show what would change").click()


async def _invited(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/courses/{COURSE}/people/")
    await page.get_by_role("button", name="Invite").click()


async def _empty_course(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/courses/new/")
    await page.get_by_label("Title").fill("An empty course")
    await page.get_by_role("button", name="Make the course").click()


async def _wrong_course(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/courses/new/")
    await page.get_by_role("button", name="Make the course").evaluate("button => button.form.noValidate = true")
    await page.get_by_role("button", name="Make the course").click()


# A system that was told for a while, then not reached for days: what waits, what was given up, and every answer.
_TOLD = """
import django; django.setup()
import json, time
from playhead.callbacks import endpoints, sending
from playhead.callbacks.models import Attempt, Delivery, Endpoint
HOUR = 3_600_000
now = round(time.time() * 1000)
Endpoint.objects.filter(url__contains="campus.example").delete()
made, _secret = endpoints.add(organisation_id=1, name="Campus", url="https://campus.example/hook", now_ms=now)
way = {sending.REFUSED: "Connection refused", sending.NO_NAME: "Name or service not known", sending.NO_WAY: "timed out",
    sending.BAD_TLS: "certificate has expired", sending.TOO_SLOW: "no complete answer within 15 s"}
for n in range(9):
    state, at = ("done" if n < 4 else "failed" if n == 4 else "waiting"), now - (140 - n) * HOUR
    type = "video.completed" if n == 4 else "progress.updated"
    body = json.dumps({"type": type, "timestamp": "2026-09-01T08:10:00.000Z", "data": {"video": "v", "n": n}})
    one = Delivery.objects.create(endpoint=made, message_id=f"msg_tour{n}", type=type, viewer=f"v{n}", created_at=at,
        body=body.encode(), state=state, tries=1 if n < 4 else 5, next_at=now + n * HOUR, done_at=at)
    for number, (outcome, said) in enumerate({sending.OK: ""}.items() if n < 4 else way.items()):
        Attempt.objects.create(delivery=one, at=at + number * HOUR, took_ms=40 + n, outcome=outcome, said=said,
            status=204 if outcome == sending.OK else None, address="" if outcome == sending.NO_NAME else "203.0.113.7")
    if n == 4: failed = one.pk
made.last_ok_at, made.failing_since = now - 136 * HOUR, now - 135 * HOUR
made.save()
endpoints.switch_off(made, now_ms=now, reason=endpoints.FAILED_FOR_DAYS)
print(made.key, failed)
"""


async def _new_endpoint(page: Page, server: Server) -> None:
    await page.goto(f"{server.address}/callbacks/")
    await page.get_by_label("Name").fill("Campus")
    await page.get_by_label("Address").fill("https://campus.example/hook")
    await page.get_by_role("button", name="Add", exact=True).click()


async def _under_way(page: Page, server: Server) -> None:
    await _new_endpoint(page, server)
    await page.get_by_role("button", name="Check the way there: send a test").click()


async def _callbacks(page: Page, server: Server) -> None:
    await asyncio.to_thread(server.run, _TOLD)
    await page.goto(f"{server.address}/callbacks/")


async def _endpoint(page: Page, server: Server) -> None:
    key, _failed = (await asyncio.to_thread(server.run, _TOLD)).split()
    await page.goto(f"{server.address}/callbacks/{key}/")


async def _message(page: Page, server: Server) -> None:
    key, failed = (await asyncio.to_thread(server.run, _TOLD)).split()
    await page.goto(f"{server.address}/callbacks/{key}/messages/{failed}/")


# Who opens what, in this order.
TOUR: dict[str, dict[str, Way]] = {
    "": {
        "login": "/login/",
        "login-refused": _refused,
        "forgotten": "/password/forgotten/",
        "forgotten-asked": _forgot,
        "reset-over": "/password/MQ/no-such-token/",
        "invitation-over": "/invitations/no-such-token/",
        "help-tracking": "/help/tracking/",
        "api": "/api/v1/",
        "certificate": furnishing.certificate,
        "joined-watch": furnishing.joined,
    },
    "charlie": {"nothing-yet": "/", "not-enrolled": "/courses/{course}/", "not-found": "/no/such/page/"},
    "bob": {
        "student-home": "/",
        "student-course": "/courses/{course}/",
        "student-watch": "/watch/{lecture}/",
        "student-explain": "/explain/{lecture}/{bob}/",
        "account": "/account/",
    },
    "alice": {
        "teacher-home": "/",
        "teacher-course": "/courses/{course}/",
        "teacher-insights": "/courses/{course}/insights/",
        "teacher-compare-runs": "/courses/{course}/compare/?with=c_digital_signals",
        "teacher-live": "/courses/{course}/live/",
        "teacher-people": "/courses/{course}/people/",
        "teacher-invited": _invited,
        "teacher-list": "/courses/{course}/people/list/",
        "teacher-list-preview": _previewed,
        "teacher-settings": "/courses/{course}/settings/",
        "teacher-rules": "/courses/{course}/rules/",
        "teacher-video-rules": "/videos/{video}/rules/",
        "teacher-export": "/courses/{course}/export/",
        "teacher-trail": "/courses/{course}/trail/",
        "teacher-copy": "/courses/{course}/copy/",
        "teacher-new-course": "/courses/new/",
        "teacher-new-course-wrong": _wrong_course,
        "teacher-empty-course": _empty_course,
        "teacher-add-video": "/courses/{course}/videos/add/",
        "teacher-video": "/videos/{video}/",
        "teacher-video-of-some": "/videos/{video}/?who=open",
        "teacher-compare": "/videos/{video}/compare/?with={lecture}",
        "teacher-student": "/courses/{course}/students/{cheat}/",
        "teacher-terms": "/courses/{course}/students/{cheat}/terms/",
        "teacher-explain": "/explain/{video}/{cheat}/",
        "teacher-watch": "/watch/{video}/",
        "teacher-library": furnishing.library,
        "teacher-library-edit": furnishing.library_edit,
        "teacher-elsewhere": furnishing.elsewhere,
        "teacher-elsewhere-edit": furnishing.elsewhere_edit,
        "teacher-elsewhere-add": "/courses/{course}/library/elsewhere/",
    },
    "admin": {
        "admin-system": "/system/",
        "admin-accounts": "/accounts/",
        "admin-integrations": "/integrations/",
        "admin-integration": furnishing.integration,
        "admin-providers": "/providers/",
        "admin-provider": furnishing.provider,
        "admin-provider-new": "/providers/connect/vimeo/",
        "admin-endpoint-new": _new_endpoint,
        "admin-message-under-way": _under_way,
        "admin-callbacks": _callbacks,  # from here on nobody listens any more
        "admin-endpoint": _endpoint,
        "admin-message": _message,
        "admin-sinks": "/sinks/",
        "admin-exports": "/exports/",
        "admin-unverified": "/unverified/",
    },
}
