"""Small films made once, a store and a desk of each test's own, and an uploaded video that is ready to be played."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playhead.media import keys, store
from playhead.media.ffmpeg import run_ffmpeg
from playhead.media.models import Asset, State
from playhead.media.packer import Packer, incoming

Film = Callable[..., Path]


def make(path: Path, *arguments: str) -> Path:
    list(run_ffmpeg([*arguments, str(path)]))
    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """A file of so many seconds; made once for each way of being asked for."""
    folder, made = tmp_path_factory.mktemp("films"), {}

    def of(
        seconds: float = 10, *, size: str = "96x64", rate: str = "10", sound: bool = True, ending: str = "mp4"
    ) -> Path:
        name = f"{seconds}-{size}-{rate.replace('/', '_')}-{sound}.{ending}"
        if name not in made:
            picture = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"] if size else []
            tone = ["-f", "lavfi", "-i", f"sine=r=22050:d={seconds}"] if sound else []
            made[name] = make(folder / name, *picture, *tone, *(["-preset", "ultrafast"] if size else []))
        return made[name]

    return of


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    folder = tmp_path_factory.mktemp("school")
    settings.PLAYHEAD_STORE = str(folder / "videos")
    settings.PLAYHEAD_MEDIA_KEYS = folder / "apart" / "media-keys.json"
    settings.PLAYHEAD_INCOMING = folder / "incoming"
    settings.PLAYHEAD_DESK = folder / "desk"
    settings.PLAYHEAD_INCOMING.mkdir()
    keys.master_keys.cache_clear()
    store.store.cache_clear()


def brought(source: Path, **fields: Any) -> Asset:
    """An asset whose upload has just arrived."""
    told = {"shelf": "c_course", "title": "A film", "name": source.name, "size_bytes": source.stat().st_size}
    asset = Asset.objects.create(**{**told, "state": State.WAITING, **fields})
    incoming(asset).write_bytes(source.read_bytes())
    return asset


def packaged(source: Path) -> Asset:
    """The same, packaged."""
    asset = brought(source)
    assert Packer().package_next()
    asset.refresh_from_db()
    return asset
