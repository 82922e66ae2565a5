"""State machines over HTTP: what is refused, and tasks that are calls of the machine's role."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.configs import TRAINING
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.sagemaker.workloads import (
    ALL,
    PARAMETERS,
    bucket_with_data,
    service_role,
    training_request,
    until,
)
from xacct_ml.emulator.server import EmbeddedAws

PASS = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}
RULE = "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"


@pytest.fixture(scope="module")
def states(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("stepfunctions")


@pytest.fixture(scope="module")
def role(aws: EmbeddedAws) -> str:
    """A role that Step Functions may assume and that may do everything."""
    return service_role(aws, TRAINING, "machine-all", "states", ALL)


@pytest.fixture(scope="module")
def bucket(aws: EmbeddedAws) -> str:
    return bucket_with_data(aws, TRAINING, "stepfunctions-tests", aws.runtime.region)


def one_task(resource: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}
    return {"StartAt": "Task", "States": {"Task": task}}


def make(states: Any, name: str, definition: dict[str, Any], role: str) -> str:
    arn: str = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)[
        "stateMachineArn"
    ]
    return arn


def ended(states: Any, arn: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = states.describe_execution(executionArn=arn)
        return found if found["status"] != "RUNNING" else None

    found: dict[str, Any] = until(look)
    return found


def run(states: Any, machine: str, given: Any = None) -> dict[str, Any]:
    """Start an execution and wait for its end."""
    started = states.start_execution(stateMachineArn=machine, input=json.dumps({} if given is None else given))
    return ended(states, started["executionArn"])


def outcome(states: Any, name: str, definition: dict[str, Any], role: str, given: Any = None) -> dict[str, Any]:
    return run(states, make(states, name, definition, role), given)


class TestDefinition:
    @pytest.mark.parametrize(
        ("definition", "problem"),
        [
            ({"StartAt": "Nowhere", "States": PASS["States"]}, "Missing 'StartAt' target: Nowhere"),
            (
                {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}},
                "Missing 'Next' target: B at /States/A/Next",
            ),
            (
                {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}},
                'State "B" is not reachable',
            ),
            ({"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, "either Next or End"),
            ({"StartAt": "A", "States": {"A": {"Type": "Juggle", "End": True}}}, "SCHEMA_VALIDATION_FAILED"),
            (
                one_task("arn:aws:states:::aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "SSEKMSKeyId": "x"}),
                'The field "SSEKMSKeyId" is not supported by Step Functions',
            ),
            (one_task("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": "b"}), 'The field "Key" is required'),
            (one_task("arn:aws:states:::aws-sdk:s3:fetchObject", {}), "is not recognized"),
            (
                one_task(
                    "arn:aws:states:::sagemaker:createTrainingJob.sync", {"TrainingJobName.$": "$.x", "Role": "r"}
                ),
                'The field "Role" is not supported',
            ),
        ],
    )
    def test_is_refused(self, states: Any, role: str, unique: str, definition: dict[str, Any], problem: str) -> None:
        """Transitions to nowhere and fields that the task does not have, when the machine is made."""
        code, message, _ = error_of(
            states.create_state_machine, name=unique, definition=json.dumps(definition), roleArn=role
        )
        assert code == "InvalidDefinition"
        assert message.startswith("Invalid State Machine Definition: '")
        assert problem in message

    def test_creation_is_idempotent_for_the_same_definition_only(self, states: Any, role: str, unique: str) -> None:
        """Another definition under a used name is another machine."""
        arn = make(states, unique, PASS, role)
        assert make(states, unique, PASS, role) == arn
        other = json.dumps({**PASS, "Comment": "other"})
        code, message, _ = error_of(states.create_state_machine, name=unique, definition=other, roleArn=role)
        assert (code, message) == ("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")

    def test_an_update_changes_the_next_execution(self, states: Any, role: str, unique: str) -> None:
        """The definition is replaced, and only that."""
        arn = make(states, unique, PASS, role)
        new = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": 7, "End": True}}}
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps(new))
        described = states.describe_state_machine(stateMachineArn=arn)
        assert (json.loads(described["definition"]), described["roleArn"]) == (new, role)
        assert run(states, arn)["output"] == "7"

    def test_tags_are_kept(self, states: Any, role: str, unique: str) -> None:
        """Tags of creation are listed; a deleted machine's do not come back with its name."""
        tags = [{"key": "team", "value": "churn"}]
        request = {"name": unique, "definition": json.dumps(PASS), "roleArn": role}
        arn = states.create_state_machine(**request, tags=tags)["stateMachineArn"]
        assert states.list_tags_for_resource(resourceArn=arn)["tags"] == tags
        states.delete_state_machine(stateMachineArn=arn)
        assert error_of(states.describe_state_machine, stateMachineArn=arn)[0] == "StateMachineDoesNotExist"
        assert (
            states.list_tags_for_resource(resourceArn=states.create_state_machine(**request)["stateMachineArn"])["tags"]
            == []
        )


