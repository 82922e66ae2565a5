"""What of a difference permits more: every other one only takes away."""

from __future__ import annotations

from typing import Any

import pytest

from xacct_ml.proof.widening import widens

READ = {"Sid": "R", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:b/*", "arn:c/*"]}
BOUND = {**READ, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}
GRANT = {**READ, "Principal": {"AWS": ["1", "2"]}}
DENY = {**READ, "Effect": "Deny"}


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        ([{**READ, "Resource": "arn:*"}], [READ]),
        ([{**READ, "Action": "s3:*"}], [READ]),
        ([READ], [BOUND]),
        ([{**READ, "Condition": {"StringLike": {"aws:SourceAccount": "1"}}}], [BOUND]),
        ([{**READ, "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"]}}}], [BOUND]),
        ([{**GRANT, "Principal": "*"}], [GRANT]),
        ([{**GRANT, "Principal": {"AWS": ["1", "3"]}}], [GRANT]),
        ([{**GRANT, "Principal": {"Service": "1"}}], [GRANT]),
        ([READ, {**READ, "Sid": "more", "Action": "s3:DeleteObject"}], [READ]),
        ([READ], [READ, DENY]),
        ([READ, {**DENY, "Action": "s3:PutObject"}], [READ, DENY]),
        ([{"Sid": "unreadable"}], [READ]),
        ([{**READ, "NotAction": "s3:*"}], [READ]),
    ],
)
def test_more_than_was_meant(found: list[Any], meant: list[Any]) -> None:
    assert widens(found, meant)


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        ([READ], [READ]),
        ([], [READ]),
        ([{**READ, "Sid": "other name", "Action": "s3:GetObject"}], [READ]),
        ([{**READ, "Resource": "arn:c/*"}], [READ]),
        ([BOUND], [READ]),
        ([{**GRANT, "Principal": {"AWS": "2"}}], [GRANT]),
        ([READ, DENY], [READ]),
        ([READ, {**DENY, "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]}], [READ, DENY]),
    ],
)
def test_the_same_or_less(found: list[Any], meant: list[Any]) -> None:
    assert not widens(found, meant)
