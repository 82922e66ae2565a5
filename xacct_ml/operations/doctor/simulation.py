"""SimulatePrincipalPolicy: what IAM would decide for whoever the credentials are, without doing it.

It decides by the identity policies and the permissions boundary, and tells what the organization's service control
policies say where the account is in one; it knows no resource policy that it is not given (IAM API reference,
SimulatePrincipalPolicy) [D]. It takes the role, not the session."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.doctor.check import EVERY_ACCOUNT
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.statements import Document

CALL = "iam:SimulatePrincipalPolicy"
ALLOWED = "allowed"


def role_arn_of(config: Config, account: str) -> str | None:
    """The map's role for an account."""
    return next((one.role_arn for _, one in named_accounts(config) if one.id == account and one.role_arn), None)


def _operator(place: Place) -> str:
    """Who is simulated: the map's role, else whoever has the credentials."""
    return role_arn_of(place.names.config, place.account) or place.names.arn("iam", place.account, "*", region="")


RIGHTS = {EVERY_ACCOUNT: (Rights("doctor/Operator", "iam: GetRole SimulatePrincipalPolicy", on=(_operator,)),)}


@dataclass(frozen=True, slots=True)
class Simulated:
    """``organization`` is whether service control policies allow it; None where IAM says nothing of them."""

    action: str
    resource: str
    decision: str
    organization: bool | None


class Unsimulated(Exception):
    """Whoever the credentials are of cannot be simulated; the message says why."""


def source(config: Config, account: str, accounts: Clients) -> str:
    """The ARN of the role or user that is simulated. Raises :class:`Unsimulated`, and ClientError."""
    if (role := role_arn_of(config, account)) is not None:
        return role
    arn = str(accounts.client(account, "sts").get_caller_identity()["Arn"])
    who = Arn.parse(arn)
    if who.service == "iam" and who.type == "user":
        return arn
    if who.type != "assumed-role":
        raise Unsimulated(f"{arn} cannot be simulated: only roles and users can")
    iam = accounts.client(account, "iam")
    return str(iam.get_role(RoleName=who.id.split("/")[0])["Role"]["Arn"])


def simulate(
    iam: Any, who: str, actions: Sequence[str], resources: Sequence[str], context: Sequence[Mapping[str, Any]] = ()
) -> Iterator[Simulated]:
    """Every action on every resource."""
    request: dict[str, Any] = {"PolicySourceArn": who, "ActionNames": list(actions), "ResourceArns": list(resources)}
    if context:
        request["ContextEntries"] = list(context)
    while True:
        answer = iam.simulate_principal_policy(**request)
        for found in answer["EvaluationResults"]:
            organization = (found.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations")
            yield from _of_resources(found, organization)
        if not answer.get("IsTruncated"):
            return
        request["Marker"] = answer["Marker"]


def _of_resources(found: Mapping[str, Any], organization: bool | None) -> Iterator[Simulated]:
    """With several resources, each has a decision of its own."""
    action, whole = found["EvalActionName"], found["EvalDecision"]
    several = found.get("ResourceSpecificResults") or ()
    if not several:
        yield Simulated(action, found.get("EvalResourceName", "*"), whole, organization)
    for one in several:
        yield Simulated(action, one["EvalResourceName"], one["EvalResourceDecision"], organization)


_SEVERAL = ("ForAllValues:", "ForAnyValue:")
_FULFILLED_BY_VALUE = ("String", "Arn", "Bool", "Numeric")


def context_of(statement: Document) -> list[dict[str, Any]]:
    """Context entries that fulfil a statement's conditions, as far as a value can."""
    entries = []
    for operator, wanted in statement.get("Condition", {}).items():
        plain = operator.removeprefix(_SEVERAL[0]).removeprefix(_SEVERAL[1])
        if "Not" in plain or not plain.startswith(_FULFILLED_BY_VALUE):
            continue
        for key, values in wanted.items():
            value = values if isinstance(values, str) else str(next(iter(values), ""))
            kind = "stringList" if operator != plain else "boolean" if plain.startswith("Bool") else "string"
            entries.append({"ContextKeyName": key, "ContextKeyValues": [concrete(value)], "ContextKeyType": kind})
    return entries


def concrete(pattern: str) -> str:
    """Something that a pattern of a policy matches."""
    return pattern if pattern == "*" else pattern.replace("*", "x").replace("?", "0")


def listed_in(value: str | Sequence[str]) -> list[str]:
    """A member of a statement that is one text or several."""
    return [value] if isinstance(value, str) else list(value)
