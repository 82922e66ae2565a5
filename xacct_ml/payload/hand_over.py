"""The judge's task ``hand-over``: the source of another account becomes an artifact of this one."""

from typing import Any

from .inputs import SOURCE, Inputs, stored
from .job import Reply
from .source import written_once


def hand_over(inputs: Inputs, data: dict[str, Any], key_arn: str) -> Reply:
    """The source's artifact once more, as an object of this account under the pipeline's key: no artifact passes
    between two accounts neither of which is the pipeline's (CodePipeline User Guide, pipelines-create-cross-account)
    [D]. ``data`` is the job's.
    """
    source, target = (inputs.place(data, kind) for kind in ("inputArtifacts", "outputArtifacts"))
    s3, where = inputs.client("s3"), inputs.where
    made = s3.copy_object(
        **where,
        Key=target,
        CopySource={"Bucket": where["Bucket"], "Key": source},
        ExpectedSourceBucketOwner=where["ExpectedBucketOwner"],
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_arn,
    )
    # Looked at behind the copy, so that what was copied is the one version that there is.
    written_once(s3, where, source)
    return {
        "executionDetails": {"summary": "the source was handed over", "percentComplete": 100},
        "outputVariables": {SOURCE: stored(target, made["VersionId"])},
    }
