"""Whether the bucket's name is free, or the bucket ours: names of buckets are the whole partition's (S3 User Guide,
bucketnamingrules) [D]. The accounts' clients give HEAD's bare 403 a reason (:mod:`xacct_ml.aws.head`): where a right of
ours is missing, S3 names us, and nobody where the bucket is another's (reports of users [C])."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import code_of
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok
from xacct_ml.resources.rights import Rights

RIGHTS = {"AWS::S3::Bucket": (Rights("bucket/Bucket", "s3: ListBucket"),)}

_ABSENT = ("404", "NoSuchBucket")


def checks(subject: Subject) -> Iterator[Check]:
    names = subject.names
    for region in names.regions:
        name = names.bucket_in(region)
        yield Check("bucket's name", names.shared, region, "s3:HeadBucket", partial(_look, names.shared, region, name))


def _look(account: str, region: str, bucket: str, accounts: Clients) -> Finding:
    s3 = accounts.client(account, "s3", region)
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as error:
        found = judge(error, bucket)
        if found is None:
            raise
        return found
    return ok(f"{bucket} is there, in this account")


def judge(error: ClientError, bucket: str) -> Finding | None:
    """What HeadBucket's error says of the name; None where that is nothing."""
    code, said = code_of(error), str(error.response["Error"].get("Message", ""))
    if code in _ABSENT:
        return ok(f"{bucket} is free")
    if code == "AccessDenied" and "not authorized to perform" not in said:
        return failed(f"{bucket} belongs to another account", "set another bucket.name in the map")
    return None
