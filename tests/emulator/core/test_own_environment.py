"""What the programs that it starts see of the environment it was started with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_LOOK = """
import os, subprocess, sys
from xacct_ml.emulator.core.own_environment import hide
assert hide()
assert os.environ["KEPT"] == "kept"
print(subprocess.run(["/bin/sh", "-c", "echo $KEPT"], capture_output=True, text=True).stdout.strip())
child = "import os, sys; sys.stdout.buffer.write(open(f'/proc/{os.getppid()}/environ', 'rb').read())"
shown = subprocess.run([sys.executable, "-I", "-c", child], capture_output=True, env={}).stdout
print(len(shown.strip(bytes(1))))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows it")
def test_the_parent_s_environment_is_not_seen() -> None:
    """The process itself, and what it starts with its environment, keep it."""
    environment = {"AWS_SECRET_ACCESS_KEY": "real", "KEPT": "kept", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout.split(), done.stderr) == (["kept", "0"], "")
