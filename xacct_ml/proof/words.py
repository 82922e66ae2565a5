"""What a request is about, in a few words: who asks, and for what. Ids that differ from run to run are left out."""

import re

from xacct_ml.access.explain import who
from xacct_ml.access.model import Decision, Principal, PrincipalKind, Request
from xacct_ml.arn import Arn
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.system.names import Names

_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{16})(?![0-9a-f])")
_UNTYPED = {"codecommit": "repository", "codepipeline": "pipeline", "sns": "topic"}
"""What a service's ARNs name without saying its type; others are shown by the service's name."""


class Words:
    """Of one map."""

    def __init__(self, config: Config) -> None:
        self.names = Names(config)
        known = (account.role_arn for _, account in named_accounts(config))
        self._operators = frozenset(arn for arn in known if arn is not None)

    def who(self, principal: Principal) -> str:
        """The job of one of our roles, a service in brackets, otherwise the role's name."""
        if principal.kind is PrincipalKind.SERVICE:
            return f"({principal.arn.split('.')[0]})"
        return "operator" if principal.role_arn in self._operators else self.job(principal.role_arn or principal.arn)

    def job(self, role_arn: str) -> str:
        name = role_arn.rsplit("/", 1)[-1]
        return self.names.job_of(name) or name

    def key_of(self, arn: str) -> str | None:
        """The object's key, where it is one in a bucket of ours."""
        for region in self.names.regions:
            if arn.startswith(objects := self.names.object_arn("", region)):
                return arn.removeprefix(objects)
        return None

    def resource(self, arn: str) -> str:
        """Enough to know which it is. Regions are left out: the stage says which."""
        names = self.names
        if any(arn == names.bucket_arn_in(region) for region in names.regions):
            return "bucket"
        if (key := self.key_of(arn)) is not None:
            return shortened(key)
        if not arn.startswith("arn:"):
            return arn
        parsed = Arn.parse(arn)
        service = parsed.service
        if service == "kms":
            return "key"
        if service == "iam":
            return f"role {self.job(arn)}"
        if service == "logs":
            return f"logs {parsed.id.split(':')[0].rsplit('/', 1)[-1]}"
        if service in _UNTYPED or not parsed.type:
            return f"{_UNTYPED.get(service, service)} {_IDS.sub('…', parsed.resource)}"
        return f"{parsed.type} {_IDS.sub('…', parsed.id).removesuffix('/…')}"


def shortened(key: str) -> str:
    """An object's key: where it begins and what it is."""
    parts = key.split("/")
    return key if len(parts) < 3 else f"{parts[0]}/…/{parts[-1]}"


def reason(request: Request, decision: Decision) -> str:
    """The decision's reason, without the request that is shown beside it."""
    asked = f"{request.action} on {request.resource} to {who(request.principal)}"
    return f"{decision.outcome.value}: {decision.reason.replace(asked, 'this')}"
