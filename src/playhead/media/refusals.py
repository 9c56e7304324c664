"""Why an upload did not become a video, in words for the one who brought it. The codes are a closed set."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Final[dict[str, Promise]] = {
    "empty": _("The file is empty: 0 bytes arrived. Look at it on your own machine first."),
    "not_video": _(
        "This is no video or sound file, whatever its name says. MP4, MOV, MKV, WebM, AVI, MPEG and the usual "
        "sound files can be read."
    ),
    "not_media": _("Nothing that can be played was found in it. It may have been damaged on the way to your machine."),
    "too_long": _("It is longer than 24 hours."),
    "length_lie": _(
        "It says that it is much longer than what is in it. It is damaged or was cut off: export it again."
    ),
    "holes": _("It has a long stretch without picture or sound: it is damaged, or was made to keep a machine busy."),
    "unreadable": _("Its pictures could not be decoded. Export it again, best as MP4 (H.264 and AAC)."),
    "took_too_long": _("Packaging took far longer than such a video should take, and was ended."),
    "interrupted": _(
        "Packaging was interrupted several times. Upload it again; if that repeats, tell who runs this site."
    ),
    "storage_full": _("The server has no space left for it. Tell who runs this site, then upload it again."),
    "no_ffmpeg": _("The server has no ffmpeg to package it with. Tell who runs this site, then upload it again."),
    "lost": _("The uploaded file is gone from the server. Upload it again."),
}


def words_of(code: str) -> str:
    return str(WORDS.get(code, WORDS["unreadable"]))
