"""The Lambda function of the shared account that decides what a run may do: the training account's operators, and who
pushes, can change neither it nor what it writes.

``hand-over`` and ``check``, before anything is deployed, are modules of their own, as are ``release`` and ``live``.
``judge``, after training: what really happened, against what should have; the quality gate; the model, stored where
nobody else can write; its scores beside the live model's; the evaluation record; and, where the map says so, its place
in the Model Registry.

Everything is read from services: the run from CodePipeline, the training job from SageMaker. An event only says which
run is meant.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from xacct_ml.foreign import line

from .check import check
from .comparison import Wanted, differences
from .configuration import Configuration
from .evaluation import MEMBERS, Candidate, Evaluation
from .gate import PASSED, Verdict
from .hand_over import hand_over
from .inputs import Clients, Inputs
from .job import JobFailed, Reply, answer, log, report, trained_by
from .live import Live, live_model
from .live_record import LiveRecords
from .model_store import Model, ModelStore
from .record import record_bytes, record_of, write_once, written
from .registry import Registry
from .release import release
from .run import Run, read_run
from .training_data import content_types, replaced
from .transforms import Transforms, transform_name

STORE, SCORE = "store", "score"
"""Tokens: what the next invocation does, and of the second what is scored. Each looks at everything again."""
_SCORING = re.compile(rf"{SCORE} ([0-9a-f]{{64}})", re.ASCII)


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one task of one job, and always exactly one reply."""
    job = event["CodePipeline.job"]

    def in_training(role: str) -> Clients:
        return lambda service: assumed(os.environ[role], job["id"], service)

    judge = Judge(os.environ, boto3.client, in_training("EVIDENCE_ROLE_ARN"), in_training("SCORER_ROLE_ARN"))
    reply = answer(job["data"], lambda parameters: judge.reply(parameters, job["data"]))
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report([boto3.client("codepipeline")], job["id"], reply)


