"""What AWS's refusals of a pipeline's calls mean."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from xacct_ml.errors import AwsCallFailed
from xacct_ml.operations.runs.executions import pipeline_state

WHO = "User: arn:aws:sts::111111111111:assumed-role/op/ann is not authorized to perform: codepipeline:GetPipelineState"


def denied(why: str) -> FakeAccounts:
    answer = refused("GetPipelineState", "AccessDeniedException", f"{WHO} on resource: arn because {why}")
    return FakeAccounts({(SHARED, "codepipeline"): FakeClient(get_pipeline_state=answer)})


def test_a_pipeline_that_no_policy_names_is_likely_not_there() -> None:
    """As with another region or project in the map; AWS's own sentence is told first, the right last."""
    with pytest.raises(AwsCallFailed) as caught:
        pipeline_state(example(), denied("no identity-based policy allows the codepipeline:GetPipelineState action"))
    error = caught.value
    assert WHO in error.message
    assert error.details[0].startswith("Likelier than a missing right: there is no pipeline churn in us-east-1")
    assert "aws codepipeline list-pipelines --region us-east-1" in str(error.next_step)
    assert "allow codepipeline:GetPipelineState" in str(error.next_step)


def test_a_denial_by_a_policy_is_one() -> None:
    with pytest.raises(ClientError):
        pipeline_state(example(), denied("an explicit deny in a service control policy"))
