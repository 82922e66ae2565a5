"""What bootstrap made, looked up by who builds on it. What is missing is a NotReady that names the command."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady
from xacct_ml.operations.command_names import BOOTSTRAP
from xacct_ml.resources.kms_key import its_key
from xacct_ml.resources.kms_key_search import alias_target
from xacct_ml.resources.ownership import predates_pipeline_tag, refusal
from xacct_ml.resources.rights import Place, Rights, pipelines_key, through_s3
from xacct_ml.resources.tags import tag_map
from xacct_ml.system.bucket_layout import EVALUATIONS_PREFIX, HISTORY_PREFIX, LIVE_PREFIX, SCHEDULE_PREFIX
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import PIPELINE_TAG, Names


def every_data_object(place: Place) -> str:
    return place.names.object_arn(f"{place.names.data_prefix}/*")


def every_holdout_object(place: Place) -> str:
    return place.names.holdouts_arn


def every_withdrawal(place: Place) -> str:
    return place.names.withdrawals_arn


def _every_evaluation(place: Place) -> str:
    return place.names.object_arn(f"{EVALUATIONS_PREFIX}/*")


def _every_note(place: Place) -> str:
    return place.names.object_arn(f"{SCHEDULE_PREFIX}/*")


def _has_schedule(place: Place) -> bool:
    return place.names.config.schedule is not None


def _what_serves(place: Place) -> str:
    return place.names.object_arn(f"{LIVE_PREFIX}/*")


def _what_served(place: Place) -> str:
    return place.names.object_arn(f"{HISTORY_PREFIX}/*")


RIGHTS = {
    "AWS::KMS::Key": (Rights("key/ManageKey", "kms: DescribeKey", on=(its_key,)),),
    "AWS::S3::Bucket": (
        Rights("bucket/Bucket", "s3: GetBucketTagging ListBucket"),
        Rights("bucket/Data", "s3: GetObject", on=(every_data_object, every_withdrawal)),
        Rights("bucket/Data", "s3: GetObject", on=(_every_note,), needed=_has_schedule),
        Rights("bucket/Evaluations", "s3: GetObject", on=(_every_evaluation, _what_serves, _what_served)),
        Rights("key/UseKeyThroughS3", "kms: Decrypt", on=(pipelines_key,), condition=through_s3),
    ),
    "AWS::S3::Object": (Rights("source/SourceObject", "s3: GetObject"),),
    "AWS::CodePipeline::Pipeline": (Rights("pipeline/Pipeline", "codepipeline: ListTagsForResource"),),
    "AWS::CodeCommit::Repository": (Rights("repository/Repository", "codecommit: GetBranch"),),
}


MISSING_OBJECT = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED_OBJECT = frozenset({"ConditionalRequestConflict", "PreconditionFailed"})
"""What a conditional PutObject says where another version is there by now, or is being written (S3 User Guide,
conditional-writes) [D]."""
MISSING_BUCKET = frozenset({"NoSuchBucket"})


@contextmanager
def not_ready(missing: Mapping[str, str]) -> Iterator[None]:
    """Inside, AWS's error codes in ``missing`` become :class:`NotReady` with the message given for them."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in missing:
            raise
        raise NotReady(missing[code_of(error)], next_step=BOOTSTRAP) from None


def bucket_needed(names: Names) -> AbstractContextManager[None]:
    """Inside, a missing bucket is :class:`NotReady`."""
    return not_ready(dict.fromkeys(MISSING_BUCKET, f"there is no bucket {names.bucket} yet"))


def object_at(names: Names, key: str) -> dict[str, str]:
    """An object of the bucket as S3's calls take it."""
    return {"Bucket": names.bucket, "Key": key, "ExpectedBucketOwner": names.shared}


def encrypted(kms_key: str) -> dict[str, str]:
    """How S3's calls that write an object are told to encrypt it."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}


def only_over(newest: Mapping[str, Any] | None) -> dict[str, str]:
    """How PutObject is told to write over this version, as GetObject or HeadObject answered, or over none (S3 User
    Guide, conditional-writes) [D]. Where each version starts a run, nothing else is safe: botocore sends a request
    again whose answer was lost."""
    return {"IfNoneMatch": "*"} if newest is None else {"IfMatch": newest["ETag"]}


def key_arn(config: Config, accounts: Clients, region: str | None = None) -> str:
    """The ARN of the key that the project's alias names, in the pipeline's region where none is given.

    Raises :class:`NotReady` without a usable one."""
    names = Names(config)
    return _usable_key(accounts, names.shared, region, names.key_alias)


def _usable_key(accounts: Clients, account: str, region: str | None, alias: str) -> str:
    where = f"account {account}" if region is None else f"account {account}, region {region}"
    with not_ready({"NotFoundException": f"there is no key {alias} in {where} yet"}):
        answer = accounts.client(account, "kms", region).describe_key(KeyId=alias)
    key: dict[str, Any] = answer["KeyMetadata"]
    if key["KeyState"] != "Enabled":
        raise NotReady(f"the key {alias} in {where} is {key['KeyState']}", next_step=BOOTSTRAP)
    return str(key["Arn"])


def require_bucket(config: Config, accounts: Clients) -> None:
    """Raises :class:`NotReady` without the bucket, or where it is somebody else's: nothing is put into that."""
    names = Names(config)
    read = accounts.client(names.shared, "s3").get_bucket_tagging
    with bucket_needed(names):
        answer = absent_as_none(("NoSuchTagSet",), read, Bucket=names.bucket, ExpectedBucketOwner=names.shared)
    tags = tag_map((answer or {}).get("TagSet", ()))
    require_tags(names, tags, f"S3 bucket {names.bucket}", names.shared)


