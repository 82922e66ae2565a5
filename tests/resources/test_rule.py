"""The rules: calls that succeed although a target failed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED
from tests.resources.cloud import Cloud
from xacct_ml.errors import AwsCallFailed

ID = "shared/rule/churn-push"
FAILED = {
    "FailedEntryCount": 1,
    "FailedEntries": [{"TargetId": "pipeline", "ErrorCode": "AccessDenied", "ErrorMessage": "role cannot be passed"}],
}


def test_a_refused_target_is_a_failure(cloud: Cloud) -> None:
    """PutTargets answers 200 with the failure inside."""
    real = cloud.client(SHARED, "events")

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def put_targets(self, **_: Any) -> dict[str, Any]:
            return FAILED

    cloud.replaced["events"] = Refusing()
    (failure,) = cloud.attempt(*cloud.resources(ID)).failures
    assert isinstance(failure.error, AwsCallFailed)
    assert "role cannot be passed" in failure.error.message
    assert failure.error.call == "events:PutTargets"


@pytest.mark.parametrize("id_", [ID, "shared/rule/churn-data"])
def test_the_target_is_the_pipeline_through_the_start_role(cloud: Cloud, id_: str) -> None:
    """The role is given with the target; on the rule alone it would do nothing."""
    cloud.apply(*cloud.resources(id_))
    assert cloud.observe(id_)["targets"] == {
        "pipeline": {"Arn": cloud.names.pipeline_arn, "RoleArn": cloud.names.start_role}
    }
