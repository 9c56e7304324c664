"""Takes the uploads that wait and packages them, one after the other; a thread of the worker's process.

The queue is the table of assets itself. Whoever packages one claims it for some seconds, again and again; when a
process dies, its claim runs out and the next one begins that asset anew, on a clean desk.
"""

import hashlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Invalid, PlayheadError
from playhead.media.keys import master_keys
from playhead.media.models import Asset, Rendition, State, Upload
from playhead.media.packaging import Lock, Package, package
from playhead.media.segments import average_bandwidth, pack, peak_bandwidth
from playhead.media.store import Store, store
from playhead.recorder.errand import Errand

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
TIDY_EVERY_S: Final = 600.0
_LEASE: Final = timedelta(seconds=limits.PACKAGING_LEASE_S)
_HASH_BYTES: Final = 1024**2

Told = Callable[[Asset], None]


class Packer(Errand):
    """`told` hears of every asset that became ready, failed or was deleted, after that is in the table; `before` is
    done when the thread begins, for what an earlier one had no time to tell."""

    def __init__(self, told: Told | None = None, before: Callable[[], None] | None = None) -> None:
        super().__init__("packer")
        self._told = told or _nobody
        self._before = before
        self._name = f"{os.getpid()}.{secrets.token_hex(4)}"
        self._tidied_at = -TIDY_EVERY_S

    def take(self) -> float:
        if self._before is not None:
            self._before()
            self._before = None
        if time.monotonic() - self._tidied_at >= TIDY_EVERY_S:
            self._tidied_at = time.monotonic()
            tidy(told=self._told)
        return 0.0 if self.package_next() else LOOK_EVERY_S

    def package_next(self) -> bool:
        """Package the asset that has waited longest; False where none waits."""
        asset = claim(self._name)
        if asset is None:
            return False
        with _Claim(asset, self._name, self._over):
            self._work(asset)
        if asset.state != State.PACKAGING:
            self._told(asset)
        return True

    def _work(self, asset: Asset) -> None:
        try:
            made = self._package(asset)
            keep(asset, made)
            log.info("%s is packaged: %s", asset.key, ", ".join(rung.name for rung, _ in made.renditions))
        except _Ended:
            give_back(asset)
        except PlayheadError as refused:
            log.warning("%s could not be packaged: %s", asset.key, refused)
            fail(asset, refused.code, refused.detail)
        except OSError as broken:
            log.exception("%s could not be packaged", asset.key)
            fail(asset, "storage_full", str(broken))

    def _package(self, asset: Asset) -> Package:
        if asset.tries > limits.PACKAGING_TRIES:
            raise Invalid("interrupted")
        source, desk = incoming(asset), settings.PLAYHEAD_DESK / asset.key
        if not source.is_file():
            raise Invalid("lost")
        clear_away(asset, store())
        desk.mkdir(parents=True, mode=0o700)
        asset.sha256 = _sha256(source, self._over)
        lock = Lock(asset.key, master_keys().get(asset.master), bytes(asset.salt))
        return package(source, lock=lock, store=store(), desk=desk, progress=self._progress(asset))

    def _progress(self, asset: Asset) -> Callable[[int], None]:
        def heard(percent: int) -> None:
            if self._over.is_set():
                raise _Ended
            if percent != asset.progress_percent:
                asset.progress_percent = percent
                Asset.objects.filter(pk=asset.pk, claimed_by=self._name).update(progress_percent=percent)

        return heard


class _Ended(Exception):  # noqa: N818  not an error: the process was asked to stop
    """The asset waits for another."""


class _Claim:
    """Renews the claim while the block lasts."""

    def __init__(self, asset: Asset, name: str, ending: threading.Event) -> None:
        self._asset, self._name = asset, name
        self._over = threading.Event()
        self._ending = ending
        self._thread = threading.Thread(target=self._renew, name="packer's claim", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(limits.PACKAGING_LEASE_S / 4):
            with suppress(Exception):  # the database is away for a moment: the claim may outlast that
                mine = Asset.objects.filter(pk=self._asset.pk, claimed_by=self._name)
                mine.update(claimed_until=timezone.now() + _LEASE)
            close_old_connections()


def claim(name: str) -> Asset | None:
    """Take the asset that has waited longest, or one whose packager has not been heard of."""
    now = timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.PACKAGING, claimed_until__lt=now)
    for asset in Asset.objects.filter(free).order_by("created_at", "pk")[:10]:
        taken = Asset.objects.filter(free, pk=asset.pk).update(
            state=State.PACKAGING,
            claimed_by=name,
            claimed_until=now + _LEASE,
            tries=F("tries") + 1,
            progress_percent=0,
            master=asset.master or master_keys().newest,
        )
        if taken:
            asset.refresh_from_db()
            return asset
    return None