class TestRole:
    def test_must_trust_step_functions(self, aws: EmbeddedAws, states: Any, unique: str) -> None:
        """Evaluated with the machine's ARN as aws:SourceArn."""
        other = service_role(aws, TRAINING, unique, "sagemaker", ALL)
        code, message, _ = error_of(
            states.create_state_machine, name=unique, definition=json.dumps(PASS), roleArn=other
        )
        assert code == "AccessDeniedException"
        assert message.startswith("Neither the global service principal states.amazonaws.com")
        source = f"arn:aws:states:{aws.runtime.region}:{TRAINING}:stateMachine:*"
        conditions = {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": TRAINING}}
        documented = service_role(aws, TRAINING, f"{unique}-d", "states", ALL, trust_conditions=conditions)
        assert make(states, unique, PASS, documented)

    def test_needs_the_managed_rule_for_training_jobs(
        self, aws: EmbeddedAws, states: Any, bucket: str, unique: str
    ) -> None:
        """Only where the definition runs a training job to its end; at creation and at an update."""
        sync = one_task("arn:aws:states:::sagemaker:createTrainingJob.sync", _job(aws, bucket, "arn:aws:iam::1:role/r"))
        rule = f"arn:aws:events:{aws.runtime.region}:{TRAINING}:{RULE}"
        poor = service_role(
            aws, TRAINING, f"{unique}-p", "states", allow("events:PutRule", "events:DescribeRule", resource=rule)
        )
        code, message, _ = error_of(states.create_state_machine, name=unique, definition=json.dumps(sync), roleArn=poor)
        assert (code, message) == ("AccessDeniedException", f"'{poor}' is not authorized to create managed-rule.")
        arn = make(states, unique, PASS, poor)
        assert (
            error_of(states.update_state_machine, stateMachineArn=arn, definition=json.dumps(sync))[0]
            == "AccessDeniedException"
        )
        enough = service_role(
            aws,
            TRAINING,
            f"{unique}-e",
            "states",
            allow("events:PutRule", "events:DescribeRule", "events:PutTargets", resource=rule),
        )
        assert make(states, f"{unique}-2", sync, enough)
        made = aws.administrator(TRAINING).client("events").describe_rule(Name=rule.rsplit("/", 1)[-1])
        assert made["ManagedBy"] == "states.amazonaws.com"

    def test_must_be_passed(self, roles: Roles, role: str, aws: EmbeddedAws, unique: str) -> None:
        """CreateStateMachine alone is not enough."""
        arn = f"arn:aws:states:{aws.runtime.region}:{TRAINING}:stateMachine:{unique}"
        caller = roles.session(unique, allow("states:CreateStateMachine", resource=arn), account=TRAINING)
        code, message, _ = error_of(
            caller.client("stepfunctions").create_state_machine, name=unique, definition=json.dumps(PASS), roleArn=role
        )
        assert code == "AccessDeniedException"
        assert "iam:PassRole" in message


class TestExecution:
    def test_without_a_name_gets_a_uuid(self, states: Any, role: str, unique: str) -> None:
        """And its input comes back as its output."""
        found = outcome(states, unique, PASS, role, {"a": 1})
        assert uuid.UUID(found["name"])
        assert found["executionArn"].endswith(f":{TRAINING}:execution:{unique}:{found['name']}")
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"a": 1})

    def test_names_are_taken_once(self, states: Any, role: str, unique: str) -> None:
        """A finished execution's name is not free again."""
        arn = make(states, unique, PASS, role)
        ended(states, states.start_execution(stateMachineArn=arn, name="once")["executionArn"])
        assert error_of(states.start_execution, stateMachineArn=arn, name="once")[0] == "ExecutionAlreadyExists"
        assert error_of(states.start_execution, stateMachineArn=arn, input="{")[0] == "InvalidExecutionInput"
        assert [each["name"] for each in states.list_executions(stateMachineArn=arn)["executions"]] == ["once"]

    def test_stopping_keeps_the_reason(self, states: Any, role: str, unique: str) -> None:
        """ABORTED at once, with error and cause."""
        waiting = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
        arn = make(states, unique, waiting, role)
        execution = states.start_execution(stateMachineArn=arn)["executionArn"]
        states.stop_execution(executionArn=execution, error="Enough", cause="too long")
        found = states.describe_execution(executionArn=execution)
        assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Enough", "too long")
        assert "stopDate" in found

    def test_fail_paths_with_intrinsic_functions(self, states: Any, role: str, unique: str) -> None:
        """The cause is put together from the input and the context object."""
        fail = {
            "Type": "Fail",
            "Error": "Gate",
            "CausePath": "States.Format('{} reached {} in {}', $.metric, $.value, $$.Execution.Name)",
        }
        found = outcome(states, unique, {"StartAt": "F", "States": {"F": fail}}, role, {"metric": "auc", "value": 0.5})
        assert (found["status"], found["error"], found["cause"]) == (
            "FAILED",
            "Gate",
            f"auc reached 0.5 in {found['name']}",
        )


