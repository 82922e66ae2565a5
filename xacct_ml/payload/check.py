"""The judge's task ``check``, before the training stack is deployed: whether the source's configuration is one that the
map allows, and which data are trained on.
"""

from typing import Any

from .inputs import SOURCE, Inputs
from .job import JobFailed, Reply
from .run import Run
from .source import CONFIGURATION_FILE, TEMPLATE_FILE, file_of, template_version
from .training_data import require_not_withdrawn, undivided


def check(inputs: Inputs, run: Run, data: dict[str, Any]) -> Reply:
    """``data`` is the job's. Raises :class:`JobFailed` for what may not be trained."""
    settings = inputs.settings
    archive, source = inputs.source(data)
    if "hand-over" in settings["actions"]:
        inputs.same_source(run, "hand-over", source)
    version, needed = template_version(file_of(archive, TEMPLATE_FILE)), settings["templateVersion"]
    if version < needed:
        raise JobFailed(
            f"{TEMPLATE_FILE} has version {version}; this release of xacct-ml needs {needed}. "
            "Run: xacct-ml configure --push",
            "ConfigurationError",
        )
    chosen = inputs.configuration(archive)
    manifest, manifest_version = inputs.manifest(None)
    require_not_withdrawn(inputs.client("s3"), inputs.where, settings["withdrawnPrefix"], manifest["dataset"])
    if reason := undivided(manifest, chosen.hyperparameters, chosen.instance_count):
        raise JobFailed(reason, "ConfigurationError")
    summary = f"{CONFIGURATION_FILE} is within the map: {chosen.instance_count} x {chosen.instance_type}"
    return {
        "executionDetails": {"summary": summary, "percentComplete": 100},
        "outputVariables": {
            "TemplateVersion": str(version),
            "DataSet": str(manifest["dataset"]),
            "ManifestVersionId": manifest_version,
            SOURCE: source,
        },
    }
