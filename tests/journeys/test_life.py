"""One project from an empty account to an empty account, as its users live it, every call decided by the policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeServices
from tests.cli.test_terminal import Screen
from tests.configs import SHARED, example
from tests.emulator.services.sagemaker.workloads import slow_transitions
from tests.journeys.hops import asked_for, listed
from tests.journeys.project import DATA, Project, project
from tests.journeys.releases import live, released, request_of
from tests.live import where
from xacct_ml.cli.create_pipeline import run_create_pipeline
from xacct_ml.cli.main import main
from xacct_ml.cli.terminal import Terminal
from xacct_ml.dataset.answers import Prediction
from xacct_ml.engine.plan import Action
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.create_pipeline import create_pipeline, update_warnings
from xacct_ml.operations.preconditions import key_arn
from xacct_ml.operations.runs.log_places import Of
from xacct_ml.operations.runs.logs import Reader, run_logs
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 30, "max_depth": 5, "eval_metric": "auc"}


@pytest.fixture(scope="module")
def served() -> Iterator[Project]:
    """A project whose run 1 was approved: its model is served."""
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        waiting = made.settled(first)
        assert waiting.waits_for_approval, waiting
        made.judge(first, approve=True)
        assert made.settled(first).execution.status == "Succeeded"  # type: ignore[union-attr]
        yield made


@pytest.fixture
def known(served: Project) -> list[str]:
    return served.runs()


def writes(served: Project, after: int) -> list[str]:
    """What the operators asked for that changes something, since log entry ``after``."""
    reading = ("Get", "List", "Describe", "Head", "BatchGet", "Validate", "AssumeRole", "GetCallerIdentity")
    return [
        str(entry)
        for entry in served.aws.requests.entries(principal="xacct-ml-operator", after=after)
        if not entry.operation.startswith(reading)
    ]


def outcome(served: Project, execution: str) -> tuple[str, str]:
    """The run's status and, where an action failed, its message."""
    ended = served.settled(execution)
    messages = [action.reason or "" for stage in ended.stages for action in stage.actions if action.status == "Failed"]
    assert ended.execution is not None
    return ended.execution.status, " ".join(messages)


def test_nothing_a_run_does_is_denied(served: Project) -> None:
    """Least privilege is enough: not one request of the pipeline's roles or of the operators was refused."""
    refused = [entry for entry in served.aws.requests.entries(allowed=False) if "churn-" in entry.principal.arn]
    refused += served.aws.requests.entries(allowed=False, principal="xacct-ml-operator")
    assert [str(entry) for entry in refused] == []


def test_a_second_bootstrap_upload_and_create_pipeline_write_nothing(served: Project, known: list[str]) -> None:
    """Safe re-run: no resource is written, no run starts."""
    before = len(served.aws.requests)
    assert served.bootstrap().written == ()
    served.upload()
    served.create_pipeline()
    assert writes(served, before) == []
    assert served.runs() == known


def test_the_plan_of_what_is_there_is_empty_and_another_image_would_update_the_pipeline(served: Project) -> None:
    """Once it exists, the pipeline is planned too, and what its update would cost is said."""
    before = len(served.aws.requests)
    planned = plan_project(served.config, served.accounts)
    assert planned.empty
    assert planned.pipeline is not None
    training = served.config.training.model_copy(update={"xgboost_version": "1.5-1"})
    changed = served.config.model_copy(update={"training": training})
    pipeline = plan_project(changed, served.accounts).pipeline
    assert pipeline is not None
    assert pipeline.step("shared/pipeline").action is Action.UPDATE
    stops, forgets = update_warnings(changed, served.accounts, pipeline)
    assert stops == "updating pipeline churn: no run is under way, so it stops none"
    assert "rolled back" in forgets
    assert writes(served, before) == []


