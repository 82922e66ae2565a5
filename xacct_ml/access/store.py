"""Where the policies of a request come from."""

from typing import Protocol

from xacct_ml.access.context import RequestContext
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Decision, Request


class PolicyStore(Protocol):
    """Knows every document: rendered ones, or those stored in an emulator."""

    def policies_for(self, request: Request) -> PolicySet:
        """The policies that AWS would consult for ``request``."""
        ...


def authorize(request: Request, store: PolicyStore, context: RequestContext | None = None) -> Decision:
    """``decide`` with the policies of ``store``. Raises ``ValueError`` where the request is not concrete."""
    return decide(request, store.policies_for(request), context)
