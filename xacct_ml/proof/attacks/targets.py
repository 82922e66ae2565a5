"""What there is in a region's bucket to reach for, and who may write it."""

from __future__ import annotations

from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import DATASET, EXECUTION, artifact_key, job_name


def bucket_places(send: RequestBuilder) -> dict[str, str]:
    """A key of each kind in the bucket; those of other regions than the pipeline's have models and artifacts only."""
    names = send.names
    models, artifacts = names.model_key(job_name(names)), artifact_key(names)
    if not send.is_pipelines:
        return {"models": models, "artifacts": artifacts}
    return {
        "data": names.channel_key(DATASET, "train"),
        "the manifest": names.manifest_key,
        "models": models,
        "evaluations": names.evaluation_key(EXECUTION),
        "artifacts": artifacts,
        **({} if names.source_key is None else {"the source": names.source_key}),
    }


def writers(send: RequestBuilder) -> dict[str, str]:
    """Who may upload, and where."""
    names, places = send.names, bucket_places(send)
    if not send.is_pipelines:
        return {names.pipeline_role: places["artifacts"], names.copy_role: places["models"]}
    return {
        names.pipeline_role: places["artifacts"],
        **({names.source_action_role: places["artifacts"]} if names.source_account is not None else {}),
        names.state_machine_role: places["evaluations"],
        names.training_role: places["models"],
    }
