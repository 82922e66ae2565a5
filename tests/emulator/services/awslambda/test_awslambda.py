"""Functions over HTTP: code that runs, as its role and with nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.sagemaker.workloads import ALL, service_role, until
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.system import package

HELLO = "def handler(event, context):\n    print('saw', event)\n    return {'hello': event['name']}\n"


@pytest.fixture(scope="module")
def functions(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("lambda")


@pytest.fixture(scope="module")
def role(aws: EmbeddedAws) -> str:
    return service_role(aws, TRAINING, "function-all", "lambda", ALL)


def packed(source: str) -> bytes:
    return package.packed({"index.py": source.encode()})


def make(functions: Any, name: str, role: str, source: str = HELLO, **more: Any) -> str:
    request = {
        "FunctionName": name,
        "Role": role,
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Code": {"ZipFile": packed(source)},
        **more,
    }
    arn: str = functions.create_function(**request)["FunctionArn"]
    return arn


def call(functions: Any, name: str, event: Any = None) -> tuple[Any, str | None]:
    """The response's payload, and the kind of error there was."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({} if event is None else event))
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


class TestInvoke:
    def test_runs_the_code(self, functions: Any, role: str, unique: str) -> None:
        """The handler's answer is the payload."""
        make(functions, unique, role)
        assert call(functions, unique, {"name": "you"}) == ({"hello": "you"}, None)

    def test_as_its_role(self, functions: Any, role: str, unique: str) -> None:
        """boto3 in the function has the role's credentials and reaches the embedded AWS."""
        source = "import boto3\ndef handler(e, c):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"
        make(functions, unique, role, source)
        assert call(functions, unique)[0] == f"arn:aws:sts::{TRAINING}:assumed-role/function-all/{unique}"

    def test_with_a_clean_environment(
        self, functions: Any, role: str, unique: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its own variables, none of this process."""
        monkeypatch.setenv("OF_THIS_PROCESS", "1")
        monkeypatch.setenv("AWS_PROFILE", "somebody")
        source = "import os\ndef handler(e, c):\n    return dict(os.environ)\n"
        make(functions, unique, role, source, Environment={"Variables": {"MINE": "yes"}})
        found, _ = call(functions, unique)
        assert (found["MINE"], found["AWS_LAMBDA_FUNCTION_NAME"]) == ("yes", unique)
        assert not {"OF_THIS_PROCESS", "AWS_PROFILE"} & set(found)
        assert found["HOME"] != os.environ.get("HOME")

    @pytest.mark.parametrize(
        ("source", "kind", "message"),
        [
            ("def handler(e, c):\n    raise ValueError('no')\n", "ValueError", "no"),
            ("import nonsense\n", "Runtime.ImportModuleError", "No module named 'nonsense'"),
            ("other = 1\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
            ("def handler(e, c):\n    return {1}\n", "Runtime.MarshalError", "not JSON serializable"),
            ("import os\ndef handler(e, c):\n    os._exit(7)\n", "Runtime.ExitError", "exit status 7"),
            ("import time\ndef handler(e, c):\n    time.sleep(30)\n", "Sandbox.Timedout", "timed out after 1.00 sec"),
        ],
    )
    def test_says_what_went_wrong(
        self, functions: Any, role: str, unique: str, source: str, kind: str, message: str
    ) -> None:
        """A function error, in the shape of Lambda's Python runtime."""
        make(functions, unique, role, source, Timeout=1 if "sleep" in source else 60)
        found, error = call(functions, unique)
        assert (error, found["errorType"]) == ("Unhandled", kind)
        assert message in found["errorMessage"]

    def test_by_another_account_needs_a_permission(self, functions: Any, roles: Roles, role: str, unique: str) -> None:
        """The caller's own right is not enough; the function's policy must allow it too."""
        arn = make(functions, unique, role)
        caller = roles.session(unique, allow("lambda:InvokeFunction", resource=arn), account=SHARED).client("lambda")
        assert error_of(caller.invoke, FunctionName=arn, Payload=b'{"name": "x"}')[0] == "AccessDeniedException"
        functions.add_permission(
            FunctionName=unique, StatementId="shared", Action="lambda:InvokeFunction", Principal=SHARED
        )
        assert call(caller, arn, {"name": "x"}) == ({"hello": "x"}, None)

    def test_an_event_that_is_not_json(self, functions: Any, role: str, unique: str) -> None:
        """ServiceError before anything runs."""
        make(functions, unique, role)
        assert error_of(functions.invoke, FunctionName=unique, Payload=b"{")[0] == "InvalidRequestContentException"


class TestLog:
    def test_is_written_as_the_role(self, aws: EmbeddedAws, functions: Any, role: str, unique: str) -> None:
        """What was printed, between START and REPORT."""
        make(functions, unique, role)
        call(functions, unique, {"name": "you"})
        messages = log_of(aws, unique)
        assert messages[0].startswith("START RequestId: ")
        assert messages[1] == "saw {'name': 'you'}"
        assert messages[-1].startswith("REPORT RequestId: ")

    def test_a_role_that_may_not_has_none(self, aws: EmbeddedAws, functions: Any, unique: str) -> None:
        """The function runs all the same."""
        silent = service_role(aws, TRAINING, unique, "lambda")
        make(functions, unique, silent)
        assert call(functions, unique, {"name": "you"})[1] is None
        logs = aws.administrator(TRAINING).client("logs")
        assert logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{unique}")["logGroups"] == []
        assert aws.requests.entries(action="logs:CreateLogStream", principal=f"role/{unique}", allowed=False)


def log_of(aws: EmbeddedAws, function: str) -> list[str]:
    """Every message of the function's log group; none before there is one."""
    logs = aws.administrator(TRAINING).client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function}")["logGroups"]:
        return []
    return [event["message"] for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]]


