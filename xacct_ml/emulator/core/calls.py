"""What an API call is to the authorizer: the call as it arrived, and the IAM requests it amounts to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.access.model import ContextValue, Principal


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One signed API call, its parameters typed by botocore's model.

    ``service`` is boto3's client name (``stepfunctions``, ``s3``), ``operation`` the API's (``StartExecution``).
    ``account`` is the caller's account; what the call acts on may lie in another. ``headers`` have lower-case names;
    ``query`` are the names in the URL's query."""

    service: str
    operation: str
    params: Mapping[str, Any]
    principal: Principal
    account: str
    region: str
    partition: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: frozenset[str] = frozenset()

    def arn(self, service: str, resource: str, *, account: str | None = None, region: str | None = None) -> str:
        """An ARN in the caller's partition, region and account unless given."""
        where = self.region if region is None else region
        whose = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{where}:{whose}:{resource}"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One IAM request that a call amounts to. ``account`` owns ``resource``.

    ``by`` names the service that asks it with the caller's identity (``s3``, which uses a key on the caller's behalf).
    ``refused`` is why it was denied, of a request that a call lists item by item."""

    action: str
    resource: str
    account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    by: str = ""
    refused: str = ""