GATE = {
    "StartAt": "Values",
    "States": {
        "Values": {
            "Type": "Pass",
            "Parameters": {
                "Values.$": "$.FinalMetricDataList[?(@.MetricName=='validation:auc')].Value",
                "Threshold.$": "$.Threshold",
            },
            "ResultPath": "$.Gate",
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.Gate.Values[0]", "IsPresent": False, "Next": "Absent"},
                {"Variable": "$.Gate.Values[0]", "NumericGreaterThanEqualsPath": "$.Gate.Threshold", "Next": "Passed"},
            ],
            "Default": "Missed",
        },
        "Passed": {"Type": "Succeed"},
        "Absent": {"Type": "Fail", "Error": "Absent"},
        "Missed": {"Type": "Fail", "Error": "Missed"},
    },
}


@pytest.mark.parametrize(
    ("metrics", "threshold", "expected"),
    [
        ([{"MetricName": "validation:auc", "Value": 0.9}, {"MetricName": "train:auc", "Value": 0.1}], 0.8, None),
        ([{"MetricName": "validation:auc", "Value": 0.8}], 0.8, None),
        ([{"MetricName": "validation:auc", "Value": 0.7}], 0.8, "Missed"),
        ([{"MetricName": "train:auc", "Value": 0.9}], 0.8, "Absent"),
    ],
)
def test_a_gate_on_a_filtered_metric(
    states: Any, role: str, unique: str, metrics: list[dict[str, Any]], threshold: float, expected: str | None
) -> None:
    """A filter that finds nothing is an empty list, not a failure of its own (getmoto/moto#10078)."""
    found = outcome(states, unique, GATE, role, {"FinalMetricDataList": metrics, "Threshold": threshold})
    assert found.get("error") == expected


def _job(aws: EmbeddedAws, bucket: str, role: str) -> dict[str, Any]:
    request = training_request("x", role, bucket, aws.runtime.region)
    del request["TrainingJobName"]
    return {**request, "TrainingJobName.$": "$$.Execution.Name"}


