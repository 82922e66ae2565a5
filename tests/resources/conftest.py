from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.resources.cloud import Cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty AWS."""
    with mock_aws():
        yield Cloud()
