"""Whether CodeCommit is open to an account, as far as reading tells."""

from __future__ import annotations

from tests.cli.fakes import FakeClient, refused
from tests.configs import SHARED, SOURCE, example, with_source_account
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import codecommit
from xacct_ml.operations.doctor.check import State

MISSING = refused("GetRepository", "RepositoryDoesNotExistException")


def test_where_the_repository_is() -> None:
    """Nothing is asked where the source is another."""
    assert [one.account for one in checks(codecommit)] == [SHARED]
    assert [one.account for one in checks(codecommit, with_source_account())] == [SOURCE]
    assert checks(codecommit, example(pipeline={"source_object": {}})) == ()


def test_a_repository_shows_that_it_is_open() -> None:
    """The project's or another; without one only CreateRepository tells."""
    (check,) = checks(codecommit)
    assert look(check, codecommit=FakeClient(get_repository={})).state is State.OK
    other = FakeClient(get_repository=MISSING, list_repositories={"repositories": [{}]})
    assert look(check, codecommit=other).state is State.OK
    none = FakeClient(get_repository=MISSING, list_repositories={"repositories": []})
    assert look(check, codecommit=none).state is State.UNKNOWN
    closed = FakeClient(get_repository=refused("GetRepository", "OperationNotAllowedException"))
    assert look(check, codecommit=closed).state is State.FAILED
