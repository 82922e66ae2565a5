"""What a run was trained from, as far as whoever asks can read it."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import DENIED, code_of, codes
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError
from xacct_ml.operations.runs.evaluation import Judgement
from xacct_ml.operations.runs.executions import executions
from xacct_ml.resources.rights import Rights
from xacct_ml.system.names import Names

RIGHTS = {"AWS::CodeCommit::Repository": (Rights("repository/Repository", "codecommit: GetCommit"),)}

_NO_COMMIT = codes("CommitIdDoesNotExistException CommitDoesNotExistException RepositoryDoesNotExistException")


@dataclass(frozen=True, slots=True)
class Commit:
    """The revision that was trained from: a commit, or a version of the source zip, which has neither message nor
    author. Both are None as well where the repository no longer has the commit, or belongs to another account that
    whoever approves cannot enter; a git host's author is not told."""

    id: str
    message: str | None = None
    author: str | None = None


def commit_of(config: Config, accounts: Clients, judged: Judgement) -> Commit | None:
    """The revision that CodePipeline itself names."""
    names, commit = Names(config), judged.commit
    if commit is None:
        return None
    if not names.uses_codecommit:
        run = next((run for run in executions(config, accounts) if run.id == judged.execution), None)
        return Commit(commit, run.message if run else None)
    elsewhere = names.repository_account != names.shared
    try:
        found = accounts.client(names.repository_account, "codecommit").get_commit(
            repositoryName=names.repository, commitId=commit
        )["commit"]
    except ClientError as error:
        if code_of(error) not in _NO_COMMIT and not (elsewhere and code_of(error) in DENIED):
            raise
        return Commit(commit)
    except (CredentialsError, BotoCoreError):
        if not elsewhere:
            raise
        return Commit(commit)
    author = found.get("author") or {}
    address = f" <{author['email']}>" if author.get("email") else ""
    return Commit(
        commit, found.get("message", "").strip() or None, f"{author.get('name', '')}{address}".strip() or None
    )
