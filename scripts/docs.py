"""Keeps docs/ true: `python -m scripts.docs write` fills the generated parts, `check` compares them and every link.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`, where NAME is a function of
reference.py. What the code cannot tell (what a route is for) is written by hand, and only checked to be there.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:src|tests|tracker|contract|bench|docs|scripts)/[\w./-]+)`")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_IGNORED = {".git", ".venv", "node_modules", "tmp", ".pytest_cache"}


def pages(root: Path) -> list[Path]:
    """Every Markdown page of the repository."""
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _IGNORED)
        found += [Path(folder, name) for name in sorted(names) if name.endswith(".md")]
    return found


def filled(text: str) -> str:
    """The page with each generated part as the code says it now."""
    from scripts import reference

    return _PART.sub(lambda part: f"{part[1]}\n{getattr(reference, part[2])().strip()}\n\n{part[3]}", text)


def stale(root: Path) -> list[str]:
    """Pages whose generated parts say something else than the code."""
    return [str(page.relative_to(root)) for page in pages(root / "docs") if filled(_read(page)) != _read(page)]


def missing_routes(root: Path) -> list[str]:
    """Addresses the server answers that the page of routes does not tell, and the other way round."""
    from scripts import reference

    told = set(re.findall(r"^\| `\w+(?: \w+)*` \| `([^`]+)`", _read(root / "docs/reference/routes.md"), re.MULTILINE))
    return sorted(told ^ set(reference.addresses()))


def broken_links(root: Path) -> list[str]:
    """Links to files or headings of ours that are not there, as `page: link`."""
    return [f"{page.relative_to(root)}: {link}" for page in pages(root) for link in _broken(page)]


def unlinked_pages(root: Path) -> list[str]:
    """Pages of docs/ that no other page leads to."""
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in pages(root) for link in _links(page)}
    return [str(page.relative_to(root)) for page in pages(root / "docs") if page.resolve() not in linked]


def missing_files(root: Path) -> list[str]:
    """Files of ours that a page names in `code`, from the root or from where it lies, and that are not there."""
    named = [(page, path) for page in pages(root) for path in _PATH.findall(_read(page)) if "NAME" not in path]
    return [
        f"{page.relative_to(root)}: {path}"
        for page, path in named
        if not (root / path).exists() and not (page.parent / path).exists()
    ]


def problems(root: Path) -> list[str]:
    """Everything that is wrong with the pages, a line each."""
    return [
        *(f"{page} is out of date: run make docs" for page in stale(root)),
        *(f"docs/reference/routes.md and the server differ on {address}" for address in missing_routes(root)),
        *(f"a link leads nowhere in {link}" for link in broken_links(root)),
        *(f"no page leads to {page}" for page in unlinked_pages(root)),
        *(f"a file is named that is not there in {name}" for name in missing_files(root)),
    ]


def _broken(page: Path) -> Iterator[str]:
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(_read(target))):
            yield link


def _links(page: Path) -> list[str]:
    """The page's links within the repository."""
    found: list[str] = _LINK.findall(_FENCE.sub("", _read(page)))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def _anchors(text: str) -> set[str]:
    """The names GitHub gives to headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    plain = [unicodedata.normalize("NFC", heading.lower().replace("`", "")) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playhead.settings")
    import django

    django.setup()


def main(arguments: list[str]) -> int:
    _start_django()
    if arguments == ["write"]:
        for page in pages(ROOT / "docs"):
            page.write_text(filled(_read(page)), encoding="utf-8")
    wrong = problems(ROOT)
    print("\n".join(wrong or ["docs/ says what the code says, and every link leads somewhere."]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
