"""An endpoint on instances, where the map wants a serverless one."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.cli.fakes import FakeClient
from tests.configs import PRODUCTION, example
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import endpoint_kind
from xacct_ml.operations.doctor.check import State

SERVERLESS = example(endpoint={"serverless": {}})


def test_only_where_the_map_wants_a_serverless_endpoint() -> None:
    """One on instances can be made of either."""
    assert checks(endpoint_kind, example()) == ()
    assert [(one.account, one.quick) for one in checks(endpoint_kind, SERVERLESS)] == [(PRODUCTION, True)]


def test_what_is_on_instances_stays_so() -> None:
    """With what can be done."""
    (check,) = checks(endpoint_kind, SERVERLESS)
    answer = {"ProductionVariants": [{"VariantName": "AllTraffic", "CurrentInstanceCount": 1}]}
    found = look(check, sagemaker=FakeClient(describe_endpoint=answer))
    assert (found.state, "runs on instances" in found.sentence) == (State.FAILED, True)
    assert "endpoint.name" in (found.next_step or "")


def test_what_is_serverless_or_not_there_is_fine() -> None:
    """Also while the first model is on its way."""
    (check,) = checks(endpoint_kind, SERVERLESS)
    answer = {"ProductionVariants": [{"VariantName": "AllTraffic", "CurrentServerlessConfig": {}}]}
    assert look(check, sagemaker=FakeClient(describe_endpoint=answer)).state is State.OK
    assert endpoint_kind.judge("churn", {"ProductionVariants": None}).state is State.OK

    def absent(**_: object) -> None:
        said = {"Code": "ValidationException", "Message": 'Could not find endpoint "churn".'}
        raise ClientError({"Error": said}, "DescribeEndpoint")

    assert look(check, sagemaker=FakeClient(describe_endpoint=absent)).state is State.OK
