"""Whether the bucket's name is free, or the bucket ours: names of buckets are the whole partition's (S3 User Guide,
bucketnamingrules) [D]. An answer to HEAD says no more than 403, of another's bucket and for want of a right alike; with
the expected owner asked for, GetBucketLocation says which (reports of users [C])."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import code_of
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok, unknown
from xacct_ml.resources.rights import Rights

RIGHTS = {"AWS::S3::Bucket": (Rights("bucket/Bucket", "s3: GetBucketLocation ListBucket"),)}

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
        return ok(f"{bucket} is there, in this account")
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return ok(f"{bucket} is free")
        if code_of(error) != "403":
            raise
    try:
        s3.get_bucket_location(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as error:
        return judge(error, bucket)
    return unknown(f"{bucket} is there; HEAD was denied, and nothing says why")


def judge(error: ClientError, bucket: str) -> Finding:
    """Where a right of ours is missing, S3 names us."""
    said = str(error.response["Error"].get("Message", ""))
    if "not authorized to perform" in said:
        return unknown(f"whether {bucket} is free: {said}")
    return failed(f"{bucket} belongs to another account", "set another bucket.name in the map")
