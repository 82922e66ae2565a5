"""What is called as ours and is not: resources of our names in other regions and accounts, a bucket whose name begins
as ours does, and roles whose names begin as ours do.

A document that is too wide in one part of an ARN lets somebody in, or us out, there alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.model import Principal, Request
from xacct_ml.access.policy import Policy
from xacct_ml.arn import Arn
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow, grant, policy

ENDING = "x"
"""Behind a name of ours it makes one that is not ours."""
EVERYTHING = Policy.parse(policy(allow("Everything", "*", "*")), "administrator")


@dataclass(frozen=True, slots=True)
class Namesake:
    """``account`` owns it."""

    arn: str
    account: str


def namesakes(arn: str, account: str) -> Iterator[Namesake]:
    """Of the resource ``arn``, which ``account`` owns. Only what may let others in is of another account."""
    parsed = Arn.parse(arn)
    if parsed.service == "s3":
        bucket, slash, key = parsed.resource.partition("/")
        yield Namesake(str(replace(parsed, resource=f"{bucket}{ENDING}{slash}{key}")), account)
        return
    if parsed.region:
        # No region of AWS is called so.
        yield Namesake(str(replace(parsed, region=f"{parsed.region[:-1]}9")), account)
    if parsed.service in ("iam", "kms"):
        yield Namesake(str(replace(parsed, account=FOREIGN_ACCOUNT)), FOREIGN_ACCOUNT)


def near_role(arn: str) -> str:
    """A role of another name in the same account, whose own policies let it do everything."""
    return f"{arn}{ENDING}"


def of_resource(request: Request) -> Iterator[Request]:
    """The same asked of each namesake."""
    if request.resource != "*":
        for one in namesakes(request.resource, request.resource_account):
            yield replace(request, resource=one.arn, resource_account=one.account)


def of_role(names: Names, request: Request) -> Request | None:
    """The same asked by a role that is nearly called as the request's; None where that role's account may let it: in
    its own account all may but assume roles and, where the map says who else may, use the key."""
    role = request.principal.role_arn
    accounts = (names.config.accounts.shared, *names.production)
    operated = any(each.id == request.resource_account and each.role_arn is not None for each in accounts)
    guarded = {"sts:AssumeRole", *(("kms:Decrypt", "kms:GenerateDataKey") if operated else ())}
    if role is None or (request.principal.account == request.resource_account and request.action not in guarded):
        return None
    return replace(request, principal=Principal.session(near_role(role), "x"))


def with_namesakes(names: Names, store: DocumentStore) -> DocumentStore:
    """As open to the map's accounts as their owners may make them."""
    opened = open_to_all(names)
    trust = RolePolicies(Policy.parse(policy(grant("Open", _roots(names), "*", [])), "trust policy of somebody else"))
    guarded = {one.arn: opened for arn in store.resources for one in namesakes(arn, names.shared)}
    roles = {one.arn: trust for arn in store.roles for one in namesakes(arn, Arn.parse(arn).account)}
    near = {near_role(arn): (EVERYTHING,) for arn in store.roles}
    return replace(
        store,
        resources={**guarded, **store.resources},
        roles={**roles, **store.roles},
        principals={**near, **store.principals},
    )


def open_to_all(names: Names) -> Policy:
    """The resource policy of somebody who lets the whole map in."""
    return Policy.parse(policy(grant("Open", _roots(names), "*", "*")), "policy of somebody else")


def _roots(names: Names) -> dict[str, list[str]]:
    return {"AWS": [names.account_root(account) for account in names.accounts]}
