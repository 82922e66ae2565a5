"""What an operator must be allowed for the calls of a driver or an operation, declared beside these calls.

A driver class has them as ``rights``, a module of operations as ``RIGHTS``, by the driver on whose things they are.
:mod:`xacct_ml.operations.operator_policies` puts those of one statement together and renders the operators' policies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Conditions
from xacct_ml.tables.regions import service_host

FIRST_RUN = "first-run"
"""The policy that an operator needs until the first bootstrap is done."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One thing of the project, there or not yet, as an operator's policy speaks of it.

    ``keys`` are the project's, or stand for those that do not exist yet. ``arn`` may be a pattern; ``thing`` is None
    for what bootstrap does not make. ``policy`` is the operator policy that its rights are in, where that is not the
    driver's usual one, and ``sids`` the names of statements that are other ones there."""

    names: Names
    keys: Keys
    account: str
    arn: str = ""
    region: str | None = None
    thing: Any = None
    policy: str | None = None
    sids: Mapping[str, str] = field(default_factory=dict)


On = Callable[[Place], str]
"""The ARN, or pattern of ARNs, that a right is on, for a thing of the project."""


def itself(place: Place) -> str:
    """The thing's own ARN."""
    return place.arn


def role_without_path(place: Place) -> str:
    """A role that does not exist yet has no path: then it is asked for by its bare name."""
    return place.names.arn("iam", place.account, f"role/{place.arn.rsplit('/', 1)[-1]}", region="")


def anything(_: Place) -> str:
    """For actions that take no resource."""
    return "*"


def within(suffix: str) -> On:
    """What is inside the thing: its ARN and ``suffix``."""
    return lambda place: f"{place.arn}{suffix}"


def pipelines_key(place: Place) -> str:
    """The key of the pipeline's region."""
    return place.keys.pipeline


def through_s3(place: Place) -> Conditions:
    """A condition on the key: S3 uses it for the operator."""
    return {"StringEquals": {"kms:ViaService": service_host("s3", place.names.region)}}


@dataclass(frozen=True)
class Rights:
    """What a ``statement`` of an operator policy, such as ``key/FindKey``, allows: the policy's name and its Sid there.
    ``calls`` begins with the service's prefix: ``kms: ListAliases ListKeys``.

    ``on`` are the resources for each thing. ``condition`` is the statement's, the same for all rights of one statement;
    ``needed`` says of which things the rights are needed, where not of all."""

    statement: str
    calls: str
    on: tuple[On, ...] = (itself,)
    condition: Callable[[Place], Conditions | None] | None = None
    needed: Callable[[Place], bool] | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        """``kms:ListKeys``, …"""
        service, names = self.calls.split(": ")
        return tuple(f"{service}:{name}" for name in names.split())


def pass_role(statement: str, service: str, role: Callable[[Any], str]) -> Rights:
    """To hand the ``role`` of a thing, its ARN, to ``service``, and to no other."""
    condition = {"StringEquals": {"iam:PassedToService": service}}
    return Rights(statement, "iam: PassRole", on=(lambda place: role(place.thing),), condition=lambda _: condition)
