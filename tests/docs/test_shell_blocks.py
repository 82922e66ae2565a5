"""What the tutorial and the guides tell to type, typed: each page's blocks, one after the other, in one shell."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests import aws_cli

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(page.relative_to(DOCS) for page in DOCS.rglob("*.md") if _BLOCK.search(page.read_text("utf-8")))
_LONGEST_SECONDS = 1200


def test_there_are_pages_with_blocks():
    assert Path("tutorial.md") in PAGES


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_block_runs(page, tmp_path):
    script = "set -euo pipefail\n" + "".join(_BLOCK.findall((DOCS / page).read_text("utf-8")))
    programs = tmp_path / "programs"
    programs.mkdir()
    environment = {"PATH": aws_cli.install(programs), "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    shell = ["bash", "-c", script]
    with subprocess.Popen(
        shell,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            said, _ = running.communicate(timeout=_LONGEST_SECONDS)
        finally:
            _end(running.pid)
    assert running.returncode == 0, said[-3000:]


def _end(session: int) -> None:
    """Whatever the page has left running."""
    for entry in Path("/proc").glob("[0-9]*/stat") if Path("/proc").exists() else ():
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            os.kill(int(entry.parent.name), signal.SIGKILL)
