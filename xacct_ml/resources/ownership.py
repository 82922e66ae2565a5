"""Whose a resource is: that pipeline's whose ARN it carries as a tag, beside the project's name.

Another map may have the same project's name, with another shared account or in another region. The release before this
tag put on the project's name alone. Whose such a resource is, trust policies tell, which were the same in that release:
that of the pipeline's role names the pipeline's ARN, and those of the roles that it assumes in other accounts name the
pipeline's role. Where neither is there, nobody takes it.

The tags guard against accidents: who may set them may take a resource over."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.engine.resource import NotOurs
from xacct_ml.resources.rights import Rights
from xacct_ml.system.names import PIPELINE_TAG, PROJECT_TAG, Names

RIGHTS = {"AWS::IAM::Role": (Rights("roles/FindRoles", "iam: GetRole"),)}

_NO_ROLE = ""


def has_owner(tags: Mapping[str, str]) -> bool:
    return PROJECT_TAG in tags or PIPELINE_TAG in tags


def predates_pipeline_tag(tags: Mapping[str, str], ours: Mapping[str, str]) -> bool:
    """Whether it is of a project of our name, and no tag tells of which pipeline."""
    return tags.get(PROJECT_TAG) == ours[PROJECT_TAG] and PIPELINE_TAG not in tags


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a resource is not ours, and what can be done; ``adoptable`` where it is nobody's. As text, the predicate of a
    sentence about the resource."""

    why: str
    next_step: str
    adoptable: bool = False

    def __str__(self) -> str:
        return f"exists and {self.why}" if self.adoptable else self.why


def refusal(tags: Mapping[str, str], ours: Mapping[str, str]) -> Refusal | None:
    """Why what has these tags is not ours, who put on ``ours``; None where it is, or predates the pipeline's tag."""
    project, pipeline = ours[PROJECT_TAG], ours[PIPELINE_TAG]
    if not has_owner(tags):
        step = "choose another name in the map, or delete it"
        return Refusal(f"is not this project's: it has no tag {PROJECT_TAG}={project}", step, adoptable=True)
    if tags.get(PROJECT_TAG) != project:
        of = tags.get(PROJECT_TAG)
        why = f"belongs to project {of}: so says its tag {PROJECT_TAG}" if of else f"has no tag {PROJECT_TAG}={project}"
        return Refusal(why, "choose another name in the map: a resource serves one project")
    if tags.get(PIPELINE_TAG, pipeline) != pipeline:
        return Refusal(
            f"belongs to the pipeline {tags[PIPELINE_TAG]}: so says its tag {PIPELINE_TAG}",
            f"choose another project in the map, or the accounts, region and pipeline name of that pipeline: "
            f"this map's is {pipeline}",
        )
    return None


class Adoptable(NotOurs):
    """What was found could be adopted: by ``line`` in the map, or together with others by their ids in ``adopt``."""

    def __init__(self, message: str, *, line: str, id_: str | None) -> None:
        super().__init__(message, next_step=adopting(line))
        self.line = line
        self.id = id_


def adopting(*lines: str) -> str:
    """The next step where something could be adopted."""
    shown = " and ".join(f"`{line}`" for line in lines)
    return (
        f"to use what is there, put this into the map: {shown}; it is then changed as plan shows and never deleted. "
        "Or choose another name in the map"
    )


def in_doubt(what: str, doubt: str, ours: Mapping[str, str]) -> NotOurs:
    """What has no pipeline's tag, and may be another pipeline's: that is the ``doubt``."""
    return NotOurs(
        f"{what} has the tag {PROJECT_TAG}={ours[PROJECT_TAG]} and none {PIPELINE_TAG}, as earlier releases left it, "
        f"and may be another pipeline's: {doubt}",
        next_step=f"if it is this map's, give it the tag {PIPELINE_TAG}={ours[PIPELINE_TAG]}; "
        "if not, choose another project in the map",
    )


class Evidence(Protocol):
    """Whose a resource is that carries the project's tag and no pipeline's."""

    def doubt(self, account: str, *, at_home: bool) -> str | None:
        """Why it cannot be said to be ours; None where it can. ``at_home``: it lies in the pipeline's region."""


class NoEvidence:
    """Of what is never looked at without its tags."""

    def doubt(self, account: str, *, at_home: bool) -> str | None:
        return "nothing tells whose it is"


@dataclass(frozen=True)
class RoleDocuments:
    """Evidence from the documents of roles; each is read once, when it is asked for first."""

    names: Names
    clients: Clients
    _known: dict[str, str | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def doubt(self, account: str, *, at_home: bool) -> str | None:
        shared = self._once(self.names.shared, self._doubt_in_shared)
        if shared:
            return shared
        if account != self.names.shared:
            return self._once(account, partial(self._doubt_elsewhere, account))
        if shared == _NO_ROLE and not at_home:
            return f"there is no role {self._pipeline_role} in account {account} that says which pipeline's it is"
        return None

    @property
    def _pipeline_role(self) -> str:
        return Arn.parse(self.names.pipeline_role).name

    def _once(self, account: str, look: Any) -> str | None:
        with self._lock:
            if account not in self._known:
                self._known[account] = look()
            return self._known[account]

    def _doubt_in_shared(self) -> str | None:
        """``_NO_ROLE`` where it is not there: then the account has no other pipeline of this project's name in this
        region, but may have some roles of one in another."""
        trust = self._trust(self.names.shared, self._pipeline_role)
        if trust is None:
            return _NO_ROLE
        pipelines = sorted({text for text in trust if ":codepipeline:" in text})
        if self.names.pipeline_arn in pipelines:
            return None
        named = ", ".join(pipelines) or "no pipeline"
        return f"the trust policy of role {self._pipeline_role} in account {self.names.shared} names {named}"

    def _doubt_elsewhere(self, account: str) -> str | None:
        roles, pipeline = self._assumed(account), self.names.pipeline_role
        trusts = {role: trust for role in roles if (trust := self._trust(account, role)) is not None}
        for role, trust in trusts.items():
            if pipeline not in trust:
                return f"role {role} in account {account} does not trust {pipeline}"
        if trusts:
            return None
        return f"there is no role {' or '.join(roles)} in account {account} that says which pipeline it trusts"

    def _trust(self, account: str, role: str) -> list[str] | None:
        """The texts in a role's trust policy; None where there is no such role."""
        found = absent_as_none("NoSuchEntity", self.clients.client(account, "iam").get_role, RoleName=role)
        return None if found is None else list(_texts(found["Role"]["AssumeRolePolicyDocument"]))

    def _assumed(self, account: str) -> tuple[str, ...]:
        """The names of the roles there that the pipeline assumes."""
        names = self.names
        assumed = {
            names.training: [names.train_action_role],
            names.repository_account: [names.source_action_role],
            **{
                target.id: [names.deploy_action_role(one) for one in names.production if one.id == target.id]
                for target in names.production
            },
        }
        return tuple(Arn.parse(arn).name for arn in assumed[account])


def _texts(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
