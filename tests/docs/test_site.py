"""The documentation as a site: it builds, every link leads somewhere, and it fetches nothing."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SHOWN_NOWHERE = re.compile(r"^maps/")


def _pages(nav):
    for entry in nav:
        for target in entry.values():
            yield from _pages(target) if isinstance(target, list) else [target]


def test_every_page_is_in_the_navigation():
    site = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
    listed = list(_pages(site["nav"]))
    there = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert len(listed) == len(set(listed))
    assert set(listed) == {page for page in there if not _SHOWN_NOWHERE.match(page)}


def test_links_of_a_page_lead_within_the_site():
    """What is beside docs/ is not in it."""
    pages = {page.name: page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md")}
    assert [(name, link) for name, text in pages.items() for link in re.findall(r"\]\((\.\.[^)]*)\)", text)] == []


def _broken(page, site):
    """References of a page to what is not in the site."""
    for reference in sorted(set(re.findall(r'(?:href|src)="([^":]+)"', page.read_text("utf-8")))):
        path, _, anchor = reference.partition("#")
        target = (page.parent / path).resolve() if path else page
        if target == site:
            target /= "index.html"
        if not target.is_file() or (
            anchor and target.suffix == ".html" and f'id="{anchor}"' not in target.read_text("utf-8")
        ):
            yield f"{page.name}: {reference}"


@pytest.mark.long
def test_the_site_builds_and_fetches_nothing(tmp_path):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    build = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    fetched = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//""")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 20
    assert [page.name for page in pages if fetched.search(page.read_text("utf-8"))] == []
    (tmp_path / "site" / "404.html").unlink()  # its references begin at the server's root
    pages = (tmp_path / "site").rglob("*.html")
    assert [one for page in pages for one in _broken(page, (tmp_path / "site").resolve())] == []
