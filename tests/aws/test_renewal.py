"""Sessions that end while a command runs: renewed where they can be, named where they cannot."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs

import pytest

from tests.aws.home import at_home, serving
from tests.configs import SHARED, example
from xacct_ml.aws.accounts import Accounts
from xacct_ml.aws.errors import translated
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError

TOKEN_ENDED = "Token expired: current date/time 1624482533 must be before the expiration date/time1624482335"
"""AWS's words (awslabs/aws-orbit-workbench #707)."""
CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
"""AWS's words (mmmorris1975/aws-runas #11)."""


class Sts(ThreadingHTTPServer):
    """Gives sessions that end at once, so that each call renews; after ``gives`` of them, ``refusal``: code and words.

    ``asked`` are its operations."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StsHandler)
        self.gives = 100
        self.refusal = ("ExpiredTokenException", TOKEN_ENDED)
        self.asked: list[str] = []
        self.endpoint = f"http://127.0.0.1:{self.server_port}"


class StsHandler(BaseHTTPRequestHandler):
    server: Sts

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        (operation,) = body["Action"]
        self.server.asked.append(operation)
        if operation == "GetCallerIdentity":
            result = f"<Arn>arn:aws:sts::{SHARED}:assumed-role/op/x</Arn><UserId>A</UserId><Account>{SHARED}</Account>"
        elif self.server.asked.count(operation) > self.server.gives:
            code, said = self.server.refusal
            self._answer(
                400, f"<ErrorResponse><Error><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"
            )
            return
        else:
            result = (
                "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                f"</SessionToken><Expiration>{soon()}</Expiration></Credentials>"
            )
        self._answer(200, f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>")

    def do_GET(self) -> None:
        """IAM Identity Center's GetRoleCredentials."""
        self.server.asked.append("GetRoleCredentials")
        if self.server.asked.count("GetRoleCredentials") > self.server.gives:
            code, said = self.server.refusal
            status = 401 if code == "UnauthorizedException" else 403
            self._answer(status, json.dumps({"message": said}), {"x-amzn-ErrorType": code})
            return
        end = int(datetime.fromisoformat(soon()).timestamp() * 1000)
        keys = {"accessKeyId": "A", "secretAccessKey": "s", "sessionToken": "t", "expiration": end}
        self._answer(200, json.dumps({"roleCredentials": keys}))

    def _answer(self, status: int, text: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


def soon() -> str:
    """Within botocore's ten minutes before an end, in which it has to be renewed."""
    return (datetime.now(UTC) + timedelta(minutes=5)).isoformat()


@pytest.fixture
def sts() -> Iterator[Sts]:
    with serving(Sts()) as server:
        yield server


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sts: Sts) -> Path:
    at_home(monkeypatch, tmp_path, sts.endpoint)
    (tmp_path / "token").write_text("a token")
    return tmp_path


def config(**more: str) -> Config:
    return example(accounts={**example().model_dump()["accounts"], "shared": {"id": SHARED, **more}})


def call(accounts: Accounts) -> None:
    with translated():
        accounts.client(SHARED, "sts").get_caller_identity()


def refused(accounts: Accounts) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        call(accounts)
    return caught.value


def web_identity(home: Path) -> Accounts:
    (home / "config").write_text(
        f"[profile shared]\nrole_arn = arn:aws:iam::{SHARED}:role/ci\nweb_identity_token_file = {home / 'token'}\n"
    )
    return Accounts(config(profile="shared"))


def test_a_web_identity_is_renewed_with_the_token_that_is_there_then(sts: Sts, home: Path) -> None:
    accounts = web_identity(home)
    for _ in range(3):
        call(accounts)
    assert sts.asked.count("AssumeRoleWithWebIdentity") == 3


def test_a_web_identity_whose_token_has_ended_is_named(sts: Sts, home: Path) -> None:
    """In the middle of the command: with profile, account and AWS's words, and not as a role that nobody may assume."""
    sts.gives = 1
    accounts = web_identity(home)
    call(accounts)
    error = refused(accounts)
    assert "profile shared" in error.message
    assert SHARED in error.message
    assert TOKEN_ENDED in error.message
    assert "web_identity_token_file" in str(error.next_step)