def assumed(role: str, job_id: str, service: str) -> Any:
    """A client in the training account: with the role that may describe and nothing else, or with the one that has
    models scored.
    """
    session = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName=f"job-{job_id}"[:64])
    credentials = session["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def _later(token: str, summary: str) -> Reply:
    """To be invoked again."""
    return {"continuationToken": token, "executionDetails": {"summary": summary}}


class Judge:
    """``client`` gives clients of the shared account, ``training`` and ``scorer`` those of the training account with
    either role.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        client: Clients,
        training: Clients,
        scorer: Clients,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.inputs = Inputs(environment, client)
        self.client = client
        self.training = training
        self.scorer = scorer
        self.now = now
        self.pipeline = environment["PIPELINE"]
        self.settings = self.inputs.settings
        self.where = self.inputs.where
        self.key_arn = environment["KEY_ARN"]
        self.tags: dict[str, str] = json.loads(environment["TAGS"])

    def reply(self, parameters: dict[str, str], data: dict[str, Any]) -> Reply:
        """The reply to one job. Raises :class:`JobFailed` where the run may not go on."""
        task = parameters["task"]
        if task in ("release", "live"):
            return self.of_either(task, parameters, data)
        run = read_run(self.client("codepipeline"), self.pipeline, parameters["pipelineExecutionId"])
        run.asked(self.settings["actions"][task], parameters)
        if task == "hand-over":
            return hand_over(self.inputs, data, self.key_arn)
        return check(self.inputs, run, data) if task == "check" else self.judge(run, data)

    def of_either(self, task: str, parameters: dict[str, str], data: dict[str, Any]) -> Reply:
        """The tasks whose action's pipeline is told."""
        pipeline, codepipeline = parameters["pipeline"], self.client("codepipeline")
        if pipeline not in self.settings["pipelines"]:
            raise JobFailed(f"pipeline {line(pipeline)} is none of this project's", "ConfigurationError")
        run = read_run(codepipeline, pipeline, parameters["pipelineExecutionId"])
        if task == "release":
            run.asked(self.settings["pipelines"][pipeline], parameters)
            return release(self.inputs, self.pipeline, self.key_arn, data)
        run.asked(parameters["action"], parameters)
        return LiveRecords(self.settings, self.where, self.key_arn, self.client("s3"), codepipeline).write()

    def judge(self, run: Run, data: dict[str, Any]) -> Reply:
        """Raises :class:`JobFailed`, or what a service said; then nothing is scored any more, and no model is left."""
        token = str(data.get("continuationToken") or "")
        try:
            return self.judged(run, data, token)
        except (JobFailed, ClientError):
            if scoring := _SCORING.fullmatch(token):
                self.abandon(run, scoring[1])
            raise

    def abandon(self, run: Run, sha256: str) -> None:
        """Ends what former invocations have begun to score, whatever can be read of the run by now."""
        with suppress(JobFailed, ClientError):
            prefix, job = self.settings["scoringNames"], self.job_of(run)
            attempt = run.action(self.settings["actions"]["judge"], "InProgress").id
            names = [transform_name(prefix, job, attempt, which, sha256) for which in ("candidate", "golden")]
            with suppress(JobFailed, ClientError):
                names += [transform_name(prefix, job, attempt, "live", each.digest) for each in [self.live()] if each]
            self.transforms().clear(names, stop=True)

    def judged(self, run: Run, data: dict[str, Any], token: str) -> Reply:
        archive, source = self.inputs.source(data)
        self.inputs.same_source(run, "check", source)
        chosen = self.inputs.configuration(archive)
        version = run.action(self.settings["actions"]["check"], "Succeeded").variables["ManifestVersionId"]
        manifest, _ = self.inputs.manifest(version)
        job_name = self.training_job(run)
        job = self.training("sagemaker").describe_training_job(TrainingJobName=job_name)
        wanted = self.wanted(job_name, chosen, manifest)
        if faults := [*differences(job, wanted), *replaced(self.client("s3"), self.where, manifest)]:
            raise JobFailed(f"training job {job_name} is not what was to be trained: {'; '.join(faults)}")
        verdict = chosen.gate.judge(job.get("FinalMetricDataList") or ())
        told = f"{job_name}: {verdict.gate.metric} is {verdict.value}"
        if verdict.outcome == PASSED and not token:
            # Storing a large model takes its time: in an invocation of its own.
            return _later(STORE, f"{told}; storing the model")
        if verdict.outcome == PASSED and (polled := _SCORING.fullmatch(token)):
            # Nor is it read each time that somebody only waits: what the token says is believed for no more than that.
            record = record_of(self.settings, run, job, chosen, verdict, manifest, version, None)
            if not self.evaluation(run, record, manifest, polled[1]).ended(self.live(), self.now()):
                return _later(token, f"{told}; scoring it on the rows held out")
        model = self.store().keep(self.model_key(job_name)) if verdict.outcome == PASSED else None
        record = record_of(self.settings, run, job, chosen, verdict, manifest, version, model)
        key = f"{self.settings['evaluationsPrefix']}/{run.id}/{job_name}.json"
        if model is None:
            self.write(key, record)
            raise JobFailed(f"{verdict.reason}. Record: s3://{self.where['Bucket']}/{key}")
        evaluation, live = self.evaluation(run, record, manifest, model.sha256), self.live()
        digest = written(self.client("s3"), self.where, key, record, MEMBERS)
        if digest is None:
            evaluation.make_golden_rows()
            if not evaluation.ended(live, self.now()):
                return _later(f"{SCORE} {model.sha256}", f"{told}; scoring it on the rows held out")
            evaluation.keep_golden_answers(live)
            digest = self.write(key, record | evaluation.members(live, model))
        evaluation.clear(live)
        return self.passed(verdict, job_name, model, key, digest)

    def write(self, key: str, record: Mapping[str, Any]) -> str:
        """The record, and its digest."""
        return write_once(self.client("s3"), self.where, key, self.key_arn, record_bytes(dict(record)))

    def passed(self, verdict: Verdict, job_name: str, model: Model, key: str, digest: str) -> Reply:
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
                **self.registered(key, digest),
            },
        }

    def registered(self, key: str, digest: str) -> dict[str, str]:
        """The output variable that names the model package; none where models are not registered."""
        group = self.settings.get("modelPackageGroup")
        if group is None:
            return {}
        registry = Registry(self.client("sagemaker"), self.client("s3"), self.where, self.pipeline, group)
        return {"ModelPackage": registry.register(key, digest)}

    def live(self) -> Live | None:
        pipelines, targets = self.settings["pipelines"], self.settings["deployActions"]
        return live_model(self.client("codepipeline"), self.client("s3"), self.where, pipelines, targets)

    def evaluation(self, run: Run, record: Mapping[str, Any], manifest: Mapping[str, Any], sha256: str) -> Evaluation:
        settings = self.settings
        action = run.action(settings["actions"]["judge"], "InProgress")
        candidate = Candidate(
            run=run.id,
            attempt=action.id,
            since=action.started,
            job=record["trainingJob"],
            image=record["image"],
            commit=record["commit"],
            hyperparameters=record["hyperparameters"],
            manifest=manifest,
        )
        return Evaluation(settings, self.where, self.client("s3"), self.transforms(), candidate, sha256)

    def transforms(self) -> Transforms:
        role, instance = self.settings["scoringRole"], self.settings["scoringInstanceType"]
        return Transforms(self.scorer("sagemaker"), role, self.key_arn, instance, self.tags)

    def job_of(self, run: Run) -> str:
        """The training job's name, by the execution that the pipeline's own action started."""
        arn = run.action(self.settings["actions"]["train"], "Succeeded").external_id
        return trained_by(arn, self.settings["executionPrefix"])

    def training_job(self, run: Run) -> str:
        """Its execution must be of this run and have succeeded."""
        name = self.job_of(run)
        arn = run.action(self.settings["actions"]["train"], "Succeeded").external_id
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
            content_types=content_types(manifest),
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

    def store(self) -> ModelStore:
        where = self.where
        s3, prefix = self.client("s3"), self.settings["judgedPrefix"]
        return ModelStore(s3, where["Bucket"], where["ExpectedBucketOwner"], self.key_arn, prefix)

    def model_key(self, job: str) -> str:
        return f"{self.settings['modelsPrefix']}/{job}/output/model.tar.gz"
