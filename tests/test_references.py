"""Whatever the repository refers to is in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xacct_ml"
PLACES = (ROOT, PACKAGE, ROOT / "docs")
"""Where a path may begin."""

NOTES = ("aws-" + "facts", "moto-" + "map", r"\b" + "P10" + r"\b", r"\.\./" + "shared")
"""Files that people worked with and that were never part of the repository."""

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_ANCHOR = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|yaml|json|csv|toml)|docs/[\w.-]+\.md)`")
_BARE_DOC = re.compile(r"(?<![\w/`'\"-])(docs/[\w-]{2,}\.md)")
_ELSEWHERE = re.compile(r"[\w-]+/[\w-]+\s+`+$")
"""The name of a public repository before a path: that is the path's repository."""

_OBJECT = re.compile(r":(?:mod|class|func|meth|data|exc|attr):`~?(xacct_ml[\w.]*)`")


FOLDERS = ("benchmarks", "docs", "linters", "tests", "tools", "xacct_ml")
TEXTS = [
    path
    for path in (*ROOT.glob("*.*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")))
    if path.suffix in {".py", ".md", ".yaml", ".toml"} and path != Path(__file__)
]


def missing(path: Path) -> Iterator[str]:
    """What the file refers to and that is not there."""
    text = path.read_text()
    if path.suffix == ".md":
        for link in _LINK.findall(text):
            if "://" not in link and not (path.parent / link).exists():
                yield link
        for link, anchor in _ANCHOR.findall(text):
            page = path.parent / link if link else path
            if "://" not in link and page.exists() and anchor not in anchors(page.read_text("utf-8")):
                yield f"{link}#{anchor}"
    for pattern in (_PATH, _BARE_DOC):
        for match in pattern.finditer(text):
            elsewhere = _ELSEWHERE.search(text[: match.start(1)])
            if not elsewhere and not any((place / match[1]).exists() for place in (path.parent, *PLACES)):
                yield match[1]
    for name in _OBJECT.findall(text):
        if not _defined(name):
            yield name


def anchors(page: str) -> set[str]:
    """What GitHub and the documentation's site call the headings of a page of Markdown."""
    headings = _HEADING.findall(re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL))
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _defined(name: str) -> bool:
    """Whether a module ``xacct_ml.…`` is there, and has the last part of the name where more than a module is named."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        module = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if module.exists():
            rest = parts[length:]
            words = rf"^\s*(?:class|def) {rest[-1]}\b|^\s*{rest[-1]}\s*[:=]" if rest else ""
            return re.search(words, module.read_text(), re.MULTILINE) is not None
    return False


def test_what_is_referred_to_exists() -> None:
    """Links, paths, and modules, classes and functions that docstrings name."""
    assert [f"{path.relative_to(ROOT)}: {name}" for path in TEXTS for name in missing(path)] == []


def test_a_heading_is_found_by_its_words() -> None:
    assert anchors("# `upload-data`, and more\n```\n# no heading\n```\n## 2. A map\n") == {
        "upload-data-and-more",
        "2-a-map",
    }


def test_no_notes_are_cited() -> None:
    """Facts name their public source."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in TEXTS
        for match in re.finditer("|".join(NOTES), path.read_text())
    ]
    assert found == []


def test_the_tags_of_evidence_are_those_explained() -> None:
    """Each in docs/evidence.md, and no other in use."""
    explained = set(re.findall(r"^\| \[([A-Z])\] \|", (ROOT / "docs" / "evidence.md").read_text(), re.MULTILINE))
    used = {tag for path in TEXTS for tag in re.findall(r"(?<![\w\]])\[([A-Z])\](?![\w(])", path.read_text())}
    assert used == explained


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see [this](docs/nowhere.md)", ["docs/nowhere.md", "docs/nowhere.md"]),
        ("in `xacct_ml/nothing.py`", ["xacct_ml/nothing.py"]),
        ("from aws/aws-cdk `lib/nothing.py`", []),
        (":func:`xacct_ml.arn.nothing` and :class:`~xacct_ml.arn.Arn`", ["xacct_ml.arn.nothing"]),
        (":mod:`xacct_ml.nowhere`", ["xacct_ml.nowhere"]),
    ],
)
def test_what_is_not_there_is_found(text: str, found: list[str], tmp_path: Path) -> None:
    """The checks themselves."""
    (tmp_path / "text.md").write_text(text)
    assert list(missing(tmp_path / "text.md")) == found
