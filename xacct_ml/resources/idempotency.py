"""Writes that meet what a crash, a lost answer, another run or a late read has left: looked at again, then continued.

An answer that was lost is asked for again by botocore, and the second CreateRole then finds the first one's role; a
setting written right after the creation may not find its resource yet; a deletion may come too late. None of these is
a failure: what exists and is ours is continued with.
"""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import code_of, codes
from xacct_ml.aws.retry import PROPAGATION
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.resource import State

ALREADY_THERE = codes(
    "AlreadyExistsException EntityAlreadyExists BucketAlreadyOwnedByYou PipelineNameInUseException "
    "RepositoryNameExistsException ResourceAlreadyExistsException ResourceConflictException"
)
"""What the services' Create calls say of a name that is taken [B]."""

NOT_THERE = codes(
    "NoSuchBucket NoSuchEntity NotFoundException PipelineNotFoundException RepositoryDoesNotExistException "
    "ResourceNotFound ResourceNotFoundException"
)
"""What they say of one that does not exist, or that they do not see yet [B]."""

READING_AGAIN = Backoff(limit=15.0, first=0.5, longest=4.0)
"""For a resource of which one call says that it exists and another that it does not."""


def read_whole(observe: Callable[[], State | None], clock: Clock) -> State | None:
    """``observe()``, again where the resource comes or goes while it is looked at.

    Raises the last ClientError where it stays half there.
    """
    last: ClientError | None = None
    for _ in READING_AGAIN.attempts(clock, "AWS to show all of it"):
        try:
            return observe()
        except ClientError as error:
            if code_of(error) not in NOT_THERE:
                raise
            last = error
    assert last is not None
    raise last


def create_or_continue(
    make: Callable[[], None], read: Callable[[], State | None], change: Callable[[State], None], clock: Clock
) -> None:
    """``make()``; where that finds the resource there or not there yet, ``read`` again and ``change`` what is.

    ``read`` raises NotOurs for somebody else's. Raises the last ClientError after the backoff for propagation.
    """
    last: ClientError | None = None
    for attempt in PROPAGATION.attempts(clock, "AWS to show what was created"):
        try:
            observed = read() if attempt else None
            if observed is None:
                make()
            else:
                change(observed)
            return
        except ClientError as error:
            if code_of(error) not in ALREADY_THERE | NOT_THERE:
                raise
            last = error
    assert last is not None
    raise last


def remove_rest(remove: Callable[[State], None], observe: Callable[[], State | None], observed: State) -> None:
    """``remove(observed)``, then what is left where a part of it was gone already. Raises the last ClientError."""
    state: State | None = observed
    for last_attempt in (False, False, True):
        try:
            if state is not None:
                remove(state)
            return
        except ClientError as error:
            if code_of(error) not in NOT_THERE or last_attempt:
                raise
        state = observe()
