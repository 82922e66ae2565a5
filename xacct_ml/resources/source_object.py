"""The source zip and its first version. From then on its versions are the training team's."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import absent_as_none, code_of, codes
from xacct_ml.engine.resource import UNKNOWN, Kept, Outputs, State
from xacct_ml.resources.base import COMMIT, Driver
from xacct_ml.resources.bucket_contents import delete_object
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3
from xacct_ml.system import thing as things

_MISSING = codes("404 NoSuchKey NoSuchBucket")
_THERE = codes("PreconditionFailed ConditionalRequestConflict")
"""What a PutObject with ``If-None-Match: *`` says where the object exists, or is being written (S3 User Guide,
conditional-writes) [D]."""


@dataclass(frozen=True, kw_only=True)
class SourceObject(Driver[things.SourceObject]):
    """Publishes the id of the newest version. ``name`` is the object's key.

    What is there is never written again, whoever wrote it: who may write into the bucket is the bucket's matter. In a
    bucket that is adopted it also stays at teardown, as everything else there."""

    kind = "S3 object"
    has_tags = False
    rights = (
        # The training team's uploads, too: who may upload a version decides what is trained.
        Rights("source/SourceObject", "s3: GetObject PutObject"),
        Rights("key/UseKeyThroughS3", "kms: GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"version": outputs.get(COMMIT, UNKNOWN)}

    def observe(self, outputs: Outputs) -> State | None:
        head = absent_as_none(
            _MISSING,
            self.client("s3").head_object,
            Bucket=self.thing.bucket,
            Key=self.name,
            ExpectedBucketOwner=self.account,
        )
        return None if head is None else {"version": head.get("VersionId", "null")}

    def how_to_adopt(self, observed: State | None) -> str | None:
        return None

    def make(self, outputs: Outputs) -> None:
        try:
            self.eventually(
                "s3",
                self.client("s3").put_object,
                Bucket=self.thing.bucket,
                Key=self.name,
                Body=self.thing.first,
                ContentType="application/zip",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self.key_arn(outputs),
                ExpectedBucketOwner=self.account,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code_of(error) not in _THERE:  # somebody else's version, or this one in an answer that was lost
                raise

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """Never: a version that is there stays."""

    def remove(self, observed: State) -> None:
        """With all its versions, as the bucket's other contents. Raises Kept in an adopted bucket."""
        if self.thing.in_adopted_bucket:
            raise Kept("lies in a bucket that was adopted, whose contents stay")
        delete_object(self.client("s3"), self.thing.bucket, self.account, self.name)

    def publish(self, observed: State) -> Outputs:
        return {COMMIT: str(observed["version"])}