def require_pipeline(config: Config, accounts: Clients, pipeline: str | None = None) -> None:
    """Raises :class:`NotReady` where the pipeline, the one that trains unless another is named, is somebody else's.
    That there is none, its own calls tell."""
    names = Names(config)
    name = pipeline or names.pipeline
    answer = absent_as_none(
        ("PipelineNotFoundException", "ResourceNotFoundException"),
        accounts.client(names.shared, "codepipeline").list_tags_for_resource,
        resourceArn=names.arn("codepipeline", names.shared, name),
    )
    if answer is not None:
        _require_ours(names, tag_map(answer["tags"], "key", "value"), f"pipeline {name}", names.shared)


def require_tags(names: Names, tags: Mapping[str, str], what: str, account: str) -> None:
    """Raises :class:`NotReady` where these tags are not this pipeline's, or an earlier release's."""
    _require_ours(names, tags, what, account)
    if predates_pipeline_tag(tags, names.tags):
        raise NotReady(
            f"{what} in account {account} is an earlier release's: it has no tag {PIPELINE_TAG}", next_step=BOOTSTRAP
        )


def _require_ours(names: Names, tags: Mapping[str, str], what: str, account: str) -> None:
    refused = refusal(tags, names.tags)
    if refused is not None:
        next_step = "xacct-ml plan says how to adopt it" if refused.adoptable else refused.next_step
        raise NotReady(f"{what} in account {account} {refused.why}", next_step=next_step)


def keys(config: Config, accounts: Clients) -> Keys:
    """The keys of all regions, and of what is captured. Raises :class:`NotReady` without one of them."""
    names = Names(config)
    elsewhere = {region: key_arn(config, accounts, region) for region in names.other_regions}
    captured = {
        target.name: _usable_key(accounts, target.id, names.elsewhere(target), names.capture_key_alias)
        for target in names.capturing
    }
    return Keys.of({names.region: key_arn(config, accounts), **elsewhere}, captured)


def known_keys(config: Config, accounts: Clients) -> Keys:
    """The same of the keys that exist, whatever their state; stand-ins for the others."""
    names, missing = Names(config), Keys.stand_ins(Names(config))

    def arn(stand_in: str, account: str, region: str, alias: str) -> str:
        found = alias_target(accounts.client(account, "kms", region), alias)
        return stand_in if found is None else names.arn("kms", account, f"key/{found}", region=region)

    shared = {region: arn(missing[region], names.shared, region, names.key_alias) for region in names.regions}
    captured = {
        target.name: arn(missing.of_captured(target.name), target.id, names.region_of(target), names.capture_key_alias)
        for target in names.capturing
    }
    return Keys.of(shared, captured)


def branch_head(config: Config, accounts: Clients) -> str:
    """The id of the branch's newest commit. Raises :class:`NotReady` without repository, branch or commit."""
    names = Names(config)
    missing = {
        "RepositoryDoesNotExistException": f"there is no repository {names.repository} yet",
        "BranchDoesNotExistException": f"the repository {names.repository} has no commit on {names.branch} yet",
    }
    with not_ready(missing):
        branch = accounts.client(names.repository_account, "codecommit").get_branch(
            repositoryName=names.repository, branchName=names.branch
        )
    return str(branch["branch"]["commitId"])


def objects_under(config: Config, accounts: Clients, prefix: str) -> Iterator[dict[str, Any]]:
    """What ListObjectsV2 tells of each object whose key begins so. Raises :class:`NotReady` without the bucket."""
    names, s3 = Names(config), accounts.client(Names(config).shared, "s3")
    where = {"Bucket": names.bucket, "ExpectedBucketOwner": names.shared, "Prefix": prefix}
    with bucket_needed(names):
        yield from listed(s3, "list_objects_v2", "Contents", **where)


def folders_under(config: Config, accounts: Clients, prefix: str) -> Iterator[str]:
    """The names between ``prefix`` and the next slash. Raises :class:`NotReady` without the bucket."""
    names, s3 = Names(config), accounts.client(Names(config).shared, "s3")
    where = {"Bucket": names.bucket, "ExpectedBucketOwner": names.shared, "Prefix": prefix}
    with bucket_needed(names):
        for each in listed(s3, "list_objects_v2", "CommonPrefixes", **where, Delimiter="/"):
            yield str(each["Prefix"]).removeprefix(prefix).removesuffix("/")


def object_bytes(config: Config, accounts: Clients, key: str) -> bytes | None:
    """The content of one small object of the bucket; None without the object or the bucket."""
    names = Names(config)
    read = accounts.client(names.shared, "s3").get_object
    answer = absent_as_none(MISSING_OBJECT | MISSING_BUCKET, read, **object_at(names, key))
    return None if answer is None else bytes(answer["Body"].read())
