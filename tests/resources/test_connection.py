"""A connection is looked at, with the API of its own prefix, and never touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.aws.client_errors import client_error
from tests.resources.cloud import Cloud
from xacct_ml.engine.plan import Action, plan

ID = "01234567-89ab-cdef-0123-456789abcdef"


@dataclass
class Connections:
    """The service under one prefix; ``status`` None where there is no such connection."""

    status: str | None
    asked: list[str] = field(default_factory=list)

    def get_connection(self, *, ConnectionArn: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(ConnectionArn)
        if self.status is None:
            raise client_error("ResourceNotFoundException")
        return {"Connection": {"ConnectionName": "ours", "ConnectionStatus": self.status}}


def cloud_with(status: str | None, prefix: str = "codeconnections", region: str = "us-east-1") -> Cloud:
    cloud = Cloud()
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    arn = f"arn:{partition}:{prefix}:{region}:111111111111:connection/{ID}"
    cloud.map(region=region, pipeline={"repository": "acme/churn", "connection": {"arn": arn}})
    cloud.replaced[prefix] = Connections(status)
    return cloud


@pytest.mark.parametrize("prefix", ["codeconnections", "codestar-connections"])
def test_an_available_one_is_as_it_should_be(prefix: str) -> None:
    """Asked for by the API that its ARN names."""
    cloud = cloud_with("AVAILABLE", prefix)
    (step,) = plan(cloud.resources("shared/connection")).steps
    assert step.action is Action.NOTHING
    assert {arn.split(":")[2] for arn in cloud.replaced[prefix].asked} == {prefix}


UNUSABLE = {
    "PENDING": (
        "us-east-1",
        "nobody has completed it",
        "https://us-east-1.console.aws.amazon.com/codesuite/settings/connections?region=us-east-1",
    ),
    "ERROR": (
        "cn-north-1",
        "no longer lets it in",
        "https://cn-north-1.console.amazonaws.cn/codesuite/settings/connections?region=cn-north-1",
    ),
    None: ("us-east-1", "there is no connection arn:aws:codeconnections", "make one at https://us-east-1.console"),
}


@pytest.mark.parametrize("status", UNUSABLE)
def test_one_that_cannot_be_used_is_refused_with_the_page_to_go_to(status: str | None) -> None:
    """Whether nobody completed it, the provider shut it out, or it does not exist."""
    region, reason, page = UNUSABLE[status]
    (step,) = plan(cloud_with(status, region=region).resources("shared/connection")).refused
    assert step.error is not None
    assert reason in step.error.message
    assert page in str(step.error.next_step)


def test_it_is_never_made_or_deleted() -> None:
    """Not even by those who do not plan before."""
    (outcome,) = cloud_with(None).attempt(*cloud_with(None).resources("shared/connection")).failures
    assert "there is no connection" in outcome.error.message
    cloud = cloud_with("AVAILABLE")
    report = cloud.destroy(*cloud.resources("shared/connection"))
    assert [type(kept).__name__ for kept in report.outcomes.values()] == ["KeptBack"]
