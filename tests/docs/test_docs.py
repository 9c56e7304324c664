"""docs/ says what the code says. Each check has a twin that proves it can fail."""

import re
import shutil
from pathlib import Path

import pytest

from playhead.core.credit import Reason
from playhead.core.events import EVENTS
from scripts import docs, reference

REFERENCE = docs.ROOT / "docs" / "reference"
SETTINGS = docs.ROOT / "src" / "playhead" / "settings.py"
ASKED_FOR = re.findall(r"= .*\b_[a-z_]+\(\"([A-Z_]+)\"", SETTINGS.read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pages alone, to be spoilt."""
    shutil.copytree(docs.ROOT / "docs", tmp_path / "docs")
    return tmp_path


def spoil(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new), encoding="utf-8")


def test_generated_parts_are_what_the_code_says_now() -> None:
    assert docs.stale(docs.ROOT) == []


def test_every_address_is_told() -> None:
    assert docs.missing_routes(docs.ROOT) == []


def test_every_link_leads_somewhere() -> None:
    assert docs.broken_links(docs.ROOT) == []


def test_every_page_is_led_to() -> None:
    assert docs.unlinked_pages(docs.ROOT) == []


def test_every_file_that_is_named_exists() -> None:
    assert docs.missing_files(docs.ROOT) == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("events.md", [f"### {name}\n" for name in EVENTS]),
        ("reasons.md", [f"| `{reason}` |" for reason in Reason]),
        ("commands.md", ["## playhead serve\n", "## playhead import xapi\n", "## playhead verify\n"]),
        ("settings.md", [f"| `{name}` |" for name in ASKED_FOR]),
        ("errors.md", ["| `seq_conflict` | 409 |", "| `storage_full` | 507 |", "| `ticket_expired` | 401 |"]),
    ],
)
def test_the_reference_names_them_all(page: str, names: list[str]) -> None:
    text = (REFERENCE / page).read_text(encoding="utf-8")

    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize(
    ("page", "old"),
    [
        ("settings.md", "| `PORT` |"),
        ("commands.md", "## playhead verify"),
        ("events.md", "### seeked"),
        ("reasons.md", "| `too_fast` |"),
        ("errors.md", "| `overloaded` |"),
    ],
)
def test_a_changed_reference_is_noticed(copy: Path, page: str, old: str) -> None:
    spoil(copy / "docs" / "reference" / page, old, "something else")

    assert docs.stale(copy) == [f"docs/reference/{page}"]


def test_a_missing_and_an_invented_address_are_noticed(copy: Path) -> None:
    spoil(copy / "docs" / "reference" / "routes.md", "`/watch/{key}/`", "`/look/{key}/`")

    assert docs.missing_routes(copy) == ["/look/{key}/", "/watch/{key}/"]


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading, with `code`\n")
    (tmp_path / "page.md").write_text(
        "[a](other.md#a-heading-with-code) [b](other.md#none) [c](gone.md) [d](#here)\n"
        "# Here\n[e](https://example.org)\n```\n[f](not/a/link)\n```\n"
    )

    assert docs.broken_links(tmp_path) == ["page.md: other.md#none", "page.md: gone.md"]


def test_a_page_nobody_leads_to_is_noticed(copy: Path) -> None:
    (copy / "README.md").write_text("[docs](docs/README.md)\n")
    (copy / "docs" / "decisions" / "0000-forgotten.md").write_text("# Forgotten\n")

    assert docs.unlinked_pages(copy) == ["docs/decisions/0000-forgotten.md"]


def test_a_file_that_is_gone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("`src/gone.py` `bench/NAME.py` `docs/` [x](#y)\n")

    assert docs.missing_files(tmp_path) == ["page.md: src/gone.py"]


def test_settings_are_read_with_default_and_meaning() -> None:
    table = reference.settings()

    assert "| `PORT` | `8000` | The port they listen on. |" in table
    assert "| `PLAYHEAD_HTTPS` | `0` |" in table
