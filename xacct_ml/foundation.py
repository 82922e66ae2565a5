"""What bootstrap made, looked up by who builds on it. What is missing is a NotReady that names the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady
from xacct_ml.naming import Names

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients

BOOTSTRAP = "xacct-ml bootstrap"
CREATE_PIPELINE = "xacct-ml create-pipeline"

MISSING_OBJECT = frozenset({"404", "NoSuchKey", "NotFound"})
MISSING_BUCKET = frozenset({"NoSuchBucket"})


def key_arn(config: Config, accounts: Clients) -> str:
    """The ARN of the key that the project's alias names. Raises :class:`NotReady` without a usable one."""
    names = Names(config)
    try:
        key: dict[str, Any] = accounts.client(names.shared, "kms").describe_key(KeyId=names.key_alias)["KeyMetadata"]
    except ClientError as error:
        if code_of(error) != "NotFoundException":
            raise
        raise NotReady(
            f"there is no key {names.key_alias} in account {names.shared} yet", next_step=BOOTSTRAP
        ) from None
    if key["KeyState"] != "Enabled":
        raise NotReady(f"the key {names.key_alias} in account {names.shared} is {key['KeyState']}", next_step=BOOTSTRAP)
    return str(key["Arn"])


def branch_head(config: Config, accounts: Clients) -> str:
    """The id of the branch's newest commit. Raises :class:`NotReady` without repository, branch or commit."""
    names = Names(config)
    try:
        branch = accounts.client(names.shared, "codecommit").get_branch(
            repositoryName=names.repository, branchName=names.branch
        )
    except ClientError as error:
        missing = {
            "RepositoryDoesNotExistException": f"there is no repository {names.repository} yet",
            "BranchDoesNotExistException": f"the repository {names.repository} has no commit on {names.branch} yet",
        }
        if code_of(error) not in missing:
            raise
        raise NotReady(missing[code_of(error)], next_step=BOOTSTRAP) from None
    return str(branch["branch"]["commitId"])


def object_bytes(config: Config, accounts: Clients, key: str) -> bytes | None:
    """The content of one small object of the bucket; None without the object or the bucket."""
    names = Names(config)
    try:
        answer = accounts.client(names.shared, "s3").get_object(
            Bucket=names.bucket, Key=key, ExpectedBucketOwner=names.shared
        )
    except ClientError as error:
        if code_of(error) in MISSING_OBJECT | MISSING_BUCKET:
            return None
        raise
    return bytes(answer["Body"].read())
