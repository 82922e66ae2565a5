"""What a killed embedded AWS leaves, and what is only called so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from xacct_ml.emulator.core.directories import PREFIX, OwnDirectory, sweep

_MADE_AND_KILLED = """
import os, signal
from xacct_ml.emulator.core.directories import OwnDirectory
made = OwnDirectory()
(made.path / "credentials").write_text("secret")
print(made.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


_KILLED_BY_ITS_FUNCTION = """
import io, zipfile
from pathlib import Path
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.directories import OwnDirectory
from xacct_ml.emulator.core.log import RequestLog
from xacct_ml.emulator.services.awslambda.process import FunctionCode, invoke
made = OwnDirectory()
runtime.announce(runtime.Runtime("http://127.0.0.1:1", "us-east-1", "aws", RequestLog(), directory=made.path))
zipped = io.BytesIO()
with zipfile.ZipFile(zipped, "w") as archive:
    archive.writestr("index.py", "import os, signal\\ndef handler(*_): os.kill(os.getppid(), signal.SIGKILL)")
invoke(FunctionCode("f", "arn", zipped.getvalue(), "index.handler", 3, 128, "log", {}), b"{}")
"""


def test_what_its_functions_left_goes_with_it(tmp_path: Path) -> None:
    """The directory that a function ran in when the embedded AWS was killed."""
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([sys.executable, "-c", _KILLED_BY_ITS_FUNCTION], check=False, env=environment)
    assert list(tmp_path.glob(f"{PREFIX}*/lambda-*/task/index.py"))
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_next_start_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """And nothing else: a living one's, one that is being made, a foreign directory, a link."""
    killed = subprocess.run(
        [sys.executable, "-c", _MADE_AND_KILLED],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    left = Path(killed.stdout.strip())
    assert (left / "credentials").exists()
    living = OwnDirectory(tmp_path)
    kept = [living.path, *(tmp_path / f"{PREFIX}{name}" for name in ("being-made", "foreign", "link"))]
    kept[1].mkdir()
    (kept[1] / "lock").touch()
    kept[2].mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "lock").write_text("x")
    kept[3].symlink_to(tmp_path / "elsewhere")
    assert sweep(tmp_path) == [left]
    assert not left.exists()
    assert all(path.exists() for path in kept)
    assert (living.path.stat().st_mode & 0o777, os.geteuid()) == (0o700, living.path.stat().st_uid)
    living.cleanup()
    assert not living.path.exists()
