"""What AWS refuses in a policy document when it is saved: moto saves anything.

Shapes are judged by the evaluator's own parser. A principal must exist where its account is one of those emulated;
other accounts are taken on trust (IAM user guide, "AWS JSON policy elements: Principal") [D]."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from xacct_ml.access.evaluate import decide
from xacct_ml.access.model import Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy
from xacct_ml.arn import Arn
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.policies import StoredPolicies, parse

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:[\w-]+:(iam|sts)::(\d{12}|cloudfront):(.+)")
_UNIQUE_ID = re.compile(r"A(?:ROA|IDA|PKA)[A-Z0-9]{12,}")
_SERVICE = re.compile(
    r"[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov)"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource policy: whether its statements name resources, and which service's actions it may allow."""

    resources: bool
    actions: str | None


KEY = Kind(resources=True, actions="kms")
BUCKET = Kind(resources=True, actions="s3")
TRUST = Kind(resources=False, actions="sts")


principal_deleted: list[Callable[[str, str], None]] = []
"""What services do to the policies they keep once a role or user is gone, given its ARN and unique id: IAM writes the
id where the ARN was, see :func:`without_principal`."""


class UnreadableDocument(ValueError):
    """Not a JSON object with statements."""


def statements(text: str) -> list[dict[str, Any]]:
    """:raises UnreadableDocument: not a policy at all"""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise UnreadableDocument("This policy contains invalid Json") from error
    found = content.get("Statement") if isinstance(content, dict) else None
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise UnreadableDocument("Syntax errors in policy.")
    return listed


def problem(text: str, kind: Kind) -> str | None:
    """Why AWS would refuse the document as a policy of ``kind``; ``None`` where it would take it."""
    try:
        listed = statements(text)
    except UnreadableDocument as error:
        return str(error)
    for statement in listed:
        if not {"Principal", "NotPrincipal"} & statement.keys():
            return "Missing required field Principal"
        if kind is TRUST and {"Resource", "NotResource"} & statement.keys():
            return "Has prohibited field Resource"
        # KMS saves a statement that lacks them, without effect (API_PutKeyPolicy) [B]
        if kind is not KEY and not {"Action", "NotAction"} & statement.keys():
            return "Missing required field Action"
        if kind is BUCKET and not {"Resource", "NotResource"} & statement.keys():
            return "Missing required field Resource"
        if (wrong := _wrong_action(statement, kind)) is not None:
            return wrong
    if kind is not KEY and (defects := Policy.parse(text, "").defects):
        return f"Syntax errors in policy. ({defects[0]})"
    invalid = next(_invalid_principals(listed), None)
    return None if invalid is None else f"Invalid principal in policy: {invalid}"


def _wrong_action(statement: dict[str, Any], kind: Kind) -> str | None:
    for action in _texts(statement.get("Action")) if kind.actions else ():
        service = action.partition(":")[0].lower()
        if action != "*" and service != kind.actions:
            if kind is TRUST:
                return "AssumeRole policy may only specify STS AssumeRole actions."
            return "Policy has invalid action"
    return None


def _invalid_principals(listed: list[dict[str, Any]]) -> Iterator[str]:
    for statement in listed:
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if principal == "*":
            continue
        if not isinstance(principal, dict):
            yield f'"{principal}"'
            continue
        for kind, values in principal.items():
            for value in _texts(values):
                if not _valid(kind, value):
                    yield f'"{kind}":"{value}"'


def _valid(kind: str, value: str) -> bool:
    if kind == "AWS":
        return value == "*" or _ACCOUNT.fullmatch(value) is not None or _valid_arn(value)
    if kind == "Service":
        return _SERVICE.fullmatch(value) is not None
    return kind in {"Federated", "CanonicalUser"}


def _valid_arn(value: str) -> bool:
    if _UNIQUE_ID.fullmatch(value):
        return principals.has_unique_id(value)
    found = _ARN.fullmatch(value)
    if found is None:
        return False
    service, account, resource = found.groups()
    if resource == "root":
        return service == "iam"
    kind, _, rest = resource.partition("/")
    if not rest or "*" in rest:
        return False
    if not principals.emulated(account):
        return True
    if service == "iam" and kind == "role":
        return principals.role(value) is not None
    if service == "iam" and kind == "user":
        return principals.user(value) is not None
    if service == "sts" and kind == "assumed-role":
        partition = Arn.parse(value).partition
        return "/" in rest and principals.role_named(account, partition, rest.split("/")[0]) is not None
    return service == "sts" and kind == "federated-user"


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [one for one in listed if isinstance(one, str)]


