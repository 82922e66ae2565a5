"""What a figure says of itself, and what running a command measures."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.figures import at_least, at_most, run, told


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (at_most("start", 0.25, 0.3, "s"), ("0.25 s", "≤ 0.30 s", "holds")),
        (at_most("start", 0.31, 0.3, "s"), ("0.31 s", "≤ 0.30 s", "missed")),
        (at_least("upload", 90.0, 100.0, "MB/s", "aws s3 cp"), ("90.0 MB/s", "≥ 100.0 MB/s (aws s3 cp)", "missed")),
        (at_least("decisions", 25_000, 20_000, "/s"), ("25,000 /s", "≥ 20,000 /s", "holds")),
        (told("check", 55.5, "MB/s"), ("55.5 MB/s", "", "")),
    ],
)
def test_a_figure_has_its_verdict(figure: object, row: tuple[str, str, str]) -> None:
    """Measured, wanted, and whether it holds; nothing where nothing is wanted."""
    assert (figure.measured, figure.wanted, figure.verdict) == row  # type: ignore[attr-defined]


def test_a_command_s_memory_is_its_own() -> None:
    """Not that of the process that starts it, which Linux would count: this one holds far more."""
    held = b"x" * (400 << 20)
    small = run([sys.executable, "-c", ""])
    large = run([sys.executable, "-c", "x = bytearray(b'x') * (200 << 20)"])
    assert small.peak < 100 < 200 < large.peak < 400
    assert len(held) == 400 << 20


def test_a_command_that_fails_measures_nothing() -> None:
    """What it said is in the error."""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run([sys.executable, "-c", "import sys; sys.exit('no bucket')"])
    assert (caught.value.returncode, caught.value.stderr) == (1, "no bucket\n")
