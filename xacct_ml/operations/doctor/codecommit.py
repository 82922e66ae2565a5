"""Whether CodeCommit is open to the account of the repository.

An account without a repository may be refused one (resources/repository.py, CLOSED); no read tells that for sure."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.operations.doctor.check import REPOSITORY_ACCOUNT, Check, Finding, Subject, failed, ok, unknown
from xacct_ml.resources.repository import CLOSED
from xacct_ml.resources.rights import Rights, anything

RIGHTS = {
    "AWS::CodeCommit::Repository": (Rights("repository/Repository", "codecommit: GetRepository"),),
    REPOSITORY_ACCOUNT: (Rights("doctor/Look", "codecommit: ListRepositories", on=(anything,)),),
}


def checks(subject: Subject) -> Iterator[Check]:
    names = subject.names
    if names.uses_codecommit:
        look = partial(_look, names.repository_account, names.repository)
        yield Check("CodeCommit", names.repository_account, names.region, "codecommit:GetRepository", look)


def _look(account: str, repository: str, accounts: Clients) -> Finding:
    codecommit = accounts.client(account, "codecommit")
    try:
        found = absent_as_none("RepositoryDoesNotExistException", codecommit.get_repository, repositoryName=repository)
        if found is not None:
            return ok(f"repository {repository} is there")
        others = codecommit.list_repositories()["repositories"]
    except ClientError as error:
        if code_of(error) != CLOSED:
            raise
        return failed(
            "CodeCommit is not open to this account",
            "ask AWS Support to open it, or take a connection or a zip as the source (docs/topologies.md)",
        )
    if others:
        return ok(f"the account uses CodeCommit: {len(others)} repositories or more")
    return unknown("the account has no repository yet: only CreateRepository tells whether it may have one")
