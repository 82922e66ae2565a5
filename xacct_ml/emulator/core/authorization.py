"""Which IAM requests an API call amounts to.

Each service's ``authorization`` module has ``SERVICE``, boto3's client name or names, and
``authorization_requests(call)``.

Actions, resources and condition keys are those of the Service Authorization Reference [D]. An operation that no module
knows is asked as ``<prefix>:<Operation>`` on ``*``, so that only a grant on ``*`` lets it pass: never too much."""

from collections.abc import Callable
from functools import cache

from xacct_ml.arn import account_of
from xacct_ml.emulator.core import discovery
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

_PREFIXES = {
    "stepfunctions": "states",
    "sagemaker-runtime": "sagemaker",
    "resourcegroupstaggingapi": "tag",
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "application-autoscaling": "application-autoscaling",
    "efs": "elasticfilesystem",
}

TAGGING_OPERATIONS = {"TagResource", "UntagResource", "ListTagsForResource"}
"""Of the services whose tagging works on any resource by its ARN."""

Translator = Callable[[ApiCall], tuple[AuthorizationRequest, ...]]


@cache
def translators() -> dict[str, Translator]:
    """By boto3 service: which requests a call amounts to."""
    translators: dict[str, Translator] = {}
    for module in discovery.modules("authorization"):
        services = module.SERVICE if isinstance(module.SERVICE, tuple) else (module.SERVICE,)
        translators.update(dict.fromkeys(services, module.authorization_requests))
    return translators


def prefix(service: str) -> str:
    """The service prefix of IAM actions for boto3's client name (``stepfunctions`` is ``states``)."""
    return _PREFIXES.get(service, service)


def unknown(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """What an operation is asked as that its service's module does not know."""
    return (AuthorizationRequest(f"{prefix(call.service)}:{call.operation}", "*", call.account),)


def translate(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """Every IAM request that ``call`` amounts to, in the order AWS would refuse them. All must be allowed.

    Empty where the API needs no permission (``sts:GetCallerIdentity``)."""
    translator = translators().get(call.service)
    return unknown(call) if translator is None else translator(call)


def pass_role(call: ApiCall, role_arn: str, service: str) -> AuthorizationRequest:
    """``iam:PassRole`` of ``role_arn`` to ``service`` (``states.amazonaws.com``).

    A role of another account can never be passed; that account is asked for here, so the cross-account rule denies it
    (a role has no resource policy that could allow ``iam:PassRole``)."""
    account = account_of(role_arn, call.account)
    return AuthorizationRequest("iam:PassRole", role_arn, account, {"iam:PassedToService": service})


def tag_context(tags: object) -> dict[str, str | tuple[str, ...]]:
    """``aws:RequestTag/<key>`` and ``aws:TagKeys`` for tags in any of the shapes that APIs use; the names
    alone where only they are given."""
    found: dict[str, str] = {}
    if isinstance(tags, dict):
        found = {str(key): str(value) for key, value in tags.items()}
    elif isinstance(tags, list | tuple) and tags and not any(isinstance(tag, dict) for tag in tags):
        return {"aws:TagKeys": tuple(map(str, tags))}
    elif isinstance(tags, list | tuple):
        for tag in tags:
            names = {str(name).lower(): value for name, value in tag.items()}
            key = names.get("key", names.get("tagkey"))
            found[str(key)] = str(names.get("value", names.get("tagvalue", "")))
    if not found:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in found.items()}, "aws:TagKeys": tuple(found)}
