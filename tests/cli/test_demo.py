"""The whole demonstration, as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_terminal import Screen
from tests.configs import example
from xacct_ml.cli.results.documents import problems
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.demo import show_outcome


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
    document = json.loads(done.stdout)
    assert problems(document) == []
    result: dict[str, Any] = document["result"]
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
    proven = result["proven"]
    assert proven["hops_allowed"] == proven["hops"] > 100
    assert proven["attacks_denied"] == proven["attacks"] > 1000
    assert "\x1b" not in done.stdout + done.stderr


def test_what_it_showed_is_one_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of all: predictions, what was denied and by whom, what was proven, where the report is."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    result = {
        "predictions": [{"row": row, "label": float(row > 1), "answer": "0.0213"} for row in (1, 9)],
        "refused": {
            "principal": "arn:aws:sts::333333333333:assumed-role/administrator/someone",
            "uri": "s3://churn-111111111111-us-east-1/data/b1f263a486bebd2a/train/train.csv",
            "code": "AccessDenied",
            "message": "Access Denied",
            "why": "s3:GetObject: no statement of the resource policy 'bucket policy' allows s3:GetObject on "
            "arn:aws:s3:::churn-111111111111-us-east-1/data/b1f263a486bebd2a/train/train.csv to "
            "arn:aws:sts::333333333333:assumed-role/administrator/someone",
        },
        "proven": {"hops": 239, "hops_allowed": 239, "attacks": 2645, "attacks_denied": 2645},
        "report": "/tmp/xacct-ml-report-0d5eaa2f-fc02-48c1-8fb5-bfe7d75e5ad4.html",
        "requests": 1312,
        "torn_down": True,
        "elapsed_seconds": 31.4,
    }
    screen = Screen()
    show_outcome(example(), result, None, Terminal(out=screen, err=screen))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()
    assert len(lines) <= 22
    assert all(len(line) <= 80 or " " not in line.strip() for line in lines)
    text = " ".join(" ".join(lines).split())
    for said in (
        "the endpoint answers 0.0213",
        "AccessDenied",
        "bucket policy",
        "239 of 239",
        result["report"],
        "31.4 s",
    ):
        assert str(said) in text


@pytest.mark.long
def test_a_run_that_is_approved_twice_has_one_report(tmp_path: Path) -> None:
    """Once for each wave; the page is written with the first."""
    _, result = demo(tmp_path, "--config", str(Path(__file__).parents[2] / "docs" / "maps" / "waves.yaml"))
    assert result["approved"]
    assert result["torn_down"]


@pytest.mark.long
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
