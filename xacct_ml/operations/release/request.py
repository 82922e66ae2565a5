"""The request of a release: one object, each of whose versions starts the release pipeline."""

import json
from dataclasses import dataclass

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.operations.preconditions import encrypted, key_arn, object_at, require_bucket
from xacct_ml.resources.rights import Place, Rights, pipelines_key, through_s3
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed

SCHEMA = "xacct-ml/release/1"
REQUEST_FILE = "release.json"
"""The zip's one member."""
LONGEST_REASON = 500
"""Characters."""


def _the_request(place: Place) -> str:
    return place.names.object_arn(place.names.release_key)


RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Release", "s3: PutObject", on=(_the_request,)),
        Rights("key/UseKeyThroughS3", "kms: GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


@dataclass(frozen=True, slots=True)
class Request:
    """``run`` is the one that trained and judged the model; what follows it says what the judge told the pipeline of it
    then, and is checked. ``schema_change``: columns that differ from a target's live model's are meant."""

    run: str
    training_job: str
    model_digest: str
    record_key: str
    record_digest: str
    targets: tuple[str, ...]
    schema_change: bool = False
    reason: str = ""

    @property
    def content(self) -> bytes:
        """The zip."""
        document = {
            "schema": SCHEMA,
            "run": self.run,
            "trainingJob": self.training_job,
            "modelDigest": self.model_digest,
            "recordKey": self.record_key,
            "recordDigest": self.record_digest,
            "targets": list(self.targets),
            "schemaChange": self.schema_change,
            "reason": self.reason,
        }
        return packed({REQUEST_FILE: json.dumps(document, indent=2).encode()})


def ask(config: Config, accounts: Clients, request: Request) -> str:
    """Writes the request, which starts the release pipeline; the object's version, which is the revision of that run.

    Raises :class:`xacct_ml.errors.NotReady` before bootstrap, and where the bucket is somebody else's."""
    names = Names(config)
    kms_key = key_arn(config, accounts)
    require_bucket(config, accounts)
    answer = accounts.client(names.shared, "s3").put_object(
        **object_at(names, names.release_key), **encrypted(kms_key), Body=request.content, ContentType="application/zip"
    )
    return str(answer["VersionId"])
