"""Who else uses what is about to be adopted, said before it changes for them too."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.diff import ABSENT
from xacct_ml.engine.plan import Action, Plan, Step
from xacct_ml.foreign import ForeignTextError, document
from xacct_ml.resources.rights import Rights
from xacct_ml.system.bucket_layout import RUN_PREFIXES
from xacct_ml.system.names import Names
from xacct_ml.system.storage import BUCKET

RIGHTS = {"AWS::S3::Bucket": (Rights("bucket/Bucket", "s3: GetBucketPolicy ListBucket"),)}

_NAMED = 7


def notes(config: Config, accounts: Clients, planned: Plan) -> Iterator[str]:
    """A sentence for each resource of the map's ``adopt`` that bootstrap would change."""
    for step in planned.steps:
        if step.resource.id in config.adopt and step.action is Action.UPDATE:
            yield from _bucket(config, accounts) if step.resource.id == BUCKET else _lost(step)


def _bucket(config: Config, accounts: Clients) -> Iterator[str]:
    """The bucket's policy denies uploads that are not encrypted with the project's key, whoever sends them."""
    names = Names(config)
    s3 = accounts.client(names.shared, "s3")
    own = (f"{config.data.prefix}/", *(f"{prefix}/" for prefix in RUN_PREFIXES), names.artifact_prefix)
    others = [prefix for prefix in _prefixes(s3, names.bucket, names.shared) if not prefix.startswith(own)]
    found = f" It has objects of others: {_some(others)}." if others else ""
    writers = _some(list(_statements(s3, names.bucket, names.shared)))
    stay = f" Statements of others in its policy stay, and allow nothing beside that: {writers}." if writers else ""
    yield (
        f"bucket {names.bucket} is adopted: from bootstrap until teardown whoever writes into it without this "
        f"project's key is denied, others as well.{found}{stay} What must not stop needs another bucket: bucket.name"
    )


def _prefixes(s3: Any, bucket: str, owner: str) -> list[str]:
    """The first names in it; nothing where they may not be listed."""
    try:
        page = s3.list_objects_v2(Bucket=bucket, Delimiter="/", MaxKeys=1000, ExpectedBucketOwner=owner)
    except ClientError:
        return []
    folders = [each["Prefix"] for each in page.get("CommonPrefixes", ())]
    return [*folders, *(each["Key"] for each in page.get("Contents", ()))]


def _statements(s3: Any, bucket: str, owner: str) -> Iterator[str]:
    """The names of statements that allow something."""
    try:
        policy = document(s3.get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=owner)["Policy"])
    except (ClientError, ForeignTextError):
        return
    given = policy.get("Statement", ()) if isinstance(policy, Mapping) else ()
    for statement in given if isinstance(given, list) else [given]:
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            yield str(statement.get("Sid") or f"a statement for {statement.get('Principal')}")


def _lost(step: Step) -> Iterator[str]:
    """What others put there, and bootstrap takes away."""
    gone = [change.place for change in step.changes if change.before is not ABSENT]
    if gone:
        yield (
            f"{step.resource.kind} {step.resource.name} is adopted: what it has now is replaced, for whoever uses it: "
            f"{_some(gone)}. xacct-ml plan --verbose shows it"
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
