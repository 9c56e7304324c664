"""Static files under names that hold a hash of what is in them, so that a browser may keep them for a year.

Django's own way (ManifestStaticFilesStorage) wants every file copied by `collectstatic` first. Here they are named and
served where they lie, in the package: nothing to run, and nothing that is out of date after an upgrade.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it brings no types

_HASH_LENGTH = 12


def hashed_name(name: str, path: str) -> str:
    """`lms/site.css` as `lms/site.1f0a5c2be94d.css`; `path` is where the file lies."""
    return _hashed_name(name, path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=1024)
def _hashed_name(name: str, path: str, _changed_at: int) -> str:
    marked = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:_HASH_LENGTH]
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{marked}.{ending}" if dot else f"{name}.{marked}"


class HashedFiles(StaticFilesStorage):
    """What `{% static %}` asks for the address of a file."""

    def url(self, name: str | None) -> str:
        path = finders.find(name or "")
        return super().url(hashed_name(name, str(path)) if name and path else name)


class HashedStatic(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise brings no types
    """Serves every file under both names. The plain one, which other sites' pages name, is kept for an hour only."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """A file that changed while the server runs, as in development, has a name that was not there at its start."""
        path = request.path_info
        if path.startswith(self.static_prefix) and path not in self.files:
            found = self.find_file(path)
            if found is not None:
                self.files[path] = found
        answer: HttpResponseBase = super().__call__(request)
        return answer

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)
        super().add_file_to_dictionary(hashed_name(url, path), path, stat_cache=stat_cache)

    def candidate_paths_for_url(self, url: str) -> Any:
        """Where it may lie; the name with the hash only where the file still has it."""
        yield from super().candidate_paths_for_url(url)
        plain = self.get_name_without_hash(url)
        path = finders.find(plain.removeprefix(self.static_prefix))
        if path and hashed_name(plain, path) == url:
            yield path
