"""The Lambda function of the shared account that decides what a run may do: the training account's operators, and who
pushes, can change neither it nor what it writes.

``hand-over``: the source of another account becomes an artifact of this one. ``check``, before anything is deployed:
whether the source's configuration is one that the map allows, and which data are trained on. ``judge``, after training:
what really happened, against what should have; the quality gate; the evaluation record; and the model, stored where
nobody else can write.

Everything is read from services: the run from CodePipeline, the training job from SageMaker. An event only says which
run is meant.
"""

import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from xacct_ml.foreign import ForeignTextError, document

from .comparison import Wanted, differences
from .configuration import Allowed, Configuration, configuration
from .gate import PASSED, Verdict
from .job import JobFailed, Reply, answer, log, report, trained_by
from .model_store import Model, ModelStore
from .record import record_bytes, write_once
from .run import Run, read_run
from .source import CONFIGURATION_FILE, TEMPLATE_FILE, file_of, source_archive, template_version, written_once
from .training_data import data_manifest, replaced, undivided

Clients = Callable[[str], Any]
"""A boto3 client of a service: of this account, or with the evidence role."""

_LARGEST_MANIFEST_BYTES = 1 << 20
_SOURCE = "SourceObject"
"""The output variable that says what a task read or made."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one task of one job, and always exactly one reply."""
    job = event["CodePipeline.job"]
    judge = Judge(os.environ, boto3.client, lambda service: evidence(os.environ, job["id"], service))
    reply = answer(job["data"], lambda parameters: judge.reply(parameters, job["data"]))
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report([boto3.client("codepipeline")], job["id"], reply)


