"""Static files: under a name with a hash of what is in them for a year, under their plain name for an hour."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from playhead.lms.hashed_files import HashedStatic, hashed_name
from tests.lms.conftest import Browser

YEAR = "max-age=315360000, public, immutable"


def test_a_page_names_its_files_by_what_is_in_them(db: None) -> None:
    page = Browser().get(reverse("login")).content.decode()
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(named) >= 3
    for address in named:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), address
        answer = Browser().get(address)
        assert (answer.status_code, answer["Cache-Control"]) == (200, YEAR)


def test_the_plain_name_that_other_sites_use_is_kept_for_an_hour(db: None) -> None:
    answer = Browser().get("/static/lms/site.css")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "max-age=3600, public")


def test_a_hash_of_something_else_opens_nothing(db: None) -> None:
    address = staticfiles_storage.url("lms/site.css")
    other = re.sub(r"\.[0-9a-f]{12}\.", ".0123456789ab.", address)
    assert other != address
    assert Browser().get(other).status_code == 404


def test_where_files_are_looked_for_anew_each_time(settings: Any, rf: RequestFactory) -> None:
    settings.WHITENOISE_AUTOREFRESH = True
    static = HashedStatic(lambda _request: HttpResponse(status=418))
    address = staticfiles_storage.url("lms/site.css")
    assert static(rf.get(address))["Cache-Control"] == YEAR
    assert static(rf.get("/static/lms/site.css")).status_code == 200
    assert static(rf.get("/static/lms/site.0123456789ab.css")).status_code == 418


def test_a_file_that_changed_while_the_server_runs_is_found(
    tmp_path: Path, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = HashedStatic(lambda _request: HttpResponse(status=418))
    path = tmp_path / "some.css"
    path.write_text("new")
    monkeypatch.setattr(finders, "find", lambda name: str(path) if name == "some.css" else None)
    address = staticfiles_storage.url("some.css")
    answer = static(rf.get(address))
    assert (answer.status_code, answer["Cache-Control"]) == (200, YEAR)
    assert static(rf.get("/static/some.0123456789ab.css")).status_code == 418


def test_a_file_that_changed_has_another_name(tmp_path: Path) -> None:
    path = tmp_path / "some.css"
    path.write_text("one")
    first = hashed_name("some.css", str(path))
    assert first == hashed_name("some.css", str(path))
    path.write_text("two")
    os.utime(path, ns=(1, 1))
    assert re.fullmatch(r"some\.[0-9a-f]{12}\.css", first)
    assert hashed_name("some.css", str(path)) != first


@pytest.mark.parametrize("name", ["no/such/file.css", ""])
def test_what_is_not_there_keeps_its_name(name: str) -> None:
    assert staticfiles_storage.url(name) == f"/static/{name}"


@pytest.mark.parametrize(
    "path", ["%00.css", "..%2f..%2fsettings.py", "lms/", "a" * 5000 + ".css", "lms/%ff.css", "/etc/passwd"]
)
def test_odd_names_are_not_found(db: None, path: str) -> None:
    assert Browser().get(f"/static/{path}").status_code == 404