def test_the_evaluation_record_tells_an_approver_everything(served: Project, known: list[str]) -> None:
    """Metrics, gate, data version, commit, job and model, readable with the shared account alone."""
    record = served.evaluation(known[0])
    metrics = {metric["name"]: metric["value"] for metric in record["metrics"]}
    assert 0.8 < metrics["validation:auc"] < 1.0
    assert record["gate"]["outcome"] == "passed"
    assert record["gate"]["value"] == metrics["validation:auc"]
    assert record["data"]["channels"]["train"]["rows"] == len((DATA / "train.csv").read_text().splitlines())
    assert len(record["commit"]) == 40
    assert record["trainingJob"] in record["model"]["source"]["key"]
    assert record["model"]["key"] == served.names.judged_key(record["model"]["sha256"])


PRINTED = {
    Of.TRAINING: "train-auc",
    Of.WORKFLOW: "ExecutionSucceeded",
    Of.STACK: "CREATE_COMPLETE AWS::StepFunctions::StateMachine",
    Of.JUDGE: "START RequestId",
    Of.DEPLOY: "is InService with",
    Of.ENDPOINT: "Starting gunicorn",
}


@pytest.mark.parametrize("of", PRINTED)
def test_what_a_run_printed_is_read_in_every_account(served: Project, known: list[str], of: Of) -> None:
    """By the operators, whose policies `render` writes."""
    found = run_logs(served.config, served.accounts, known[0], of)
    messages = [line.message for line in Reader(served.accounts).read(found.logs)]
    assert any(PRINTED[of] in message for message in messages), messages


def test_a_push_starts_one_run_and_really_changes_the_next_model(served: Project, known: list[str]) -> None:
    """Another depth is another model, and another answer of the endpoint."""
    before = served.predict()
    assert served.asked() == Prediction(before)
    commit = served.push(MaxDepth="1")
    run = served.new_run(known)
    assert served.settled(run).waits_for_approval
    assert served.evaluation(run)["commit"] == commit
    served.judge(run, approve=True)
    assert outcome(served, run) == ("Succeeded", "")
    assert served.predict() != before
    assert len(served.runs()) == len(known) + 1


def test_a_release_goes_back_to_the_first_runs_model(served: Project, known: list[str]) -> None:
    """Without training: the endpoint answers as it did then."""
    jobs = len(served.accounts.client(served.names.training, "sagemaker").list_training_jobs()["TrainingJobSummaries"])
    before = served.predict()
    _, status, why = released(served, request_of(served, known[0]))
    assert (status, why) == ("Succeeded", "")
    assert served.predict() != before
    assert served.runs() == known
    sagemaker = served.accounts.client(served.names.training, "sagemaker")
    assert len(sagemaker.list_training_jobs()["TrainingJobSummaries"]) == jobs
    assert live(served, served.target.name)["run"] == known[0]


def test_everything_that_a_run_asks_for_is_a_hop(served: Project) -> None:
    """No request of a run is missing from the proof; by here there were two whole runs and a release: the first created
    the endpoint, the others updated it."""
    assert sorted(asked_for(served) - listed(served.config).keys()) == []


def test_every_hop_is_asked_for_or_marked_as_documented_only(served: Project) -> None:
    """And no hop claims to be rehearsed that is not."""
    hops, asked = listed(served.config), asked_for(served)
    assert sorted(hop for hop, expected in hops.items() if expected and hop not in asked) == []
    assert sorted(hop for hop, expected in hops.items() if not expected and hop in asked) == []


def test_a_new_data_set_starts_one_run_trained_on_it(served: Project, known: list[str], tmp_path: Path) -> None:
    """Only the manifest starts the pipeline: two files and a manifest are one run."""
    train = tmp_path / "train.csv"
    train.write_text("\n".join((DATA / "train.csv").read_text().splitlines()[:-50]) + "\n")
    served.upload(train)
    run = served.new_run(known)
    assert served.settled(run).waits_for_approval
    assert served.evaluation(run)["data"]["channels"]["train"]["rows"] == len(train.read_text().splitlines())
    assert len(served.runs()) == len(known) + 1
    served.judge(run, approve=False)
    status, message = outcome(served, run)
    assert status == "Failed"
    assert "test" in message


