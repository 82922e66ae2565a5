"""Getting into accounts: profiles, roles, ambient credentials, and what is said when that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.aws.accounts import Accounts
from xacct_ml.aws.credential_errors import explained
from xacct_ml.config.model import Config
from xacct_ml.errors import AwsCallFailed, CredentialsError

ANN = "arn:aws:iam::111111111111:user/ann"


class RefusingSts(HTTPServer):
    """An STS that knows ann and lets her assume nothing. ``asked`` are the bodies of its requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RefusingHandler)
        self.asked: list[str] = []
        self.endpoint = f"http://127.0.0.1:{self.server_port}"


class RefusingHandler(BaseHTTPRequestHandler):
    server: RefusingSts

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(body)
        if "AssumeRole" in body:
            error = (
                f"<Code>AccessDenied</Code><Message>User: {ANN} is not authorized to perform: sts:AssumeRole</Message>"
            )
            self._answer(403, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>")
        else:
            result = f"<Arn>{ANN}</Arn><UserId>AIDA</UserId><Account>111111111111</Account>"
            result = f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
            self._answer(200, f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def refusing_sts() -> Iterator[RefusingSts]:
    with RefusingSts() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def config(shared: dict[str, Any] | None = None) -> Config:
    return example(
        accounts={
            "shared": {"id": SHARED, **(shared or {})},
            "training": {"id": TRAINING, "role_arn": f"arn:aws:iam::{TRAINING}:role/op"},
            "production": ({"id": PRODUCTION, "role_arn": f"arn:aws:iam::{PRODUCTION}:role/op"},),
        }
    )


def refusal(config: Config, account: str = SHARED) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        Accounts(config).verify([account])
    assert len(caught.value.lines()) <= 3
    return caught.value


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No credentials, no profiles and no metadata service but what a test sets."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.fixture
def aws(environment: pytest.MonkeyPatch) -> Iterator[None]:
    """moto, with ambient credentials that are the shared account's."""
    with mock_aws():
        seed = boto3.client("sts", region_name="us-east-1", aws_access_key_id="x" * 20, aws_secret_access_key="x")
        keys = seed.assume_role(RoleArn=f"arn:aws:iam::{SHARED}:role/ann", RoleSessionName="ann")["Credentials"]
        environment.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        environment.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        environment.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
        yield


@pytest.mark.usefixtures("aws")
def test_ambient_credentials_and_assumed_roles_lead_into_their_accounts() -> None:
    """Every account of the map is verified, and each client is its own account's."""
    accounts = Accounts(config())
    accounts.verify()
    identity = accounts.client(TRAINING, "sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{TRAINING}:assumed-role/op/xacct-ml"


@pytest.mark.usefixtures("aws")
def test_profiles_lead_into_their_accounts(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A profile's keys are used, not the ambient ones."""
    iam = Accounts(config()).client(TRAINING, "iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    (tmp_path / "credentials").write_text(
        f"[b]\naws_access_key_id={key['AccessKeyId']}\naws_secret_access_key={key['SecretAccessKey']}\n"
    )
    environment.setenv("AWS_ACCESS_KEY_ID", "wrong")
    accounts = example(
        accounts={
            "shared": {"id": SHARED, "profile": "b", "role_arn": f"arn:aws:iam::{SHARED}:role/op"},
            "training": {"id": TRAINING, "profile": "b"},
            "production": ({"id": PRODUCTION},),
        }
    )
    Accounts(accounts).verify([SHARED, TRAINING])


@pytest.mark.usefixtures("aws")
def test_clients_are_made_once_by_any_number_of_threads() -> None:
    """Eight threads asking at once get the same client."""
    accounts, clients = Accounts(config()), []
    threads = [threading.Thread(target=lambda: clients.append(accounts.client(SHARED, "sts"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 8
    assert len({id(client) for client in clients}) == 1


@pytest.mark.usefixtures("aws")
def test_clients_are_of_the_maps_region() -> None:
    """Whatever region the profile or environment names."""
    assert Accounts(example("eu-west-1")).client(SHARED, "kms").meta.region_name == "eu-west-1"


@pytest.mark.usefixtures("aws")
def test_the_wrong_account_is_named_and_so_is_the_right_one() -> None:
    """Credentials that lead somewhere else are refused before anything else is called."""
    wrong = example(
        accounts={"shared": {"id": "999999999999"}, "training": {"id": TRAINING}, "production": ({"id": PRODUCTION},)}
    )
    assert f"into account {SHARED}, but the map says 999999999999" in refusal(wrong, "999999999999").message


@pytest.mark.usefixtures("environment")
def test_no_credentials_at_all() -> None:
    """It says where was looked and what to do."""
    error = refusal(config())
    assert "no AWS credentials" in error.message
    assert error.next_step


@pytest.mark.usefixtures("environment")
def test_no_credentials_to_assume_a_role_with() -> None:
    """The source of the role's credentials is what is missing."""
    assert "no AWS credentials" in refusal(config(), TRAINING).message


def test_an_unknown_profile_of_the_environment_is_named(environment: pytest.MonkeyPatch) -> None:
    """The map names none; AWS_PROFILE does."""
    environment.setenv("AWS_PROFILE", "nobody")
    assert "no profile nobody, which AWS_PROFILE names" in refusal(config(), TRAINING).message


@pytest.mark.usefixtures("environment")
def test_an_unknown_profile_is_named() -> None:
    """The map's profile is not in the AWS configuration."""
    error = refusal(config({"profile": "nobody"}))
    assert "no profile nobody" in error.message
    assert error.next_step == "make it: aws configure sso --profile nobody"


@pytest.mark.usefixtures("environment")
def test_a_misspelt_profile_is_corrected(tmp_path: Path) -> None:
    """No second, wrong profile is made; one that is like none of those there may be meant as it is."""
    (tmp_path / "config").write_text("[profile shared-admin]\nregion=us-east-1\n[profile tools]\nregion=us-east-1\n")
    error = refusal(config({"profile": "shraed-admin"}))
    assert error.message.endswith("no profile shraed-admin; did you mean 'shared-admin'?")
    assert error.details == ("it has shared-admin, tools",)
    assert error.next_step == f"correct the profile of account {SHARED} in the map: shared-admin"
    other = refusal(config({"profile": "nobody"}))
    assert str(other.next_step).endswith("in the map, or make that profile: aws configure sso --profile nobody")


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (boto.LoginRefreshRequired(), "aws login --profile console"),
        (boto.LoginTokenLoadError(error_msg="no such file"), "aws login --profile console"),
        (boto.MissingDependencyException(msg="botocore[crt]"), "pip install 'botocore[crt]' where"),
        (
            ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetCallerIdentity"),
            "aws login --profile console",
        ),
    ],
    ids=["session ended", "no session", "no crt", "expired"],
)
def test_a_profile_of_aws_login_is_renewed_by_it(error: Any, step: str) -> None:
    """Not by aws configure, which would write keys that last into it."""
    account = config({"profile": "console"}).accounts.shared
    told = explained(account, "us-east-1", error, lambda: ANN, {"login_session": ANN})
    assert isinstance(told, CredentialsError)
    assert str(told.next_step).startswith(step)
    assert "aws configure" not in str(told.next_step)


def test_an_expired_sso_session_names_the_login(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The next step is the command that renews it."""
    del environment
    (tmp_path / "config").write_text(
        "[profile corp]\nsso_session=corp\nsso_account_id=111111111111\nsso_role_name=dev\nregion=us-east-1\n"
        "[sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://corp.example.com/start\n"
    )
    error = refusal(config({"profile": "corp"}))
    assert error.next_step == "aws sso login --profile corp"


def test_nobody_answering_is_not_a_credentials_error(environment: pytest.MonkeyPatch) -> None:
    """The endpoint is what is wrong, and the message names it."""
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    environment.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(AwsCallFailed, match=r"127\.0\.0\.1:9"):
        Accounts(config()).verify([SHARED])


def test_a_role_that_cannot_be_assumed_is_named_with_who_tried(
    environment: pytest.MonkeyPatch, refusing_sts: RefusingSts
) -> None:
    """Which role, by whom, and whether an external id was sent."""
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment.setenv("AWS_ENDPOINT_URL", refusing_sts.endpoint)
    error = refusal(config(), TRAINING)
    assert "arn:aws:iam::111111111111:user/ann cannot assume" in error.message
    assert f"arn:aws:iam::{TRAINING}:role/op" in error.message
    assert "without an external id" in error.message
    assert "ExternalId" not in refusing_sts.asked[0]


def test_the_external_id_goes_with_the_request(environment: pytest.MonkeyPatch, refusing_sts: RefusingSts) -> None:
    """What the map says is sent, and the message says that it was."""
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment.setenv("AWS_ENDPOINT_URL", refusing_sts.endpoint)
    error = refusal(config({"role_arn": f"arn:aws:iam::{SHARED}:role/op", "external_id": "secret-7"}))
    assert "with the map's external_id" in error.message
    assert "ExternalId=secret-7" in refusing_sts.asked[0]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("credential_process = echo logged in", "credential_process of profile broken: JSONDecodeError"),
        ("credential_process = /no/such/program", "credential_process of profile broken: FileNotFoundError"),
        ("credential_process = echo 'unbalanced", "credential_process of profile broken: ValueError"),
        (
            "role_arn = arn:aws:iam::111111111111:role/op\nweb_identity_token_file = /no/such/token",
            "web_identity_token_file of profile broken: FileNotFoundError",
        ),
        (
            "credential_process = sh -c 'echo log in >&2; exit 3'",
            "credential_process of profile broken: Error when retrieving credentials from custom-process: log in",
        ),
        ("credential_process = echo '{\"Version\": 2}'", "credential_process of profile broken: Error when retrieving"),
        (
            "role_arn = arn:aws:iam::111111111111:role/op\nsource_profile = nobody",
            'source_profile of profile broken: The source_profile "nobody" referenced',
        ),
        (
            "role_arn = arn:aws:iam::111111111111:role/op\ncredential_source = EcsContainer",
            "credential_source of profile broken: Error when retrieving credentials from EcsContainer",
        ),
    ],
)
def test_whatever_gives_credentials_and_fails_is_named(
    settings: str, named: str, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A user's error with profile, account and setting; not a crash."""
    assert environment
    (tmp_path / "config").write_text(f"[profile broken]\n{settings}\n")
    error = refusal(config({"profile": "broken"}))
    assert f"the credentials of profile broken for account {SHARED} cannot be had: {named}" in error.message
    assert "aws configure" not in str(error.next_step)


def test_a_configuration_that_cannot_be_read_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert environment
    (tmp_path / "config").write_text("[profile x\nnonsense")
    error = refusal(config({"profile": "x"}))
    assert str(tmp_path / "config") in error.message
    assert error.next_step == "correct that file"


@pytest.mark.parametrize(
    ("code", "said", "region", "step"),
    [
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261128T200000Z is now earlier than 20261128T213000Z (20261128T214500Z - 15 min.)",
            "us-east-1",
            "set this machine's clock",
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
            "me-south-1",
            "enable me-south-1 in account 111111111111",
        ),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", "us-east-1", "renew them"),
    ],
)
def test_what_aws_says_of_credentials_decides_what_to_do(code: str, said: str, region: str, step: str) -> None:
    """By code and sentence, which is quoted."""
    answer: Any = {"Error": {"Code": code, "Message": said}}
    account = config({"profile": "x"}).accounts.shared
    found = explained(account, region, ClientError(answer, "GetCallerIdentity"), lambda: "ann")
    assert said in found.message
    assert str(found.next_step).startswith(step)


def test_a_failure_of_sts_is_told_with_account_region_and_profile() -> None:
    """The clients of providers are not ours, so nobody else can say it."""
    answer: Any = {"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}
    account = config({"profile": "x"}).accounts.shared
    found = explained(account, "us-east-1", ClientError(answer, "AssumeRole"), lambda: "ann")
    assert found.message == f"sts:AssumeRole in account {SHARED}, us-east-1 (profile x): Throttling: Rate exceeded"
    assert "wait a minute" in str(found.next_step)