def without_principal(text: str, arn: str, unique_id: str) -> str:
    """The document once the principal ``arn`` is gone: AWS holds principals by their ids and then shows the id.

    A principal made again under the same name has another id, so the statement does not speak of it until the policy is
    saved again ("AWS JSON policy elements: Principal", IAM roles) [D]. Conditions hold ARNs and are left alone."""
    content = json.loads(text)
    found = content["Statement"]
    for statement in found if isinstance(found, list) else [found]:
        for element in ("Principal", "NotPrincipal"):
            principal = statement.get(element)
            if isinstance(principal, dict) and "AWS" in principal:
                values = [unique_id if value == arn else value for value in _texts(principal["AWS"])]
                principal["AWS"] = values if isinstance(principal["AWS"], list) else values[0]
    return json.dumps(content)


def key_policy_keeps_caller(text: str, call: ApiCall, key_arn: str) -> bool:
    """Whether the caller could still change the key policy with ``text`` in force: KMS's lock-out safety check.

    "The key policy must allow the caller to make a subsequent PutKeyPolicy request" (PutKeyPolicy, API reference) [D].
    Where it leaves the decision to the account's IAM, the caller's own policies decide (aws-solutions/innovation-
    sandbox-on-aws #31, aws-samples/rds-snapshot-export-to-s3-pipeline #8) [C]; the account's root needs none."""
    keys = {"kms:CallerAccount": call.account}
    request = Request(call.principal, "kms:PutKeyPolicy", key_arn, Arn.parse(key_arn).account, keys)
    own = StoredPolicies().policies_for(request)
    policies = replace(own, resource=parse(text, "the new key policy"), resource_kind=ResourcePolicyKind.KEY)
    return decide(request, policies).allowed


_BUCKET_ACTIONS = re.compile(
    r"s3:(Create|Delete|List|Get|Put)(Bucket|Accelerate|Analytics|Encryption|Inventory|Lifecycle|Metrics|Replication)",
    re.IGNORECASE,
)
_OBJECT_ACTIONS = re.compile(
    r"s3:((Get|Put|Delete|Restore|Replicate)Object|AbortMultipartUpload|ListMultipartUploadParts|BypassGovernance)",
    re.IGNORECASE,
)


def bucket_policy_problem(text: str, bucket: str) -> str | None:
    """Why S3 would refuse the document as the policy of ``bucket``, in S3's words [C]; ``None`` where it takes it."""
    if not text.lstrip().startswith("{"):
        return "Policies must be valid JSON and the first byte must be '{'"
    if _has_no_statement(text):
        return "Missing required field Statement"
    if (found := problem(text, BUCKET)) is not None:
        return "Invalid principal in policy" if found.startswith("Invalid principal") else found
    for statement in statements(text):
        resources = _texts(statement.get("Resource"))
        if any(not _of_bucket(resource, bucket) for resource in resources):
            return "Policy has invalid resource"
        actions = _texts(statement.get("Action"))
        if (
            resources
            and actions
            and not any(_applies(action, resource) for action in actions for resource in resources)
        ):
            return "Action does not apply to any resource(s) in statement"
    return None


def _has_no_statement(text: str) -> bool:
    try:
        return "Statement" not in json.loads(text)
    except ValueError:
        return False


def _of_bucket(resource: str, bucket: str) -> bool:
    try:
        arn = Arn.parse(resource)
    except ValueError:
        return False
    return arn.service == "s3" and arn.resource.partition("/")[0] == bucket


def _applies(action: str, resource: str) -> bool:
    """Whether an action on buckets meets a bucket, and one on objects objects; wildcards may be either."""
    if _OBJECT_ACTIONS.match(action):
        return "/" in resource
    if _BUCKET_ACTIONS.match(action) and "*" not in action:
        return "/" not in resource
    return True
