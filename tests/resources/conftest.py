from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.operations.boto3_calls import asked_for
from tests.operator_calls import keep
from tests.resources.cloud import Cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty AWS."""
    with mock_aws():
        cloud = Cloud()
        yield cloud
    keep("drivers", (action for call in cloud.calls for action in asked_for(call)))
