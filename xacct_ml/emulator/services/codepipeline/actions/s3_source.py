"""Amazon S3 source action: a zip in a versioned bucket (CodePipeline user guide, action reference "Amazon S3" [D])."""

from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import Revision


def run(context: ActionContext) -> Outcome:
    """Copy the object's newest version, or the one the run is pinned to, into the output artifact."""
    bucket, key = context.configuration["S3Bucket"], context.configuration["S3ObjectKey"]
    s3 = context.client("s3")
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise ActionFailed("ConfigurationError", f"The Amazon S3 bucket {bucket} does not have versioning enabled")
    pinned = context.run.pinned.get(context.execution.name)
    fetched = s3.get_object(Bucket=bucket, Key=key, **({} if pinned is None else {"VersionId": pinned}))
    version = fetched["VersionId"]
    artifacts = context.save(fetched["Body"].read(), version)
    context.report(external_id=version, summary=f"Amazon S3 version id: {version}")
    return Outcome(
        {"BucketName": bucket, "ObjectKey": key, "VersionId": version, "ETag": fetched["ETag"].strip('"')},
        artifacts,
        Revision(context.execution.name, version, f"Amazon S3 version id: {version}", None, context.output_names[0]),
    )
