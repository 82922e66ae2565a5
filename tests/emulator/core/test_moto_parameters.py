"""What is served is what was asked for, wherever else something looks like an operation or a parameter."""

from __future__ import annotations

import json

import pytest
from botocore.credentials import Credentials as Keys

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow
from tests.emulator.signed import ask
from xacct_ml.emulator.server import EmbeddedAws

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.1"}


@pytest.fixture
def keys(roles: Roles, unique: str) -> Keys:
    """Who may list and read, and little else."""
    actions = (
        "iam:ListUsers",
        "iam:GetUser",
        "kms:ListKeys",
        "logs:CreateLogStream",
        "lambda:ListFunctions",
        "s3:PutObject",
    )
    made = roles.session(unique, allow(*actions, resource="*"))
    return Keys(made.access_key_id, made.secret_access_key, made.session_token)


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("POST", "Action=ListUsers&Version=2010-05-08", "Action=CreateUser&UserName={}&Version=2010-05-08"),
        ("POST", "Action=CreateUser&UserName={}", "Action=ListUsers&Version=2010-05-08"),
        ("GET", "Action=ListUsers&Version=2010-05-08", "Action=CreateUser&UserName={}&Version=2010-05-08"),
        ("POST", "UserName={}", "Action=GetUser&UserName=other&Version=2010-05-08"),
        ("POST", "", "Action=ListUsers&Action=CreateUser&UserName={}&Version=2010-05-08"),
        ("POST", "Action=ListUsers&Action=CreateUser&UserName={}&Version=2010-05-08", ""),
    ],
)
def test_a_form_says_everything_once(
    aws: EmbeddedAws, keys: Keys, unique: str, method: str, query: str, body: str
) -> None:
    """And in one place."""
    url = f"{aws.endpoint}/?{query.format(unique)}"
    status, answer = ask(keys, "iam", method, url, body.format(unique).encode(), FORM)
    assert (400 <= status < 500, "MalformedQueryString" in answer) == (True, True), answer
    assert unique not in str(aws.administrator(SHARED).client("iam").list_users()["Users"])


@pytest.mark.parametrize(
    ("query", "body", "headers"),
    [
        ("?Action=CreateKey", {}, {}),
        ("", {"Marker": "&Action=CreateKey&"}, {}),
        ("", {}, {"Action": "CreateKey"}),
        ("", {"Action": "CreateKey"}, {}),
    ],
)
def test_an_operation_in_another_place_is_none(
    aws: EmbeddedAws, keys: Keys, query: str, body: dict[str, str], headers: dict[str, str]
) -> None:
    """Than that of its protocol."""
    kms = aws.administrator(SHARED).client("kms")
    before = kms.list_keys()["Keys"]
    target = {**JSON, "X-Amz-Target": "TrentService.ListKeys", **headers}
    status, answer = ask(keys, "kms", "POST", f"{aws.endpoint}/{query}", json.dumps(body).encode(), target)
    assert (status, "Keys" in json.loads(answer)) == (200, True)
    assert kms.list_keys()["Keys"] == before
    path = f"{aws.endpoint}/2015-03-31/functions/{query.replace('CreateKey', 'CreateFunction')}"
    assert ask(keys, "lambda", "GET", path, b"", headers)[0] == 200


@pytest.mark.parametrize("where", ["in the URL", "in a text"])
def test_a_parameter_in_another_place_is_none(aws: EmbeddedAws, keys: Keys, unique: str, where: str) -> None:
    """The rights were asked for the one in the body."""
    logs, own, other = aws.administrator(SHARED).client("logs"), f"{unique}-own", f"{unique}-other"
    for name in (own, other):
        logs.create_log_group(logGroupName=name)
    query, stream = (f"?logGroupName={other}", "x") if where == "in the URL" else ("", f"x&logGroupName={other}&")
    body = json.dumps({"logGroupName": own, "logStreamName": stream}).encode()
    target = {**JSON, "X-Amz-Target": "Logs_20140328.CreateLogStream"}
    assert ask(keys, "logs", "POST", f"{aws.endpoint}/{query}", body, target) == (200, "")
    found = [logs.describe_log_streams(logGroupName=name)["logStreams"] for name in (own, other)]
    assert [[one["logStreamName"] for one in streams] for streams in found] == [[stream], []]


@pytest.mark.parametrize("content", [b"key=b&file=c", b"a=1"])
def test_the_content_of_an_object_is_no_form(aws: EmbeddedAws, keys: Keys, unique: str, content: bytes) -> None:
    """``curl --data-binary`` says that it is one."""
    s3 = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    assert ask(keys, "s3", "PUT", f"{aws.endpoint}/{unique}/a", content, FORM)[0] == 200
    stored = s3.get_object(Bucket=unique, Key="a")
    assert (stored["Body"].read(), stored["ContentType"]) == (content, FORM["Content-Type"])
