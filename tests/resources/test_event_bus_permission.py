"""One statement among others in the policy of the default event bus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.configs import SHARED, SOURCE, with_source_account
from tests.resources.cloud import Cloud
from xacct_ml.engine.events import Absent, Deleted

ID = "shared/event-bus-permission"
OTHER = "444444444444"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud(with_source_account())


@pytest.fixture
def events(cloud: Cloud) -> Any:
    """The shared account's, whose bus has somebody else's statement."""
    client = cloud.client(SHARED, "events")
    client.put_permission(StatementId="theirs", Action="events:PutEvents", Principal=OTHER)
    cloud.forget()
    return client


def statements(events: Any) -> dict[str, Any]:
    found = json.loads(events.describe_event_bus()["Policy"])["Statement"]
    return {statement["Sid"]: statement for statement in found}


def test_it_is_added_once_beside_the_others(cloud: Cloud, events: Any) -> None:
    """The second run makes no write; the other statement is as it was."""
    before = statements(events)["theirs"]
    cloud.apply(*cloud.resources(ID))
    assert statements(events).keys() == {"theirs", "xacct-ml-churn"}
    assert statements(events)["theirs"] == before
    cloud.forget()
    cloud.apply(*cloud.resources(ID))
    assert cloud.writes == []


def test_it_admits_pushes_by_the_forward_role_of_the_source_account(cloud: Cloud, events: Any) -> None:
    """Principal, conditions and resource, as they are stored."""
    cloud.apply(*cloud.resources(ID))
    statement = statements(events)["xacct-ml-churn"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{SOURCE}:root"}
    assert statement["Resource"] == f"arn:aws:events:us-east-1:{SHARED}:event-bus/default"
    assert statement["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{SOURCE}:role/churn-forward"},
        "StringEquals": {"events:source": "aws.codecommit", "events:detail-type": "CodeCommit Repository State Change"},
    }


def test_what_somebody_changed_is_put_right(cloud: Cloud, events: Any) -> None:
    """By a whole policy, because the statement exists."""
    events.put_permission(StatementId="xacct-ml-churn", Action="events:PutEvents", Principal=SOURCE)
    cloud.apply(*cloud.resources(ID))
    assert "Condition" in statements(events)["xacct-ml-churn"]
    assert "theirs" in statements(events)


def test_it_alone_is_taken_out(cloud: Cloud, events: Any) -> None:
    """And a second time there is nothing to do."""
    cloud.apply(*cloud.resources(ID))
    assert isinstance(cloud.destroy(*cloud.resources(ID)).outcomes[ID], Deleted)
    assert statements(events).keys() == {"theirs"}
    cloud.forget()
    assert isinstance(cloud.destroy(*cloud.resources(ID)).outcomes[ID], Absent)
    assert cloud.writes == []


def test_a_bus_without_a_policy_gets_one_and_loses_it(cloud: Cloud) -> None:
    """The statement is the whole policy."""
    cloud.apply(*cloud.resources(ID))
    client = cloud.client(SHARED, "events")
    assert statements(client).keys() == {"xacct-ml-churn"}
    cloud.destroy(*cloud.resources(ID))
    assert "Policy" not in client.describe_event_bus()
