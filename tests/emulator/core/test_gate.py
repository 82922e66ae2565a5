"""What holds for each request, whatever it asks for."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.emulator.rights import Roles
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest


@pytest.fixture
def between_check_and_answer() -> Iterator[list[ApiCall]]:
    """The requests to IAM of which two were checked before either was answered, if they can get that far."""
    both = threading.Barrier(2)
    check = dispatch.checks["iam"]
    together: list[ApiCall] = []

    def check_and_meet(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
        check(call, asked)
        try:
            both.wait(0.5)
        except threading.BrokenBarrierError:
            return
        together.append(call)

    dispatch.checks["iam"] = check_and_meet
    try:
        yield together
    finally:
        dispatch.checks["iam"] = check


def test_a_name_is_taken_once(roles: Roles, unique: str, between_check_and_answer: list[ApiCall]) -> None:
    """Of two CreateRole of one name at once, the second is checked only after the first was answered."""

    def create(_: int) -> str | None:
        try:
            roles.create(unique)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(create, range(2))) == {None, "EntityAlreadyExists"}
    assert between_check_and_answer == []
