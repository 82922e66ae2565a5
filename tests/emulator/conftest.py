"""One embedded AWS per test module."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.emulator.rights import Roles
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.operations.embedded import embedded


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """An embedded AWS with the accounts of the example map. Tests share it within a module: use names of your own."""
    with embedded(example()) as running:
        yield running


_numbers = itertools.count(1)


@pytest.fixture
def unique() -> str:
    """A name that no other test of this process uses; fit for buckets, roles and aliases."""
    return f"test-{next(_numbers)}"


@pytest.fixture
def roles(aws: EmbeddedAws) -> Roles:
    return Roles(aws)
