"""What is built of the checkout: wheel and source distribution hold what the tool speaks of, and the wheel runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAPS = sorted(path.name for path in (ROOT / "docs" / "maps").glob("*.yaml"))
PACKAGED = "xacct_ml/config/examples"
EVERY_EMULATED_SERVICE = """
import importlib, pkgutil, xacct_ml.emulator as emulator
for found in pkgutil.walk_packages(emulator.__path__, "xacct_ml.emulator."):
    importlib.import_module(found.name)
"""


def run(*words: str | Path, folder: Path) -> str:
    """What the program prints; fails where it fails."""
    python = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "AWS_"))
    }
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=python)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built of it."""
    folder = tmp_path_factory.mktemp("dist")
    checkout = tmp_path_factory.mktemp("checkout") / "xacct-ml"
    run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(checkout), folder=folder)
    run(sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", folder, folder=checkout)
    return folder


@pytest.mark.long
def test_what_the_tool_speaks_of_is_in_both(built: Path) -> None:
    """The example and the documents' maps; the source distribution has the documents and the tests, too."""
    (wheel,), (source,) = built.glob("*.whl"), built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
        assert archive.read(f"{PACKAGED}/config.example.yaml") == (ROOT / "config.example.yaml").read_bytes()
    assert {f"{PACKAGED}/maps/{name}" for name in MAPS} <= in_wheel
    with tarfile.open(source) as archive:
        in_source = {name.partition("/")[2] for name in archive.getnames()}
    assert {"config.example.yaml", "README.md", "docs/design.md", "tests/test_distribution.py"} <= in_source
    assert {f"docs/maps/{name}" for name in MAPS} <= in_source


@pytest.mark.long
def test_the_wheel_runs_outside_of_the_checkout(built: Path, tmp_path: Path) -> None:
    """With what its extra installs and nothing else: every emulated service is there, and the demo ends well."""
    (wheel,) = built.glob("*.whl")
    environment = tmp_path / "venv"
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, environment, folder=tmp_path)
    python, command = environment / "bin" / "python", environment / "bin" / "xacct-ml"
    run(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, f"{wheel}[emulator]", folder=tmp_path)
    run(python, "-c", EVERY_EMULATED_SERVICE, folder=tmp_path)
    assert json.loads(run(command, "demo", "--output", "json", folder=tmp_path))["ok"] is True
    run(command, "verify", "--config", next(environment.rglob("config.example.yaml")), folder=tmp_path)
