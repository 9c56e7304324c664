"""Which site a pasted address belongs to, and what the watch page of such a video may load."""

import pytest
from django.urls import reverse

from playhead.lms.embeds import recognise
from playhead.lms.models import Video
from tests.lms.conftest import School

VIMEO = "https://player.vimeo.com/video/76979871"
YOUTUBE = "https://www.youtube-nocookie.com/embed/M7lc1UVf-VE"
CLOUDINARY = "https://res.cloudinary.com/demo/video/upload/elephants.mp4"
KOLLUS = "https://v.kr.kollus.com/gHXjx7ht"
MEDIA_CONTENT = "https://cdn.example/lesson"


@pytest.mark.parametrize(
    ("pasted", "source", "url"),
    [
        ("https://vimeo.com/76979871", "vimeo", VIMEO),
        ("vimeo.com/76979871/", "vimeo", VIMEO),
        ("https://www.vimeo.com/channels/staffpicks/76979871", "vimeo", VIMEO),
        ("https://vimeo.com/76979871/8272103f6e", "vimeo", f"{VIMEO}?h=8272103f6e"),
        ("https://player.vimeo.com/video/76979871?h=8272103f6e&badge=0", "vimeo", f"{VIMEO}?h=8272103f6e"),
        (
            '<p><iframe width="640" src="https://player.vimeo.com/video/76979871?h=8272103f6e&amp;title=0"></iframe></p>',
            "vimeo",
            f"{VIMEO}?h=8272103f6e",
        ),
        ("https://www.youtube.com/watch?v=M7lc1UVf-VE&t=12s", "youtube", YOUTUBE),
        ("https://youtu.be/M7lc1UVf-VE?si=x", "youtube", YOUTUBE),
        ("https://m.youtube.com/shorts/M7lc1UVf-VE", "youtube", YOUTUBE),
        ('<iframe src="//www.youtube.com/embed/M7lc1UVf-VE"></iframe>', "youtube", YOUTUBE),
        (CLOUDINARY, "cloudinary", CLOUDINARY),
        (
            "https://player.cloudinary.com/embed/?cloud_name=demo&public_id=elephants&profile=cld-default",
            "cloudinary",
            CLOUDINARY,
        ),
        ("http://v.kr.kollus.com/gHXjx7ht", "kollus", KOLLUS),
        (
            "https://v.kr.kollus.com/s?jwt=a.b.c&custom_key=k",
            "kollus",
            "https://v.kr.kollus.com/s?jwt=a.b.c&custom_key=k",
        ),
        (f"{MEDIA_CONTENT}.m3u8?token=1", "hls", f"{MEDIA_CONTENT}.m3u8?token=1"),
        (f"{MEDIA_CONTENT}.mp4", "url", f"{MEDIA_CONTENT}.mp4"),
        # Sites that only look alike, and their pages without a video.
        ("https://vimeo.com.evil.example/76979871", "url", "https://vimeo.com.evil.example/76979871"),
        ("https://evil.example/?https://vimeo.com/1", "url", "https://evil.example/?https://vimeo.com/1"),
        ("https://vimeo.com/features", "url", "https://vimeo.com/features"),
        ("https://www.youtube.com/", "url", "https://www.youtube.com/"),
    ],
)
def test_an_address_is_known_however_it_was_copied(pasted: str, source: str, url: str) -> None:
    if "//" not in pasted:
        pasted = f"https://{pasted}"
    assert (recognise(pasted).source, recognise(pasted).url) == (source, url)


@pytest.mark.django_db(databases=["default", "tracking"])
@pytest.mark.parametrize(
    ("url", "source", "content_type"),
    [
        ("vimeo.com/76979871", "vimeo", "video/vimeo"),
        ("https://youtu.be/M7lc1UVf-VE", "youtube", "video/youtube"),
        (KOLLUS, "kollus", "video/kollus"),
        (CLOUDINARY, "cloudinary", "video/mp4"),
        (f"{MEDIA_CONTENT}.m3u8", "hls", "application/vnd.apple.mpegurl"),
    ],
)
def test_the_form_takes_the_address_and_sees_the_kind(school: School, url: str, source: str, content_type: str) -> None:
    form = {"title": "Elsewhere", "source": "url", "url": url, "length": "1:00"}
    answer = school.client("alice").post(reverse("add-video", args=[school.course.key]), form)
    assert answer.status_code == 302
    video = school.course.videos.get(title="Elsewhere")
    assert (video.source, video.content_type, video.duration_ms) == (source, content_type, 60_000)


@pytest.mark.django_db(databases=["default", "tracking"])
@pytest.mark.parametrize(
    ("source", "url", "allowed", "script"),
    [
        ("vimeo", VIMEO, "frame-src https://player.vimeo.com", "watch-vimeo"),
        ("youtube", YOUTUBE, "frame-src https://www.youtube-nocookie.com", "watch-youtube"),
        ("kollus", KOLLUS, "frame-src https://v.kr.kollus.com", "watch-kollus"),
        ("cloudinary", CLOUDINARY, "connect-src 'self' https://res.cloudinary.com", "watch-cloudinary"),
        ("hls", f"{MEDIA_CONTENT}.m3u8", "connect-src 'self' https://cdn.example", "watch-hls"),
    ],
)
def test_only_its_own_watch_page_opens_to_its_host(
    live_school: School, source: str, url: str, allowed: str, script: str
) -> None:
    video = Video.objects.create(course=live_school.course, title="Elsewhere", source=source, url=url)
    client = live_school.client("bob")
    answer = client.get(reverse("watch", args=[video.key]))
    assert allowed in answer["Content-Security-Policy"]
    assert "script-src 'self';" in answer["Content-Security-Policy"] + ";"
    assert f"playhead/{script}" in answer.content.decode()
    beside = client.get(reverse("watch", args=[live_school.film.key]))
    assert allowed not in beside["Content-Security-Policy"]