class TestEvent:
    @pytest.mark.long
    @pytest.mark.parametrize(("retries", "runs"), [(0, 1), (1, 2), (None, 3)])
    def test_function_errors_are_retried(
        self, aws: EmbeddedAws, functions: Any, role: str, unique: str, retries: int | None, runs: int
    ) -> None:
        """As often as the event-invoke configuration says, twice by default."""
        make(functions, unique, role, "def handler(e, c):\n    raise ValueError('again')\n")
        if retries is not None:
            functions.put_function_event_invoke_config(FunctionName=unique, MaximumRetryAttempts=2)
            functions.put_function_event_invoke_config(
                FunctionName=unique, MaximumRetryAttempts=retries, MaximumEventAgeInSeconds=60
            )
            found = functions.get_function_event_invoke_config(FunctionName=unique)
            assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (retries, 60)
        answer = functions.invoke(FunctionName=unique, InvocationType="Event", Payload=b"{}")
        assert answer["StatusCode"] == 202
        thread = f"lambda {unique}"
        until(lambda: sum(line.startswith("START") for line in log_of(aws, unique)) == runs)
        until(lambda: thread not in [each.name for each in threading.enumerate()])
        assert sum(line.startswith("START") for line in log_of(aws, unique)) == runs

    def test_a_configuration_can_be_deleted(self, functions: Any, role: str, unique: str) -> None:
        """Then there is none."""
        make(functions, unique, role)
        functions.put_function_event_invoke_config(FunctionName=unique, MaximumRetryAttempts=0)
        functions.delete_function_event_invoke_config(FunctionName=unique)
        code, _, _ = error_of(functions.get_function_event_invoke_config, FunctionName=unique)
        assert code == "ResourceNotFoundException"


def settled(functions: Any, name: str) -> None:
    """Once the function is active and its last update is through."""
    for waited in ("function_active_v2", "function_updated_v2"):
        functions.get_waiter(waited).wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


class TestFunction:
    def test_the_role_must_trust_lambda(self, aws: EmbeddedAws, functions: Any, role: str, unique: str) -> None:
        """At creation and when the role is changed, in the words that callers retry on."""
        other = service_role(aws, TRAINING, unique, "states", ALL)
        said = ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
        assert error_of(lambda: make(functions, unique, other))[:2] == said
        make(functions, unique, role)
        settled(functions, unique)
        assert error_of(functions.update_function_configuration, FunctionName=unique, Role=other)[:2] == said

    @pytest.mark.parametrize("runtime", ["python3.8", "nodejs20.x"])
    def test_a_runtime_that_cannot_run_is_refused(self, functions: Any, role: str, unique: str, runtime: str) -> None:
        """A dead Python, and what is no Python."""
        code, message, _ = error_of(lambda: make(functions, unique, role, Runtime=runtime))
        assert code == "InvalidParameterValueException"
        assert runtime in message

    def test_code_that_is_no_zip_is_refused(self, functions: Any, role: str, unique: str) -> None:
        """Before it is ever invoked."""
        code, message, _ = error_of(lambda: make(functions, unique, role, Code={"ZipFile": b"no zip"}))
        assert (code, message.split(".")[0]) == ("InvalidParameterValueException", "Could not unzip uploaded file")

    def test_updates_take_effect(self, functions: Any, role: str, unique: str) -> None:
        """Code, its digest, and the environment."""
        make(functions, unique, role, Tags={"team": "churn"})
        settled(functions, unique)
        source = "import os\ndef handler(e, c):\n    return os.environ['WHO']\n"
        answer = functions.update_function_code(FunctionName=unique, ZipFile=packed(source))
        digest = base64.b64encode(hashlib.sha256(packed(source)).digest()).decode()
        assert answer["CodeSha256"] == digest
        settled(functions, unique)
        functions.update_function_configuration(
            FunctionName=unique, Environment={"Variables": {"WHO": "me"}}, Timeout=9
        )
        assert call(functions, unique)[0] == "me"
        found = functions.get_function(FunctionName=unique)
        assert found["Configuration"]["CodeSha256"] == digest
        assert found["Configuration"]["Timeout"] == 9
        assert found["Tags"] == {"team": "churn"}

    def test_code_in_s3_is_read_as_the_caller(
        self, aws: EmbeddedAws, functions: Any, roles: Roles, role: str, unique: str
    ) -> None:
        """A caller without s3:GetObject cannot make a function of it."""
        s3 = aws.administrator(TRAINING).client("s3")
        s3.create_bucket(Bucket=unique)
        s3.put_object(Bucket=unique, Key="code.zip", Body=packed(HELLO))
        where = {"S3Bucket": unique, "S3Key": "code.zip"}
        rights = (allow("lambda:CreateFunction", resource="*"), allow("iam:PassRole", resource="*"))
        poor = roles.session(unique, *rights, account=TRAINING).client("lambda")
        code, message, _ = error_of(lambda: make(poor, unique, role, Code=where))
        assert code == "InvalidParameterValueException"
        assert "S3 Error Code: AccessDenied" in message
        make(functions, unique, role, Code=where)
        assert call(functions, unique, {"name": "s3"})[0] == {"hello": "s3"}

    def test_pass_role_is_needed(self, roles: Roles, role: str, unique: str) -> None:
        """CreateFunction alone is not enough."""
        poor = roles.session(unique, allow("lambda:CreateFunction", resource="*"), account=TRAINING).client("lambda")
        code, message, _ = error_of(lambda: make(poor, unique, role))
        assert code == "AccessDeniedException"
        assert "iam:PassRole" in message
