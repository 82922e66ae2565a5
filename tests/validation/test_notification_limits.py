"""Who may be told, and what is refused of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED, example, ireland
from xacct_ml.validation.notification_limits import problems

TOPIC = f"arn:aws:sns:us-east-1:{SHARED}:ml-events"


def faults(**given: Any) -> list[str]:
    return [problem.reason for problem in problems(example(notifications=given))]


def test_what_is_accepted() -> None:
    assert faults(emails=("ml-team@example.com", "ann+ml@sub.example.co.uk")) == []
    assert faults(topic_arn=TOPIC) == []
    assert list(problems(example())) == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "tell nobody"),
        ({"emails": ("ann",)}, "'ann' is no e-mail address"),
        ({"emails": ("ann@example.com\nbcc: x",)}, "is no e-mail address"),
        ({"emails": ("a@b.c", "a@b.c")}, "is given twice"),
        ({"emails": tuple(f"a{n}@b.c" for n in range(51))}, "51 addresses; allowed: up to 50"),
        ({"emails": ("a@b.c",), "topic_arn": TOPIC}, "give either"),
        ({"topic_arn": "ml-events"}, "is not the ARN of a standard topic"),
        ({"topic_arn": f"{TOPIC}.fifo"}, "is not the ARN of a standard topic"),
        ({"topic_arn": TOPIC.replace(SHARED, "999999999999")}, "not to the shared account"),
        ({"topic_arn": TOPIC.replace("us-east-1", "eu-west-1")}, "the pipeline in us-east-1"),
        ({"topic_arn": TOPIC.replace("arn:aws:", "arn:aws-cn:")}, "is in partition aws-cn"),
    ],
)
def test_what_is_refused(given: dict[str, Any], why: str) -> None:
    (reason,) = faults(**given)
    assert why in reason


def test_alarms_of_another_region_tell_no_topic_of_this_one() -> None:
    (problem,) = problems(ireland(notifications={"topic_arn": TOPIC}))
    assert "targets are in eu-west-1 too" in problem.reason
    assert list(problems(ireland(notifications={"emails": ("a@b.c",)}))) == []
