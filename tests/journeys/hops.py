"""The list of hops and the log of requests in a form in which they can be compared."""

from __future__ import annotations

from tests.journeys.project import Project
from xacct_ml.access.model import PrincipalKind, Request
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.rehearsal import job_of, rehearsed, resource_class
from xacct_ml.system.names import Names

Kind = tuple[str, str, str]
"""Who, action, class of resources."""


def kind(names: Names, request: Request) -> Kind:
    principal = request.principal
    return principal.role_arn or principal.arn, request.action, resource_class(names, request.resource)


def asked_for(made: Project) -> set[Kind]:
    """What the project's roles, and the services that assume them, asked for."""
    requests = [
        Request(entry.principal, entry.asked.action, entry.asked.resource, entry.asked.account)
        for entry in made.aws.requests
    ]
    return {kind(made.names, request) for request in requests if _of_the_project(made.names, request)}


def listed(config: Config) -> dict[Kind, bool]:
    """The hops of the project's roles and of services, each with whether a rehearsal is expected to ask for it."""
    given = world(config)
    names, requests = given.names, [hop.request for hop in given.hops]
    found: dict[Kind, bool] = {}
    for request in requests:
        if _of_the_project(names, request):
            one = kind(names, request)
            found[one] = rehearsed(names, request)
    return found


def _of_the_project(names: Names, request: Request) -> bool:
    return job_of(names, request) is not None or request.principal.kind is PrincipalKind.SERVICE