def evidence(environment: Mapping[str, str], job_id: str, service: str) -> Any:
    """A client in the training account, with the role that may describe and nothing else."""
    role = environment["EVIDENCE_ROLE_ARN"]
    session = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName=f"job-{job_id}"[:64])
    credentials = session["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def _stored(key: str, version: str) -> str:
    return f"{key}?versionId={version}"


class Judge:
    """``client`` gives clients of the shared account, ``training`` those of the training account."""

    def __init__(self, environment: Mapping[str, str], client: Clients, training: Clients) -> None:
        self.client = client
        self.training = training
        self.pipeline = environment["PIPELINE"]
        self.settings: dict[str, Any] = json.loads(environment["SETTINGS"])
        self.allowed = Allowed.of(json.loads(environment["ALLOWED"]), self.settings["containerVersion"])
        self.where = {"Bucket": environment["BUCKET"], "ExpectedBucketOwner": environment["BUCKET_OWNER"]}
        self.key_arn = environment["KEY_ARN"]

    def reply(self, parameters: dict[str, str], data: dict[str, Any]) -> Reply:
        """The reply to one job. Raises :class:`JobFailed` where the run may not go on."""
        task = parameters["task"]
        run = read_run(self.client("codepipeline"), self.pipeline, parameters["pipelineExecutionId"])
        run.asked(self.settings["actions"][task], parameters)
        if task == "hand-over":
            return self.hand_over(data)
        return self.check(run, data) if task == "check" else self.judge(run, data)

    # -- from a source account -------------------------------------------------------------------------------------
    def hand_over(self, data: dict[str, Any]) -> Reply:
        """The source's artifact once more, as an object of this account under the pipeline's key: no artifact passes
        between two accounts neither of which is the pipeline's (CodePipeline User Guide,
        pipelines-create-cross-account) [D].
        """
        source, target, s3 = self.place(data, "inputArtifacts"), self.place(data, "outputArtifacts"), self.client("s3")
        made = s3.copy_object(
            **self.where,
            Key=target,
            CopySource={"Bucket": self.where["Bucket"], "Key": source},
            ExpectedSourceBucketOwner=self.where["ExpectedBucketOwner"],
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
        )
        # Looked at behind the copy, so that what was copied is the one version that there is.
        written_once(s3, self.where, source)
        return {
            "executionDetails": {"summary": "the source was handed over", "percentComplete": 100},
            "outputVariables": {_SOURCE: _stored(target, made["VersionId"])},
        }

    # -- before the training stack is deployed ---------------------------------------------------------------------
    def check(self, run: Run, data: dict[str, Any]) -> Reply:
        archive, source = self.source(data)
        if "hand-over" in self.settings["actions"]:
            self.same_source(run, "hand-over", source)
        version, needed = template_version(file_of(archive, TEMPLATE_FILE)), self.settings["templateVersion"]
        if version < needed:
            raise JobFailed(
                f"{TEMPLATE_FILE} has version {version}; this release of xacct-ml needs {needed}. "
                "Run: xacct-ml configure --push",
                "ConfigurationError",
            )
        chosen = self.configuration(archive)
        manifest, manifest_version = self.manifest(None)
        if reason := undivided(manifest, chosen.hyperparameters, chosen.instance_count):
            raise JobFailed(reason, "ConfigurationError")
        summary = f"{CONFIGURATION_FILE} is within the map: {chosen.instance_count} x {chosen.instance_type}"
        return {
            "executionDetails": {"summary": summary, "percentComplete": 100},
            "outputVariables": {
                "TemplateVersion": str(version),
                "DataSet": str(manifest["dataset"]),
                "ManifestVersionId": manifest_version,
                _SOURCE: source,
            },
        }

    # -- after training ----------------------------------------------------------------------------------------------
    def judge(self, run: Run, data: dict[str, Any]) -> Reply:
        archive, source = self.source(data)
        self.same_source(run, "check", source)
        chosen = self.configuration(archive)
        version = run.action(self.settings["actions"]["check"], "Succeeded").variables["ManifestVersionId"]
        manifest, _ = self.manifest(version)
        job_name = self.training_job(run)
        job = self.training("sagemaker").describe_training_job(TrainingJobName=job_name)
        wanted = self.wanted(job_name, chosen, manifest)
        if faults := [*differences(job, wanted), *replaced(self.client("s3"), self.where, manifest)]:
            raise JobFailed(f"training job {job_name} is not what was to be trained: {'; '.join(faults)}")
        verdict = chosen.gate.judge(job.get("FinalMetricDataList") or ())
        if verdict.outcome == PASSED and not data.get("continuationToken"):
            # Storing a large model takes its time: in an invocation of its own.
            summary = f"{job_name}: {verdict.gate.metric} is {verdict.value}; storing the model"
            return {"continuationToken": "store", "executionDetails": {"summary": summary}}
        model = self.store().keep(self.model_key(job_name)) if verdict.outcome == PASSED else None
        key = f"{self.settings['evaluationsPrefix']}/{run.id}/{job_name}.json"
        record = record_bytes(self.record(run, job, chosen, verdict, manifest, version, model))
        digest = write_once(self.client("s3"), self.where, key, self.key_arn, record)
        if model is None:
            raise JobFailed(f"{verdict.reason}. Record: s3://{self.where['Bucket']}/{key}")
        return {
            "executionDetails": {
                "summary": f"{verdict.gate.metric} is {verdict.value}; model {model.sha256}",
                "externalExecutionId": job_name,
                "percentComplete": 100,
            },
            "outputVariables": {
                "Outcome": verdict.outcome,
                "TrainingJob": job_name,
                "ModelDigest": model.sha256,
                "ContainerVersion": self.settings["containerVersion"],
                "RecordKey": key,
                "RecordDigest": digest,
            },
        }

    def training_job(self, run: Run) -> str:
        """By the execution that the pipeline's own action started, which must be of this run and have succeeded."""
        arn = run.action(self.settings["actions"]["train"], "Succeeded").external_id
        name = trained_by(arn, self.settings["executionPrefix"])
        execution = self.training("stepfunctions").describe_execution(executionArn=arn)
        if execution["status"] != "SUCCEEDED":
            raise JobFailed(f"execution {name} is {execution['status']}, not SUCCEEDED")
        return name

    def wanted(self, job: str, chosen: Configuration, manifest: Mapping[str, Any]) -> Wanted:
        bucket = self.where["Bucket"]
        return Wanted(
            job=job,
            image=self.settings["image"],
            role=self.settings["trainingRole"],
            hyperparameters=chosen.hyperparameters,
            channels={name: channel["manifest_uri"] for name, channel in manifest["channels"].items()},
            output=f"s3://{bucket}/{self.settings['modelsPrefix']}/",
            key=self.key_arn,
            instance_type=chosen.instance_type,
            instance_count=chosen.instance_count,
            volume_gb=chosen.volume_gb,
            max_runtime_seconds=chosen.max_runtime_seconds,
            max_wait_seconds=self.settings["maxWaitSeconds"],
            metric=chosen.gate.metric,
            container_version=self.settings["containerVersion"],
        )

    def record(
        self,
        run: Run,
        job: Mapping[str, Any],
        chosen: Configuration,
        verdict: Verdict,
        manifest: Mapping[str, Any],
        manifest_version: str,
        model: Model | None,
    ) -> dict[str, Any]:
        """Image and container version also serve the model; scores and report are for what later judges."""
        source = run.action(self.settings["actions"]["source"], "Succeeded")
        reported = [(each["MetricName"], each["Value"]) for each in job.get("FinalMetricDataList") or ()]
        metrics = [{"name": name, "value": value if math.isfinite(value) else None} for name, value in reported]
        return {
            "pipelineExecutionId": run.id,
            "commit": source.variables[self.settings["revisionVariable"]],
            "trainingJob": job["TrainingJobName"],
            "image": self.settings["image"],
            "containerVersion": self.settings["containerVersion"],
            "hyperparameters": dict(chosen.hyperparameters),
            "instances": chosen.instances(),
            "metrics": metrics,
            "gate": verdict.document(),
            "data": {
                "dataset": manifest["dataset"],
                "manifestVersionId": manifest_version,
                "channels": manifest["channels"],
            },
            "model": None if model is None else model.document(),
            "scores": {"candidate": None, "live": None},
            "report": None,
        }

    # -- what both read ----------------------------------------------------------------------------------------------
    def source(self, data: dict[str, Any]) -> tuple[bytes, str]:
        """The zip, and which version of which object it is."""
        key = self.place(data, "inputArtifacts")
        content, version = source_archive(self.client("s3"), self.where, key)
        return content, _stored(key, version)

    def same_source(self, run: Run, task: str, source: str) -> None:
        """Raises :class:`JobFailed` where an earlier task of the run had another source: the artifact was written over,
        or the event names another run's.
        """
        action = self.settings["actions"][task]
        before = run.action(action, "Succeeded").variables.get(_SOURCE, "not said")
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
        return data_manifest(answer["Body"].read(_LARGEST_MANIFEST_BYTES)), answer["VersionId"]

    def store(self) -> ModelStore:
        where = self.where
        s3, prefix = self.client("s3"), self.settings["judgedPrefix"]
        return ModelStore(s3, where["Bucket"], where["ExpectedBucketOwner"], self.key_arn, prefix)

    def model_key(self, job: str) -> str:
        return f"{self.settings['modelsPrefix']}/{job}/output/model.tar.gz"
