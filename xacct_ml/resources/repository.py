"""The CodeCommit repository and its first commit. From the first commit on, its contents are the ML team's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.aws.concurrently import both
from xacct_ml.aws.errors import absent_as_none, code_of, codes
from xacct_ml.aws.pages import listed
from xacct_ml.engine.resource import UNKNOWN, Kept, Outputs, State
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.resources.base import COMMIT, Driver, differs
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import Tagging, tag_map
from xacct_ml.system import thing as things

AUTHOR = "xacct-ml"
CLOSED = "OperationNotAllowedException"
"""What CodeCommit says to an account that it gives no repository: one that had none before July 2024 (seen in public
issues, such as aws-samples/eks-workshop-v2 #1142 [C]; not in the service's model for GetRepository [B])."""
_SEEDED = codes("ParentCommitIdRequiredException ParentCommitIdOutdatedException")
"""What CreateCommit without a parent says where the branch exists [B]."""


@dataclass(frozen=True, kw_only=True)
class Repository(Driver[things.Repository]):
    """Publishes the branch's newest commit.

    ``with_commits`` lets it be deleted with commits that are not ours. An adopted one keeps its description, and gets a
    first commit only where it has none."""

    with_commits: bool = False
    kind = "CodeCommit repository"
    tagging = Tagging("codecommit", "resourceArn", "tags", "tagKeys", form=dict)
    rights = (
        Rights(
            "repository/Repository",
            "codecommit: CreateCommit CreateRepository DeleteRepository GetBranch GetCommit GetRepository "
            "ListBranches ListTagsForResource TagResource UntagResource UpdateRepositoryDescription",
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        description = {} if self.adopt else {"description": self.thing.description}
        return {**description, "head": outputs.get(COMMIT, UNKNOWN), "tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        codecommit = self.client("codecommit")
        with self._told_if_closed():
            found = absent_as_none(
                "RepositoryDoesNotExistException", codecommit.get_repository, repositoryName=self.name
            )
        if found is None:
            return None
        head, tags = both(
            lambda: self._head(codecommit), lambda: codecommit.list_tags_for_resource(resourceArn=self.arn)
        )
        description = (
            {} if self.adopt else {"description": found["repositoryMetadata"].get("repositoryDescription", "")}
        )
        return {**description, "head": head, "tags": tag_map(tags.get("tags", {}))}

    def make(self, outputs: Outputs) -> None:
        codecommit = self.client("codecommit")
        with self._told_if_closed():
            codecommit.create_repository(
                repositoryName=self.name, repositoryDescription=self.thing.description, tags=dict(self.tags)
            )
        self._seed(codecommit)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        codecommit = self.client("codecommit")
        if observed["head"] is None:
            self._refuse_other_branches(codecommit)
            self._seed(codecommit)
        if differs(observed, desired, "description"):
            codecommit.update_repository_description(
                repositoryName=self.name, repositoryDescription=self.thing.description
            )

    def remove(self, observed: State) -> None:
        """Raises Kept where there are commits beyond the first one, unless told to delete them."""
        codecommit = self.client("codecommit")
        if not self.with_commits and self._has_other_commits(codecommit, observed["head"]):
            raise Kept(
                "it has commits beyond the first one, which xacct-ml did not make",
                next_step="xacct-ml teardown --delete-repository",
            )
        codecommit.delete_repository(repositoryName=self.name)

    def publish(self, observed: State) -> Outputs:
        return {COMMIT: observed["head"]} if observed["head"] else {}

    @contextmanager
    def _told_if_closed(self) -> Iterator[None]:
        """One message with both ways on, ready to paste."""
        try:
            yield
            return
        except ClientError as error:
            if code_of(error) != CLOSED:
                raise
            said = error.response["Error"].get("Message", CLOSED)
        own = Arn.parse(self.arn)
        raise XacctError(
            f"CodeCommit is not open to account {self.account}: {said}",
            details=(
                "either take a repository on GitHub, GitLab or Bitbucket, through a connection in that account:",
                "  pipeline:",
                f"    repository: my-org/{self.name}",
                "    connection:",
                f"      arn: arn:{own.partition}:codeconnections:{own.region}:{own.account}:connection/YOUR-CONNECTION",
                "or no repository, but a zip in the bucket:",
                "  pipeline:",
                "    source_object:",
                "      key: source/source.zip",
            ),
            next_step="put one of the two into the map, give the operator the policies that xacct-ml render then "
            "writes, and run the same command again, which goes on from here; or ask AWS Support to open CodeCommit",
        )

    def _head(self, codecommit: Any) -> str | None:
        found = absent_as_none(
            "BranchDoesNotExistException", codecommit.get_branch, repositoryName=self.name, branchName=self.thing.branch
        )
        return None if found is None else str(found["branch"]["commitId"])

    def _branches(self, codecommit: Any) -> list[str]:
        return list(listed(codecommit, "list_branches", "branches", repositoryName=self.name))

    def _refuse_other_branches(self, codecommit: Any) -> None:
        others = self._branches(codecommit)
        if others and self.thing.branch not in others:  # it is there where another run has just made it
            raise NotReady(
                f"CodeCommit repository {self.name} has no branch {self.thing.branch}, but has {', '.join(others[:5])}",
                next_step=f"push a branch {self.thing.branch} with the training template, "
                "or set pipeline.branch in the map",
            )

    def _seed(self, codecommit: Any) -> None:
        """A first commit has no parent: where a branch appeared meanwhile the call fails and overwrites nothing [B].

        Who made that branch, another run or this one in an answer that was lost, does not matter: it is there."""
        try:
            codecommit.create_commit(
                repositoryName=self.name,
                branchName=self.thing.branch,
                authorName=AUTHOR,
                commitMessage=self.thing.first_message,
                putFiles=[
                    {"filePath": path, "fileContent": content} for path, content in self.thing.first_commit.items()
                ],
            )
        except ClientError as error:
            if code_of(error) not in _SEEDED:
                raise

    def _has_other_commits(self, codecommit: Any, head: str | None) -> bool:
        """CreateCommit and GetCommit may differ in the message's trailing newline."""
        branches = self._branches(codecommit)
        if head is None or branches != [self.thing.branch]:
            return bool(branches)
        commit = codecommit.get_commit(repositoryName=self.name, commitId=head)["commit"]
        return bool(commit.get("parents")) or commit.get("message", "").strip() != self.thing.first_message
