"""Writes that meet what a crash, a lost answer, another run or a late read has left: looked at again, then continued.

An answer that was lost is asked for again by botocore, and the second CreateRole then finds the first one's role; a
setting written right after the creation may not find its resource yet; a deletion may come too late. None of these is
a failure: what exists and is ours is continued with."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import code_of, codes
from xacct_ml.aws.retry import PROPAGATION
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.resource import State

T = TypeVar("T")

ALREADY_THERE = codes(
    "AlreadyExistsException BucketAlreadyOwnedByYou ConflictException EntityAlreadyExists PipelineNameInUseException "
    "RepositoryNameExistsException ResourceAlreadyExistsException ResourceConflictException"
)
"""What the services' Create calls say of a name that is taken [B]."""

NOT_THERE = codes(
    "NoSuchBucket NoSuchEntity NotFound NotFoundException PipelineNotFoundException RepositoryDoesNotExistException "
    "ResourceNotFound ResourceNotFoundException"
)
"""What they say of one that does not exist, or that they do not see yet [B]."""

READING_AGAIN = Backoff(limit=15.0, first=0.5, longest=4.0)
"""For a resource of which one call says that it exists and another that it does not."""


def read_whole(observe: Callable[[], State | None], clock: Clock) -> State | None:
    """``observe()``, again where the resource comes or goes while it is looked at.

    Raises the last ClientError where it stays half there."""
    return _again(lambda _: observe(), NOT_THERE, READING_AGAIN.attempts(clock, "AWS to show all of it"))


def create_or_continue(
    make: Callable[[], None], read: Callable[[], State | None], change: Callable[[State], None], clock: Clock
) -> None:
    """``make()``; where that finds the resource there or not there yet, ``read`` again and ``change`` what is.

    ``read`` raises NotOurs for somebody else's. Raises the last ClientError after the backoff for propagation."""

    def attempt(number: int) -> None:
        observed = read() if number else None
        if observed is None:
            make()
        else:
            change(observed)

    _again(attempt, ALREADY_THERE | NOT_THERE, PROPAGATION.attempts(clock, "AWS to show what was created"))


def remove_rest(remove: Callable[[State], None], observe: Callable[[], State | None], observed: State) -> None:
    """``remove(observed)``, then what is left where a part of it was gone already. Raises the last ClientError."""

    def attempt(number: int) -> None:
        state = observe() if number else observed
        if state is not None:
            remove(state)

    _again(attempt, NOT_THERE, range(3))


def _again(call: Callable[[int], T], passing: frozenset[str], attempts: Iterable[int]) -> T:
    """``call``'s result, called with the number of each attempt while its error is one of ``passing``."""
    last: ClientError | None = None
    for attempt in attempts:
        try:
            return call(attempt)
        except ClientError as error:
            if code_of(error) not in passing:
                raise
            last = error
    assert last is not None
    raise last