def test_an_update_of_the_pipeline_is_warned_of_and_asked_for(
    served: Project, known: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the run that it would stop and what it makes of roll-backs; only a yes, or --yes, carries it out."""
    served.push(MaxDepth="2")
    waiting = served.new_run(known)
    assert served.settled(waiting).waits_for_approval
    training = served.config.training.model_copy(update={"xgboost_version": "1.5-1"})
    changed = served.config.model_copy(update={"training": training})
    before = len(served.aws.requests)

    screen = Screen()
    with pytest.raises(XacctError, match="nothing was changed: not confirmed"):
        run_create_pipeline(changed, served.accounts, Terminal(out=screen, err=screen, keys=Screen("n\n")))
    shown = " ".join(screen.getvalue().split())
    assert f"updating pipeline churn: stops the runs under way: {waiting}" in shown
    assert "no stage can be rolled back to any run from before the update" in shown
    assert "update the pipeline? [y/N]" in shown

    services = FakeServices(served.accounts, changed)
    assert main(["create-pipeline"], services) == 2
    assert "there is no terminal to ask on: give --yes" in capsys.readouterr().err
    assert writes(served, before) == []
    assert served.status(waiting).waits_for_approval

    assert main(["create-pipeline", "--yes", "--no-start"], services) == 0
    said = capsys.readouterr()
    assert "changed   111111111111 shared      CodePipeline pipeline churn\n" in said.out
    assert "the pipeline was updated: runs that were under way have been stopped" in said.err
    assert {entry.rpartition("(")[2] for entry in writes(served, before)} == {"codepipeline:UpdatePipeline)"}
    assert outcome(served, waiting)[0] == "Cancelled"
    assert main(["create-pipeline", "--no-start"], services) == 0
    assert "5 unchanged\n" in capsys.readouterr().out
    # The judge knows the first image only, which the later tests train with.
    assert main(["create-pipeline", "--yes", "--no-start"], FakeServices(served.accounts, served.config)) == 0


def test_a_missed_gate_fails_the_run_with_value_and_threshold(served: Project, known: list[str]) -> None:
    """The evaluation is recorded all the same."""
    served.push(GateThreshold="0.999")
    run = served.new_run(known)
    status, message = outcome(served, run)
    assert status == "Failed"
    assert "The quality gate was missed" in message
    assert "required is at least 0.999" in message
    assert served.evaluation(run)["gate"]["outcome"] == "missed"


def test_what_the_map_would_refuse_fails_before_anything_is_deployed(served: Project, known: list[str]) -> None:
    """A gate on another metric, or turned round, or laxer; instances that the map does not allow; an unknown value."""
    served.push(
        GateMetric="validation:error", GateDirection="minimize", GateThreshold="0.1", InstanceType="ml.p5.48xlarge"
    )
    run = served.new_run(known)
    status, message = outcome(served, run)
    assert status == "Failed"
    assert "the gate is on validation:error; the map's is on validation:auc" in message
    assert "ml.p5.48xlarge" in message
    assert "Nothing was deployed or trained" in message
    assert [stage.status for stage in served.status(run).stages][:4] == [
        "Succeeded",
        "Failed",
        "NotStarted",
        "NotStarted",
    ]


def test_a_metric_that_training_would_not_report_fails_before_it_trains(served: Project, known: list[str]) -> None:
    """Its gate could not be judged."""
    served.push(EvalMetric="error")
    status, message = outcome(served, served.new_run(known))
    assert status == "Failed"
    assert "training would not report validation:auc: eval_metric asks for error" in message


def test_a_template_parameter_that_does_not_exist_fails_the_stack_action(served: Project, known: list[str]) -> None:
    """CloudFormation's words reach the user."""
    served.push(Depht="3")
    status, message = outcome(served, served.new_run(known))
    assert status == "Failed"
    assert "Depht" in message


def test_an_endpoint_of_the_other_kind_is_told_before_a_run_costs_anything(served: Project) -> None:
    """SageMaker makes no serverless endpoint of one on instances: the run would fail behind its approval."""
    serverless = served.config.model_copy(update={"endpoint": example(endpoint={"serverless": {}}).endpoint})
    words = f"endpoint {served.names.endpoint} runs on instances"
    assert [words in note for note in plan_project(serverless, served.accounts).notes] == [True]
    before = len(served.aws.requests)
    with pytest.raises(NotReady, match=f"no run could deploy: {words}") as caught:
        create_pipeline(serverless, served.accounts)
    assert "endpoint.name" in (caught.value.next_step or "")
    assert writes(served, before) == []


def test_production_cannot_read_the_data(served: Project) -> None:
    """Not even the production account's administrator."""
    s3 = served.aws.administrator(served.target.id).client("s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=served.names.bucket, Key=served.names.manifest_key)


def under_way(served: Project, known: list[str]) -> None:
    """A run, an update of the endpoint, an upload that was never completed, deleted and overwritten objects."""
    sagemaker = served.aws.administrator(served.target.id).client("sagemaker")
    live = sagemaker.describe_endpoint(EndpointName=served.names.endpoint)["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=live)["ProductionVariants"]
    tags = [{"Key": key, "Value": value} for key, value in served.names.tags.items()]
    sagemaker.create_endpoint_config(EndpointConfigName="churn-next", ProductionVariants=variants, Tags=tags)
    s3 = served.accounts.client(served.names.shared, "s3")
    encrypted = {
        "Bucket": served.names.bucket,
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": key_arn(served.config, served.accounts),
    }
    for _ in range(2):
        s3.put_object(**encrypted, Key="data/more", Body=b"x")
    s3.delete_object(Bucket=served.names.bucket, Key="data/more")
    s3.create_multipart_upload(**encrypted, Key="data/half")
    served.push(MaxDepth="3")
    run = served.new_run(known)
    assert served.settled(run).waits_for_approval
    with slow_transitions(served.aws):
        sagemaker.update_endpoint(EndpointName=served.names.endpoint, EndpointConfigName="churn-next")
    assert sagemaker.describe_endpoint(EndpointName=served.names.endpoint)["EndpointStatus"] == "Updating"
    execution = served.status(run).execution
    assert execution is not None
    assert execution.status == "InProgress"


def test_teardown_leaves_nothing_but_the_waiting_key(served: Project, known: list[str]) -> None:
    """The last test of the module: from the middle of everything; what is left is named, with its reason; the key is
    brought back by the next bootstrap."""
    if where.real() is not None:
        pytest.skip("a run is caught in its middle at the pace of the embedded AWS")
    key = key_arn(served.config, served.accounts)
    under_way(served, known)
    torn = teardown(served.config, served.accounts, lambda _: None, delete_repository=True, delete_evidence=True)
    assert [failure.error.lines() for failure in torn.report.failures] == []
    assert {left.what for left in torn.left} == {
        "KMS key alias/churn",
        "event rule StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        "log group /aws/sagemaker/TrainingJobs",
    }
    assert all(left.why for left in torn.left)
    kms = served.aws.administrator(SHARED).client("kms")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert served.bootstrap().outputs["key_arn"] == key
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert teardown(served.config, served.accounts, lambda _: None, delete_evidence=True).report.ok
    assert teardown(served.config, served.accounts, lambda _: None, delete_evidence=True).report.ok
    assert served.aws.administrator(SHARED).client("s3").list_buckets()["Buckets"] == []
    iam = served.aws.administrator(served.names.training).client("iam")
    assert [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("churn-")] == []
