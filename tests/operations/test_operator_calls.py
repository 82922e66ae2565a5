"""The comparison that ``.ci/run`` makes after the tests: what operators asked for is what they are allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operator_calls import DIRECTORY, NEVER_ASKED, findings, keep, main, read, rendered


def test_rights_and_calls_are_compared_both_ways() -> None:
    allowed = {"s3:GetObject", "s3:PutObject", "kms:Decrypt", "sns:Publish", "iam:GetRole"}
    operators = {"s3:GetObject", "s3:DeleteObject", "sts:AssumeRole", "iam:GetRole"}
    never = {"sns:Publish": "nothing drifts", "iam:GetRole": "no role", "iam:GetUser": "no user"}
    assert list(findings(operators, {"s3:PutObject", "sqs:SendMessage"}, allowed, never)) == [
        "s3:DeleteObject: no right allows it",
        "kms:Decrypt: nobody asks for it",
        "iam:GetRole: asked for after all; NEVER_ASKED says: no role",
        "iam:GetUser: no right any more; NEVER_ASKED says: no user",
    ]


def test_what_is_never_asked_for_is_a_right() -> None:
    assert rendered() >= NEVER_ASKED.keys()


def test_tests_leave_a_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the environment names a directory."""
    monkeypatch.delenv(DIRECTORY, raising=False)
    keep("operators", ["s3:GetObject"])
    monkeypatch.setenv(DIRECTORY, str(tmp_path))
    keep("operators", ["s3:PutObject", "s3:PutObject"])
    keep("operators", ["s3:ListBucket"])
    keep("drivers", ["kms:CreateKey"])
    assert len(list(tmp_path.iterdir())) == 3
    assert read(tmp_path, "operators") == {"s3:PutObject", "s3:ListBucket"}


def test_a_directory_without_anything_is_no_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert DIRECTORY in capsys.readouterr().err
