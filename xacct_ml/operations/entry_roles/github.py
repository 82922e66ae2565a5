"""The roles of GitHub Actions: a pull request reads, a branch or an environment operates.

A run signs in to the shared account with GitHub's token (GitHub Docs, "Configuring OpenID Connect in Amazon Web
Services", and "OpenID Connect reference" for the subject; IAM User Guide, id_roles_create_for-idp_oidc [D]). The role
that it gets may do one thing: assume the roles of the accounts, readers' or operators'. A subject is named whole, never
by a pattern. That of a repository that was created or renamed since July 15, 2026 has immutable ids,
``OWNER@ID/REPO@ID`` (GitHub Docs, "Immutable subject claims" [D]); they are taken as they are given."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.operations import operator_policies
from xacct_ml.operations.entry_roles import trust
from xacct_ml.operations.entry_roles.people import DEFAULT_NAME, part
from xacct_ml.operations.entry_roles.role import EntryRole
from xacct_ml.operations.entry_roles.sizes import divided
from xacct_ml.resources.rights import FIRST_RUN
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, allow, policy

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
DEFAULT_BRANCH = "main"
READER, GITHUB_READER, GITHUB_OPERATOR = "reader", "github-reader", "github-operator"

_ID = r"(?:@\d{1,20})?"
_REPOSITORY = re.compile(rf"[A-Za-z0-9][A-Za-z0-9-]{{0,38}}{_ID}/[A-Za-z0-9._-]{{1,100}}{_ID}")
_BRANCH = re.compile(r"[\w./+-]{1,200}", re.ASCII)
_ENVIRONMENT = re.compile(r"[\w.-]{1,200}", re.ASCII)
"""GitHub escapes a colon in the subject; other characters than these are not taken here."""

_READ = ("Describe", "Get", "List")
_CONTENT = frozenset({"ecr:BatchGetImage", "logs:FilterLogEvents", "s3:GetObject", "states:GetExecutionHistory"})
"""Reads what the project works on, not what it is made of."""
_NOT_OF_PLANS = frozenset({FIRST_RUN, "batch", "doctor", "executions", "jobs"})
"""Operator policies whose reads neither ``plan`` nor ``verify --live`` makes."""


@dataclass(frozen=True)
class GitHub:
    """``repository`` is ``OWNER/REPO``; who operates is a run of ``branch``, or of ``environment`` where one is given:
    a job that has an environment has no branch in its subject."""

    repository: str
    branch: str = DEFAULT_BRANCH
    environment: str | None = None

    @property
    def reading(self) -> str:
        return f"repo:{self.repository}:pull_request"

    @property
    def operating(self) -> str:
        if self.environment is not None:
            return f"repo:{self.repository}:environment:{self.environment}"
        return f"repo:{self.repository}:ref:refs/heads/{self.branch}"

    def __post_init__(self) -> None:
        for option, given, form in (
            ("--github", self.repository, _REPOSITORY),
            ("--branch", self.branch, _BRANCH),
            ("--environment", self.environment, _ENVIRONMENT),
        ):
            if given is not None and not form.fullmatch(given):
                raise InputError(
                    f"{option} {given}: " + ("give OWNER/REPO, such as my-org/churn" if form is _REPOSITORY else _PLAIN)
                )


_PLAIN = "give its name as it is, without * and spaces"


def operating_trust(config: Config, github: GitHub | None) -> Iterator[Document]:
    """The statement with which an operator's role takes GitHub in."""
    if github is not None:
        yield trust.statement("GitHub", Names(config).role_arn(config.accounts.shared.id, GITHUB_OPERATOR))


def roles(config: Config, keys: Keys, github: GitHub) -> Iterator[EntryRole]:
    """The two that GitHub gets, and a reader's of each account. Raises :class:`InputError` for an account that is not
    entered by a role, and for a source that readers cannot look at."""
    names = Names(config)
    if config.pipeline.source_object is not None:
        raise InputError(
            "--github: the map's source is a zip in the bucket, and the key's policy lets operators alone read that: a "
            "pull request could not be planned",
            next_step="keep the source in a repository: docs/topologies.md",
        )
    for name, each in named_accounts(config):
        if each.role_arn is None:
            raise InputError(
                f"--github: account {each.id} ({name}) has no role_arn in the map, and CI has no profile",
                next_step=f"add role_arn: arn:{names.partition}:iam::{each.id}:role/{DEFAULT_NAME} to it",
            )
    operators = list(dict.fromkeys(str(each.role_arn) for _, each in named_accounts(config)))
    readers = [names.role_arn(account, READER) for account in names.accounts]
    yield _of_github(names, GITHUB_READER, github.reading, readers)
    yield _of_github(names, GITHUB_OPERATOR, github.operating, operators)
    for account, policies in operator_policies.policies(config, keys).items():
        inline, managed = divided(_reading(policies))
        yield EntryRole(
            kind=READER,
            arn=names.role_arn(account, READER),
            description=f"Plans and verifies the project {config.project} in the account {part(config, account)}",
            trust=policy(trust.statement("GitHub", names.role_arn(names.shared, GITHUB_READER))),
            policies=inline,
            managed=managed,
            boundary=names.boundary_arn(account),
        )


def _of_github(names: Names, job: str, subject: str, may_assume: list[str]) -> EntryRole:
    provider = names.arn("iam", names.shared, f"oidc-provider/{ISSUER}", region="")
    statement: Document = {
        "Sid": "GitHub",
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
    }
    return EntryRole(
        kind=job,
        arn=names.role_arn(names.shared, job),
        description=f"GitHub Actions of {subject.replace(':', ' ')} for the project {names.project}",
        trust=policy(statement),
        policies={"enter": policy(allow("Enter", "sts:AssumeRole", may_assume))},
        boundary=names.boundary_arn(names.shared),
        before=(f"The account has the identity provider `{ISSUER}`: the folder `github` beside this one makes it.",),
    )


def _reading(policies: Mapping[str, Document]) -> Mapping[str, Document]:
    """The operator's policies without what changes anything, and without the content of objects and logs."""
    found = {}
    for name, document in policies.items():
        statements = [_only_reads(each) for each in document["Statement"]]
        if name not in _NOT_OF_PLANS and any(statements):
            found[name] = policy(*(each for each in statements if each))
    return found


def _only_reads(statement: Document) -> Document | None:
    actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
    kept = [each for each in actions if _reads(each)]
    return {**statement, "Action": kept[0] if len(kept) == 1 else kept} if kept else None


def _reads(action: str) -> bool:
    return action.partition(":")[2].startswith(_READ) and action not in _CONTENT
