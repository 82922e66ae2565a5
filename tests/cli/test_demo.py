"""The whole demonstration, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def demo(home: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """How it ended, and its result."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "HOME": str(home),
        "AWS_PROFILE": "a-real-account",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "xacct_ml", "demo", "--output", "json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)["result"]
    return done, result


@pytest.mark.xdist_group("emulator")
def test_the_demo(tmp_path: Path) -> None:
    """From nothing to a prediction and back, in a process of its own; one document on stdout, no escape codes."""
    done, result = demo(tmp_path)
    assert result["approved"]
    assert result["torn_down"]
    assert result["evaluation"]["gate"]["outcome"] == "passed"
    assert [0 < float(each["answer"]) < 1 for each in result["predictions"]] == [True, True]
    assert (result["refused"]["code"], result["refused"]["principal"].split(":")[4]) == ("AccessDenied", "333333333333")
    assert "Left, and why:\n" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.long
def test_a_run_that_is_approved_twice_has_one_report(tmp_path: Path) -> None:
    """Once for each wave; the page is written with the first."""
    _, result = demo(tmp_path, "--config", str(Path(__file__).parents[2] / "docs" / "maps" / "waves.yaml"))
    assert result["approved"]
    assert result["torn_down"]


def test_train_and_validation_go_together() -> None:
    """One without the other is a slip."""
    done = subprocess.run(
        [sys.executable, "-m", "xacct_ml", "demo", "--train", "t.csv"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (done.returncode, done.stderr) == (2, "error: --train and --validation go together\n")