START = "https://corp.awsapps.com/start"
CALLS = """
from tests.aws.test_renewal import call, config
from xacct_ml.aws.accounts import Accounts
from xacct_ml.errors import CredentialsError

accounts = Accounts(config(profile="shared"))
call(accounts)
call(accounts)
try:
    call(accounts)
except CredentialsError as error:
    print(*error.lines(), sep="\\n")
"""
"""Two calls that go through and one that does not, in a process of its own: where SSO's tokens are, botocore decides
when it is loaded."""


def single_sign_on(home: Path) -> str:
    """What the third call says."""
    (home / "config").write_text(
        f"[profile shared]\nsso_start_url = {START}\nsso_region = us-east-1\n"
        f"sso_account_id = {SHARED}\nsso_role_name = op\n"
    )
    cache = home / ".aws/sso/cache"
    cache.mkdir(parents=True)
    token = {"startUrl": START, "region": "us-east-1", "accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}
    (cache / f"{hashlib.sha1(START.encode(), usedforsecurity=False).hexdigest()}.json").write_text(json.dumps(token))
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", CALLS], cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("refusal", "says", "step"),
    [
        (
            ("UnauthorizedException", "Session token not found or invalid"),
            "SSO session",
            "aws sso login --profile shared",
        ),
        (("ForbiddenException", "No access"), "ForbiddenException: No access", "permission set"),
    ],
)
def test_single_sign_on_is_renewed_and_its_end_is_named(
    sts: Sts, home: Path, refusal: tuple[str, str], says: str, step: str
) -> None:
    """The session ended, or nobody gave the role to this user any more: AWS's words (aws/aws-sam-cli #2129)."""
    sts.gives, sts.refusal = 2, refusal
    said = single_sign_on(home)
    assert says in said
    assert f"profile shared for account {SHARED}" in said
    assert step in said


def test_a_process_that_ends_in_the_middle_is_named(home: Path) -> None:
    """It gave credentials once, and then something else."""
    script = home / "process.py"
    keys = {"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": soon()}
    script.write_text(
        "import pathlib, sys\n"
        f"mark = pathlib.Path({str(home / 'mark')!r})\n"
        f"print('logged out' if mark.exists() else {json.dumps(keys)!r})\n"
        "mark.touch()\n"
    )
    (home / "config").write_text(f"[profile shared]\ncredential_process = {sys.executable} {script}\n")
    accounts = Accounts(config(profile="shared"))
    error = refused(accounts)  # the first call renews what was loaded
    assert "credential_process of profile shared" in error.message
    assert error.exit_code == 4


def test_the_maps_role_is_assumed_again_before_it_ends(sts: Sts, home: Path) -> None:
    (home / "credentials").write_text("[default]\naws_access_key_id = A\naws_secret_access_key = s\n")
    accounts = Accounts(config(role_arn=f"arn:aws:iam::{SHARED}:role/op"))
    for _ in range(2):
        call(accounts)
    assert sts.asked.count("AssumeRole") == 2


def test_an_hour_is_all_that_a_chained_role_gets(sts: Sts, home: Path) -> None:
    """Not "wrong credentials", and not a trust policy."""
    sts.gives, sts.refusal = 0, ("ValidationError", CHAINED)
    (home / "config").write_text(
        f"[profile shared]\nrole_arn = arn:aws:iam::{SHARED}:role/op\nsource_profile = base\nduration_seconds = 7200\n"
    )
    (home / "credentials").write_text(
        "[base]\naws_access_key_id = A\naws_secret_access_key = s\naws_session_token = t\n"
    )
    error = refused(Accounts(config(profile="shared")))
    assert CHAINED in error.message
    assert "3600" in str(error.next_step)


def test_a_session_without_an_end_of_its_own_is_named_with_call_and_profile(sts: Sts, home: Path) -> None:
    """Keys in a file cannot be renewed by anybody here."""
    (home / "credentials").write_text(
        "[shared]\naws_access_key_id = A\naws_secret_access_key = s\naws_session_token = t\n"
    )
    sts.gives, sts.refusal = 0, ("ExpiredToken", "The security token included in the request is expired")
    accounts = Accounts(config(profile="shared"))
    with pytest.raises(CredentialsError) as caught, translated():
        accounts.client(SHARED, "sts").assume_role(RoleArn=f"arn:aws:iam::{SHARED}:role/x", RoleSessionName="xx")
    assert f"sts:AssumeRole in account {SHARED}, us-east-1 (profile shared): ExpiredToken" in caught.value.message
    assert "--profile shared" in str(caught.value.next_step)
