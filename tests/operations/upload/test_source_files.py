"""What a source must hold, told before a run fails on it."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st

from tests.configs import example
from xacct_ml.operations.upload.source_files import SourceFault, check, parameters, unpacked
from xacct_ml.payload.job import JobFailed
from xacct_ml.payload.source import file_of
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit

GOOD = first_commit(example())
TEMPLATE, CONFIGURATION = "template.yaml", "configuration.json"

_LEVELS = (b"- &a%d [%s]\n" % (n, b", ".join([b"*a%d" % (n - 1)] * 10) if n else b"x") for n in range(60))
DOUBLED = b"?\n" + b"".join(b"  " + level for level in _LEVELS) + b": x\n"
"""A mapping's key whose text, with its aliases, has 10^60 parts."""


def test_the_first_commit_is_good_and_comes_back_from_its_zip() -> None:
    """The same bytes each time, whatever the order of the files."""
    check(GOOD)
    assert unpacked(packed(GOOD)) == GOOD
    assert packed(dict(reversed(GOOD.items()))) == packed(GOOD)
    assert parameters(GOOD[CONFIGURATION])["NumRound"] == "50"


FAULTS = {
    "no template": ({CONFIGURATION: GOOD[CONFIGURATION]}, "has no template.yaml at its top"),
    "no configuration": ({TEMPLATE: GOOD[TEMPLATE]}, "has no configuration.json at its top"),
    "one folder too deep": ({f"churn/{name}": content for name, content in GOOD.items()}, "only churn/template.yaml"),
    "no YAML": ({**GOOD, TEMPLATE: b"a: [b"}, "template.yaml is not YAML"),
    "no character": ({**GOOD, TEMPLATE: b'a: "\\UFFFFFFFF"'}, "template.yaml is not YAML"),
    "no code point": ({**GOOD, TEMPLATE: b'a: "\\U00110000"'}, "template.yaml is not YAML"),
    "a version without end": ({**GOOD, TEMPLATE: b"%YAML " + b"9" * 5000 + b".1"}, "template.yaml is not YAML"),
    "deep": ({**GOOD, TEMPLATE: b"[" * 5000}, "template.yaml is not YAML"),
    "large": ({**GOOD, TEMPLATE: b"#" * (2 << 20)}, "template.yaml has more than 1,048,576 bytes"),
    "a key of keys": ({**GOOD, TEMPLATE: DOUBLED}, "has no Resources"),
    "no text": ({**GOOD, TEMPLATE: b"\xff\xfe\x00"}, "template.yaml is not YAML"),
    "no template but a list": ({**GOOD, TEMPLATE: b"- a"}, "has no Resources"),
    "no JSON": ({**GOOD, CONFIGURATION: b"{"}, "is not a template configuration"),
    "no parameters": ({**GOOD, CONFIGURATION: b"[]"}, "is not a template configuration"),
    "a path out": ({**GOOD, "../../evil.txt": b""}, "'../../evil.txt' is not a path within the source"),
    "a path out in the middle": ({**GOOD, "a/../../b": b""}, "is not a path within"),
    "an absolute path": ({**GOOD, "/abs.txt": b""}, "'/abs.txt' is not a path within"),
    "a path out on Windows": ({**GOOD, "a\\..\\..\\b": b""}, "is not a path within"),
    "a drive": ({**GOOD, "C:\\b": b""}, "is not a path within"),
    "an escape": ({**GOOD, "a\x1b[31m": b""}, r"'a\\x1b\[31m' has characters that are no text"),
    "a line break": ({**GOOD, "a\nb": b""}, r"'a\\nb' has characters"),
    "a reversal": ({**GOOD, "a\u202eb": b""}, "has characters"),
    "a name in no encoding": ({**GOOD, "a\udcff": b""}, r"'a\\udcff' has characters"),
    "a misspelt parameter": ({**GOOD, CONFIGURATION: b'{"Parameters": {"NumRuond": "9"}}'}, "no parameter NumRuond"),
}


@pytest.mark.parametrize(("files", "reason"), FAULTS.values(), ids=FAULTS)
def test_faults(files: dict[str, bytes], reason: str) -> None:
    """Each with what is wrong."""
    with pytest.raises(SourceFault, match=reason):
        check(files)


def test_what_is_no_zip() -> None:
    """Nor is one that was cut off."""
    for content in (b"", b"PK\x03\x04", packed(GOOD)[:-30]):
        with pytest.raises(SourceFault, match="is not a zip"):
            unpacked(content)


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@given(
    st.sampled_from(METHODS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5),
    st.floats(0, 1),
)
@case(zipfile.ZIP_STORED, [(0.9, 255)] * 2, 0.5)
def test_a_damaged_zip_is_read_or_refused(method: int, damage: list[tuple[float, int]], kept: float) -> None:
    """By upload-source, by what plan and status say of the source in S3, and by the functions."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name in (TEMPLATE, CONFIGURATION):
            archive.writestr(name, GOOD[name][:600])
    content = bytearray(made.getvalue())
    for place, byte in damage:
        content[int(place * len(content))] = byte
    for damaged in (bytes(content), bytes(content[: int(kept * len(content))])):
        with suppress(SourceFault):
            unpacked(damaged)
        for name in (TEMPLATE, CONFIGURATION):
            with suppress(JobFailed):
                file_of(damaged, name)


def test_a_zip_whose_parts_do_not_unpack() -> None:
    """What zlib and lzma say is no BadZipFile."""
    broken = {zipfile.ZIP_DEFLATED: b"\xff" * 8, zipfile.ZIP_LZMA: b"\x09\x14\x05\x00\xff\xff\xff\xff"}
    for method, packed_as in broken.items():
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as archive:
            archive.writestr(TEMPLATE, b"Resources: {}" * 50)
        content = bytearray(made.getvalue())
        start = 30 + len(TEMPLATE)
        content[start : start + 8] = packed_as
        with pytest.raises(SourceFault, match="is not a zip that can be read"):
            unpacked(bytes(content))
        with pytest.raises(JobFailed, match=r"template\.yaml cannot be read"):
            file_of(bytes(content), TEMPLATE)


def test_a_zip_that_would_grow_too_large() -> None:
    """By its own list of sizes, before anything is unpacked."""
    content = packed({"zeros": b"0"})
    sized = content.replace(struct.pack("<II", 1, 1), struct.pack("<II", 1, 257 << 20))
    assert sized != content
    with pytest.raises(SourceFault, match="more than 256 MB"):
        unpacked(sized)


def test_a_zip_with_a_link_or_a_name_twice() -> None:
    """Who unpacks it would get another file than who checked it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("notes.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(SourceFault, match=r"'notes\.txt' in it is a link"):
        unpacked(made.getvalue())
    twice = packed({"a1": b"x", "a2": b"y"}).replace(b"a2", b"a1")
    with pytest.raises(SourceFault, match="has 'a1' twice"):
        unpacked(twice)


def test_a_file_that_git_does_not_track_is_told_apart_from_none() -> None:
    """Else a user looks for what is before his eyes."""
    with pytest.raises(SourceFault, match=r"has a template\.yaml that git does not track; git add it"):
        check({CONFIGURATION: GOOD[CONFIGURATION]}, [TEMPLATE])