class TestSdkTasks:
    def test_reads_and_writes_objects(self, aws: EmbeddedAws, states: Any, role: str, bucket: str, unique: str) -> None:
        """A body is text in the result; an object given as JSON is written as JSON."""
        put = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Parameters": {
                "Bucket": bucket,
                "Key": f"{unique}.json",
                "Body": {"answer.$": "$.answer"},
                "ContentType": "application/json",
                "ServerSideEncryption": "aws:kms",
            },
            "ResultPath": "$.Put",
            "Next": "Get",
        }
        get = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Parameters": {"Bucket": bucket, "Key": f"{unique}.json"},
            "ResultSelector": {"Found.$": "States.StringToJson($.Body)"},
            "End": True,
        }
        definition = {"StartAt": "Put", "States": {"Put": put, "Get": get}}
        found = outcome(states, unique, definition, role, {"answer": 42})
        assert json.loads(found["output"]) == {"Found": {"answer": 42}}
        head = aws.administrator(TRAINING).client("s3").head_object(Bucket=bucket, Key=f"{unique}.json")
        assert (head["ContentType"], head["ServerSideEncryption"]) == ("application/json", "aws:kms")

    def test_a_key_of_ones_own_is_named_in_the_java_casing(
        self, aws: EmbeddedAws, states: Any, role: str, bucket: str, unique: str
    ) -> None:
        """``SsekmsKeyId`` reaches S3 as the key's id."""
        key = aws.administrator(TRAINING).client("kms").create_key()["KeyMetadata"]["Arn"]
        parameters = {
            "Bucket": bucket,
            "Key": unique,
            "Body": "text",
            "ServerSideEncryption": "aws:kms",
            "SsekmsKeyId": key,
        }
        found = outcome(states, unique, one_task("arn:aws:states:::aws-sdk:s3:putObject", parameters), role)
        assert json.loads(found["output"])["SsekmsKeyId"] == key
        answer = aws.administrator(TRAINING).client("s3").get_object(Bucket=bucket, Key=unique)
        assert (answer["SSEKMSKeyId"], answer["Body"].read()) == (key, b'"text"')

    def test_errors_have_the_sdks_names(
        self, aws: EmbeddedAws, states: Any, role: str, bucket: str, unique: str
    ) -> None:
        """A modelled error by its name, any other by the service's."""
        absent = one_task("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "absent"})
        assert outcome(states, f"{unique}-a", absent, role)["error"] == "S3.NoSuchKeyException"
        poor = service_role(aws, TRAINING, unique, "states")
        denied = outcome(states, f"{unique}-b", absent, poor)
        assert denied["error"] == "S3.S3Exception"
        assert "Status Code: 403" in denied["cause"]
        described = one_task("arn:aws:states:::aws-sdk:sagemaker:describeTrainingJob", {"TrainingJobName": "none"})
        assert outcome(states, f"{unique}-c", described, role)["error"] == "SageMaker.SageMakerException"


class TestTrainingTask:
    def test_trains_and_returns_the_job(
        self, aws: EmbeddedAws, states: Any, role: str, bucket: str, unique: str
    ) -> None:
        """The result is the job's description; the job has Step Functions' tag and the machine's role made it."""
        training_role = service_role(aws, TRAINING, unique, "sagemaker", ALL)
        train = one_task("arn:aws:states:::sagemaker:createTrainingJob.sync", _job(aws, bucket, training_role))
        found = outcome(states, unique, train, role)
        job = json.loads(found["output"])
        assert (job["TrainingJobName"], job["TrainingJobStatus"]) == (found["name"], "Completed")
        assert isinstance(job["CreationTime"], int)
        assert job["HyperParameters"] == PARAMETERS
        sagemaker = aws.administrator(TRAINING).client("sagemaker")
        assert {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"} in sagemaker.list_tags(
            ResourceArn=job["TrainingJobArn"]
        )["Tags"]
        (asked,) = [
            each
            for each in aws.requests.entries(action="sagemaker:CreateTrainingJob", principal="machine-all")
            if found["name"] in each.asked.resource
        ]
        assert asked.decision.allowed

    def test_add_tags_is_needed(self, aws: EmbeddedAws, states: Any, bucket: str, unique: str) -> None:
        """Step Functions always tags; a role without the right fails with SageMaker's error."""
        training_role = service_role(aws, TRAINING, f"{unique}-t", "sagemaker", ALL)
        deny = {"Effect": "Deny", "Action": "sagemaker:AddTags", "Resource": "*"}
        poor = service_role(aws, TRAINING, unique, "states", ALL, deny)
        train = one_task("arn:aws:states:::sagemaker:createTrainingJob.sync", _job(aws, bucket, training_role))
        found = outcome(states, unique, train, poor)
        assert found["error"] == "SageMaker.AmazonSageMakerException"
        assert "sagemaker:AddTags" in found["cause"]

    @pytest.mark.long
    def test_an_aborted_execution_stops_its_job(
        self, aws: EmbeddedAws, states: Any, role: str, bucket: str, unique: str
    ) -> None:
        """StopExecution asks SageMaker, as the machine's role, to stop the job."""
        training_role = service_role(aws, TRAINING, unique, "sagemaker", ALL)
        job = _job(aws, bucket, training_role)
        job["HyperParameters"] = {**PARAMETERS, "num_round": "4000", "max_depth": "8"}
        machine = make(states, unique, one_task("arn:aws:states:::sagemaker:createTrainingJob.sync", job), role)
        execution = states.start_execution(stateMachineArn=machine, name=unique)["executionArn"]
        sagemaker = aws.administrator(TRAINING).client("sagemaker")
        until(lambda: sagemaker.list_training_jobs(NameContains=unique)["TrainingJobSummaries"])
        states.stop_execution(executionArn=execution)

        def stopped() -> bool:
            return bool(sagemaker.describe_training_job(TrainingJobName=unique)["TrainingJobStatus"] == "Stopped")

        until(stopped)
        asked = aws.requests.entries(action="sagemaker:StopTrainingJob", principal="machine-all")
        assert asked[-1].asked.resource.endswith(f"training-job/{unique}")

    def test_a_failed_job_fails_the_task(
        self, aws: EmbeddedAws, states: Any, role: str, bucket: str, unique: str
    ) -> None:
        """States.TaskFailed with the job, and so its FailureReason, as the cause; a Catch gets it."""
        training_role = service_role(aws, TRAINING, unique, "sagemaker")
        job = _job(aws, bucket, training_role)
        train = one_task("arn:aws:states:::sagemaker:createTrainingJob.sync", job)
        found = outcome(states, unique, train, role)
        assert found["error"] == "States.TaskFailed"
        assert "No S3 objects found" in json.loads(found["cause"])["FailureReason"]
        catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]
        train["States"]["Task"]["Catch"] = catch
        train["States"]["Caught"] = {"Type": "Pass", "End": True}
        caught = outcome(states, f"{unique}-c", train, role)
        assert json.loads(caught["output"])["Error"] == "States.TaskFailed"
