"""What the demo's school does not have and some pages are about: uploads, a certificate, another system joined to it.

Each is made in the folder's own process, for courses and systems of its own: other tests share the school.
"""

import asyncio
import time

from playwright.async_api import Page

from tests.e2e.server import PASSWORD, Server
from tests.watch_attacks import signed

COURSE, LECTURE = "Waves and sound", "Waves in one minute"

_UPLOADS = """
import django; django.setup()
import sys
from django.utils import timezone
from playhead.media.models import Asset, State
def asset(title, state, **more):
    return Asset.objects.create(shelf=sys.argv[1], title=title, name=title.lower() + ".mov", state=state, **more)
asset("Strings and pipes", State.PACKAGING, size_bytes=734_003_200, progress_percent=40)
asset("A broken recording", State.FAILED, size_bytes=12_582_912, reason="not_video")
ready = asset("The ear", State.READY, size_bytes=188_743_680, duration_ms=1_865_000, width=1920, height=1080,
    ready_at=timezone.now(), packed_bytes=150_000_000, sha256="9f86d081884c7d65" * 4)
print(ready.key)
"""

# Never asked for anything: no worker runs beside the tests' server.
_ELSEWHERE = """
import django; django.setup()
import sys
from django.utils import timezone
from playhead.providers.accounts import connect
from playhead.providers.models import Account, RemoteVideo, State
def account(kind, **told):
    found = Account.objects.filter(kind=kind).first()
    home = f"https://{kind}.invalid"  # resolves nowhere
    return found or connect(organisation_id=1, kind=kind, name=kind.title(), told=told | {"home": home})
vimeo, kollus = account("vimeo", token="t"), account("kollus", token="t", channel="c")
vimeo.last_ok_at, kollus.failing_since = timezone.now(), timezone.now()
kollus.last_error = "Kollus does not let this account in, or not do this."
vimeo.save(), kollus.save()
def remote(account, title, state, **more):
    return RemoteVideo.objects.create(account=account, remote_id=sys.argv[1] + title, shelf=sys.argv[1], title=title,
        state=state, name=title.lower() + ".mp4", **more)
remote(kollus, "Echoes", State.TRANSCODING)
remote(vimeo, "Old tides", State.GONE, ours=False, duration_ms=65_000)
remote(vimeo, "Beats", State.FAILED, reason="It could not be transcoded.")
remote(vimeo, "Let go", State.READY, duration_ms=65_000, delete_after=timezone.now())
print(remote(vimeo, "Standing waves", State.READY, duration_ms=1_865_000, untold=True).key, kollus.key)
"""

_CERTIFICATE = """
import django; django.setup()
import sys
from playhead.core.errors import Conflict
from playhead.lms.certificates.issuing import issue
from playhead.lms.models import Enrolment, Role
for one in Enrolment.objects.filter(role=Role.STUDENT).select_related("course", "user").order_by("pk"):
    try:
        made = issue(one.course, one.user, address=sys.argv[1])
    except Conflict:
        continue
    print(f"/certificates/{made.key}/{made.fingerprint}/")
    break
"""

_VIDEO = """
import django; django.setup()
import sys
from playhead.lms.models import Video
print(Video.objects.get(title=sys.argv[1]).key)
"""


async def _library_of_a_new_course(page: Page, server: Server) -> tuple[str, str]:
    """The course's key, and that of an upload that is ready."""
    await page.goto(f"{server.address}/courses/new/")
    await page.get_by_label("Title").fill("Recordings")
    await page.get_by_role("button", name="Make the course").click()
    await page.wait_for_url("**/courses/c_*/**")
    course = page.url.split("/courses/")[1].split("/")[0]
    return course, (await asyncio.to_thread(server.run, _UPLOADS, course)).strip()


async def library(page: Page, server: Server) -> None:
    course, _asset = await _library_of_a_new_course(page, server)
    await page.goto(f"{server.address}/courses/{course}/library/")


async def library_edit(page: Page, server: Server) -> None:
    course, asset = await _library_of_a_new_course(page, server)
    await page.goto(f"{server.address}/courses/{course}/library/{asset}/")


async def _made_elsewhere(page: Page, server: Server) -> tuple[str, str, str]:
    """The keys of a new course, of a video that lies at Vimeo, and of an account at Kollus."""
    course, _asset = await _library_of_a_new_course(page, server)
    remote, account = (await asyncio.to_thread(server.run, _ELSEWHERE, course)).split()
    return course, remote, account


async def elsewhere(page: Page, server: Server) -> None:
    course, _remote, _account = await _made_elsewhere(page, server)
    await page.goto(f"{server.address}/courses/{course}/library/")


async def elsewhere_edit(page: Page, server: Server) -> None:
    course, remote, _account = await _made_elsewhere(page, server)
    await page.goto(f"{server.address}/courses/{course}/library/elsewhere/{remote}/")


async def provider(page: Page, server: Server) -> None:
    _course, _remote, account = await _made_elsewhere(page, server)
    await page.goto(f"{server.address}/providers/{account}/")


async def certificate(page: Page, server: Server) -> None:
    path = (await asyncio.to_thread(server.run, _CERTIFICATE, server.address)).strip()
    assert path, "somebody has watched a whole course"
    await page.goto(server.address + path)


async def integration(page: Page, server: Server) -> None:
    """Given a course, and with a key just made: what is shown once."""
    await page.goto(f"{server.address}/integrations/")
    await page.get_by_label("Name", exact=True).fill("Campus")
    await page.get_by_role("button", name="Join it").click()
    await page.wait_for_url("**/integrations/i_*/")
    await page.get_by_label(COURSE, exact=True).check()
    await page.locator("section[aria-labelledby=given] button").click()
    await page.get_by_role("button", name="Make a playback key").click()


async def joined(page: Page, server: Server) -> None:
    """The player as another system's page frames it."""
    browser = page.context.browser
    assert browser is not None
    admin = await browser.new_page()
    await admin.goto(server.address)
    await admin.get_by_label("Username or e-mail address").fill("admin")
    await admin.get_by_label("Password").fill(PASSWORD)
    await admin.get_by_role("button", name="Log in").click()
    await admin.wait_for_url(f"{server.address}/")
    await integration(admin, server)
    key = admin.url.split("/integrations/")[1].split("/")[0]
    secret = await admin.locator(".once .link").inner_text()
    kid = await admin.locator("section[aria-labelledby=playing] li code").first.inner_text()
    await admin.close()
    video = (await asyncio.to_thread(server.run, _VIDEO, LECTURE)).strip()
    now_s = int(time.time())
    claims = {"iss": key, "aud": "playhead-watch", "sub": "s-17", "video": video, "iat": now_s, "exp": now_s + 600}
    token = signed(claims, {"alg": "HS256", "typ": "JWT", "kid": kid}, secret=secret.encode())
    await page.goto(f"{server.address}/watch?jwt={token}")
