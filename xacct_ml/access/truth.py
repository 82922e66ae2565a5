"""Three-valued logic: what a policy says for certain, and what it leaves open."""

from enum import IntEnum


class Truth(IntEnum):
    """Whether something matches. ``min`` is *and*, ``max`` is *or*.

    ``MAYBE`` stands for everything that the documents and the request do not settle: an unknown operator, a policy
    variable without a value, a malformed part, or a point that the AWS documentation leaves open."""

    NO = 0
    MAYBE = 1
    YES = 2


NO, MAYBE, YES = Truth.NO, Truth.MAYBE, Truth.YES

_NEGATED = (YES, MAYBE, NO)


def negate(truth: Truth) -> Truth:
    """*not*; ``MAYBE`` stays ``MAYBE``."""
    return _NEGATED[truth]
