"""What the judge's tasks read of a run: its source, the configuration in it, and the data manifest."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from xacct_ml.foreign import ForeignTextError, document

from .configuration import Allowed, Configuration, configuration
from .job import JobFailed
from .run import Run
from .source import CONFIGURATION_FILE, file_of, source_archive
from .training_data import LARGEST_MANIFEST_BYTES, data_manifest

SOURCE = "SourceObject"
"""The output variable that says what a task read or made."""
Clients = Callable[[str], Any]
"""A boto3 client of a service: of this account, or with a role of the training account."""


def stored(key: str, version: str) -> str:
    return f"{key}?versionId={version}"


class Inputs:
    """``client`` gives clients of the shared account."""

    def __init__(self, environment: Mapping[str, str], client: Clients) -> None:
        self.client = client
        self.settings: dict[str, Any] = json.loads(environment["SETTINGS"])
        self.allowed = Allowed.of(json.loads(environment["ALLOWED"]), self.settings["containerVersion"])
        self.where = {"Bucket": environment["BUCKET"], "ExpectedBucketOwner": environment["BUCKET_OWNER"]}

    def source(self, data: dict[str, Any]) -> tuple[bytes, str]:
        """The zip, and which version of which object it is."""
        key = self.place(data, "inputArtifacts")
        content, version = source_archive(self.client("s3"), self.where, key)
        return content, stored(key, version)

    def same_source(self, run: Run, task: str, source: str) -> None:
        """Raises :class:`JobFailed` where an earlier task of the run had another source: the artifact was written over,
        or the event names another run's.
        """
        action = self.settings["actions"][task]
        before = run.action(action, "Succeeded").variables.get(SOURCE, "not said")
        if before != source:
            raise JobFailed(
                f"the source is {source}, and was {before} in {action}: the pipeline alone writes it, and that once. "
                "Start a new run, and look who wrote to it",
                "ConfigurationError",
            )

    def place(self, data: dict[str, Any], kind: str) -> str:
        """The key of a job's one artifact, which must be where this pipeline keeps them."""
        location = data[kind][0]["location"]["s3Location"]
        key: str = location["objectKey"]
        if location["bucketName"] != self.where["Bucket"] or not key.startswith(self.settings["artifactPrefix"]):
            raise JobFailed("the action's artifact is not one of this pipeline's", "ConfigurationError")
        return key

    def configuration(self, archive: bytes) -> Configuration:
        try:
            found = document(file_of(archive, CONFIGURATION_FILE))
        except ForeignTextError as error:
            raise JobFailed(f"{CONFIGURATION_FILE} {error}", "ConfigurationError") from None
        return configuration(found, self.allowed, CONFIGURATION_FILE)

    def manifest(self, version: str | None) -> tuple[dict[str, Any], str]:
        """The data manifest, of a version or the current one, and its version."""
        key = self.settings["manifestKey"]
        which = {} if version is None else {"VersionId": version}
        try:
            answer = self.client("s3").get_object(**self.where, Key=key, **which)
        except self.client("s3").exceptions.NoSuchKey:
            raise JobFailed("there is no data set yet. Run: xacct-ml upload-data", "ConfigurationError") from None
        return data_manifest(answer["Body"].read(LARGEST_MANIFEST_BYTES + 1)), answer["VersionId"]