def keep(asset: Asset, made: Package) -> None:
    """Write down what was made, then let go of what it was made of."""
    facts, board = made.facts, made.board
    asset.duration_ms, asset.width, asset.height = facts.duration_ms, facts.width, facts.height
    asset.packed_bytes, asset.stills = made.size_bytes, made.stills
    asset.boards, asset.board_every_ms = (board.pages, board.every_ms) if board else (0, 0)
    asset.poster = made.stills // 2
    asset.state, asset.progress_percent, asset.ready_at = State.READY, 100, timezone.now()
    asset.reason = asset.reason_detail = asset.claimed_by = ""
    with transaction.atomic():
        asset.renditions.all().delete()
        Rendition.objects.bulk_create(
            Rendition(
                asset=asset,
                name=rung.name,
                width=rung.width,
                height=rung.height,
                frame_rate=round(rung.frame_rate * 1000),
                bandwidth=peak_bandwidth(segments),
                average_bandwidth=average_bandwidth(segments),
                codecs=rung.codecs,
                segments=pack(segments),
            )
            for rung, segments in made.renditions
        )
        _save_work(asset)
    _remove_source(asset)


def fail(asset: Asset, code: str, detail: str = "") -> None:
    """Say why, and keep nothing of it."""
    asset.state, asset.reason, asset.reason_detail = State.FAILED, code, detail[:500]
    asset.claimed_by = ""
    _save_work(asset)
    clear_away(asset, store())
    _remove_source(asset)


def give_back(asset: Asset) -> None:
    """The process stops: another one begins anew, and that counts as no try."""
    shutil.rmtree(settings.PLAYHEAD_DESK / asset.key, ignore_errors=True)
    Asset.objects.filter(pk=asset.pk).update(state=State.WAITING, claimed_by="", tries=F("tries") - 1)


def clear_away(asset: Asset, where: Store) -> None:
    """Whatever an earlier try has left, clear segments on the desk first."""
    shutil.rmtree(settings.PLAYHEAD_DESK / asset.key, ignore_errors=True)
    where.remove(asset.key)


def incoming(asset: Asset) -> Path:
    """Where its upload lies."""
    folder: Path = settings.PLAYHEAD_INCOMING
    return folder / asset.key


def tidy(*, told: Told | None = None) -> None:
    """Let go of uploads nobody takes up again, of what was removed long enough ago, and of desks nobody works at."""
    now = timezone.now()
    for upload in Upload.objects.filter(finished_at=None, expires_at__lt=now).select_related("asset"):
        _remove_source(upload.asset)
        upload.asset.delete()
    for asset in Asset.objects.filter(delete_after__lt=now).exclude(state=State.DELETED):
        remove_for_good(asset)
        (told or _nobody)(asset)
    desks = settings.PLAYHEAD_DESK.iterdir() if settings.PLAYHEAD_DESK.is_dir() else ()
    at_work = set(Asset.objects.filter(state=State.PACKAGING).values_list("key", flat=True))
    for desk in desks:
        if desk.name not in at_work:
            shutil.rmtree(desk, ignore_errors=True)


def remove_for_good(asset: Asset) -> None:
    asset.state, asset.packed_bytes = State.DELETED, 0
    asset.save(update_fields=["state", "packed_bytes"])
    asset.renditions.all().delete()
    clear_away(asset, store())
    _remove_source(asset)


_WORKED_OUT: Final = (
    *("state", "progress_percent", "reason", "reason_detail", "claimed_by", "sha256", "duration_ms", "width", "height"),
    *("packed_bytes", "stills", "boards", "board_every_ms", "poster", "ready_at"),
)


def _save_work(asset: Asset) -> None:
    """Only what packaging worked out: somebody may have changed the title meanwhile."""
    asset.save(update_fields=_WORKED_OUT)


def _remove_source(asset: Asset) -> None:
    incoming(asset).unlink(missing_ok=True)
    shutil.rmtree(settings.PLAYHEAD_DESK / asset.key, ignore_errors=True)


def _sha256(path: Path, ending: threading.Event) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_HASH_BYTES):
            digest.update(part)
            if ending.is_set():
                raise _Ended
    return digest.hexdigest()


def _nobody(_asset: Asset) -> None:
    """Nobody asked to be told."""
