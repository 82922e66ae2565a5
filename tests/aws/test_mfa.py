"""Profiles with an MFA device: one code for all accounts, kept, and asked for in one conversation."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import termios
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import botocore.session
import pytest

from tests.aws.home import at_home, serving
from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.aws.accounts import Accounts
from xacct_ml.aws.mfa import CodeNeeded, Codes, device_of
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError

DEVICE = f"arn:aws:iam::{SHARED}:mfa/ann"
PROFILES = (("shared", SHARED), ("training", TRAINING), ("production", PRODUCTION))


class Sts(ThreadingHTTPServer):
    """An STS that takes each code once and knows who asks by the access key. ``asked`` are the calls."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StsHandler)
        self.asked: list[str] = []
        self.codes: set[str] = set()
        self.refused, self.made = "none", ""
        self.endpoint = f"http://127.0.0.1:{self.server_port}"


class StsHandler(BaseHTTPRequestHandler):
    server: Sts

    def do_POST(self) -> None:
        body = {name: values[0] for name, values in parse_qs(self.rfile.read(self._length()).decode()).items()}
        operation = body["Action"]
        self.server.asked.append(operation)
        key = self.headers["Authorization"].split("Credential=")[1].split("/")[0]
        code = body.get("TokenCode")
        if key.startswith(self.server.refused):
            said = "The security token included in the request is invalid."
            self._answer(
                403,
                f"<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>{said}</Message></Error></ErrorResponse>",
            )
            return
        if code in self.server.codes:
            said = "MultiFactorAuthentication failed with invalid MFA one time pass code."
            self._answer(
                403, f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{said}</Message></Error></ErrorResponse>"
            )
            return
        if code is not None:
            self.server.codes.add(code)
        if operation == "GetCallerIdentity":
            account = key[-12:]
            result = f"<Arn>arn:aws:iam::{account}:role/op</Arn><UserId>A</UserId><Account>{account}</Account>"
        else:
            made = f"ROLE{body['RoleArn'].split(':')[4]}" if operation == "AssumeRole" else "SESSION0"
            made = self.server.made + made
            result = (
                f"<Credentials><AccessKeyId>{made}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            )
        self._answer(200, f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>")

    def _length(self) -> int:
        return int(self.headers["Content-Length"])

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def sts() -> Iterator[Sts]:
    with serving(Sts()) as server:
        yield server


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sts: Sts) -> Path:
    """A user whose three profiles assume roles from an IAM user's keys, with one device."""
    at_home(monkeypatch, tmp_path, sts.endpoint)
    write(tmp_path, "aws_access_key_id = AKIA111111111111\naws_secret_access_key = s\n")
    return tmp_path


def write(home: Path, source: str) -> None:
    profiles = "".join(
        f"[profile {name}]\nrole_arn = arn:aws:iam::{id_}:role/op\nsource_profile = hub\nmfa_serial = {DEVICE}\n"
        for name, id_ in PROFILES
    )
    (home / "config").write_text(f"{profiles}[profile hub]\n{source}")


def config() -> Config:
    accounts = {name: {"id": id_, "profile": name} for name, id_ in PROFILES}
    return example(accounts={**accounts, "production": ({**accounts["production"]},)})


def test_one_code_serves_all_accounts_and_the_next_command(sts: Sts, home: Path) -> None:
    """One GetSessionToken; it and the roles' sessions are kept, each in a file for the user alone."""
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return "123456"

    Accounts(config(), Codes(ask)).verify()
    assert prompts == [f"Enter MFA code for {DEVICE}: "]
    assert sts.asked.count("GetSessionToken") == 1
    assert sts.asked.count("AssumeRole") == 3
    kept = [*home.glob(".cache/xacct-ml/mfa/*.json"), *home.glob(".aws/cli/cache/*.json")]
    assert len(kept) == 4
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}
    Accounts(config(), Codes(ask)).verify()
    assert len(prompts) == 1
    assert sts.asked.count("AssumeRole") == 3


def test_roles_sessions_have_the_names_that_the_aws_cli_gives_them(home: Path) -> None:
    """So that neither asks where the other did."""
    Accounts(config(), Codes(lambda _: "123456")).verify()
    session = botocore.session.Session(profile="training")
    from botocore.credentials import create_credential_resolver
    from botocore.utils import JSONFileCache

    resolver = create_credential_resolver(session, cache=JSONFileCache(str(home / ".aws/cli/cache")))
    credentials = resolver.get_provider("assume-role").load()
    assert credentials.get_frozen_credentials().access_key == f"ROLE{TRAINING}"


def test_sources_without_a_users_keys_ask_for_one_code_each(sts: Sts, home: Path) -> None:
    """One after the other; a code that was used is not sent again."""
    write(home, "aws_access_key_id = ASIA111111111111\naws_secret_access_key = s\naws_session_token = t\n")
    prompts: list[str] = []
    answers = iter(["111111", "111111", "222222", "222222", "333333"])

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return next(answers)

    Accounts(config(), Codes(ask)).verify()
    again = f"This code was used already; wait for the next one of {DEVICE}: "
    first = f"Enter MFA code for {DEVICE}: "
    assert prompts == [first, first, again, first, again]
    assert "GetSessionToken" not in sts.asked


def test_a_refused_code_is_told_in_awss_words(sts: Sts, home: Path) -> None:
    """With the profile, and what to do."""
    assert home.is_dir()
    sts.codes.add("123456")
    with pytest.raises(CredentialsError) as caught:
        Accounts(config(), Codes(lambda _: "123456")).verify()
    assert "the credentials of profile " in caught.value.message
    assert "MultiFactorAuthentication failed with invalid MFA one time pass code." in caught.value.message
    assert "next code" in str(caught.value.next_step)


@pytest.mark.long
@pytest.mark.parametrize("refused", ["SESSION", "ROLE"])
def test_sessions_that_aws_does_not_accept_any_more_are_asked_for_anew(sts: Sts, home: Path, refused: str) -> None:
    """Whether the user's or the roles', once: a second refusal is told."""
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return f"{len(prompts):06}"

    Accounts(config(), Codes(ask)).verify()
    if refused == "SESSION":
        for kept in home.glob(".aws/cli/cache/*.json"):
            kept.unlink()
    sts.refused = refused
    sts.made = "NEW"
    Accounts(config(), Codes(ask)).verify()
    assert len(prompts) == 2
    sts.refused = "NEW"
    with pytest.raises(CredentialsError, match="InvalidClientTokenId"):
        Accounts(config(), Codes(ask)).verify()


def test_a_session_of_another_endpoint_is_not_used(sts: Sts, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded AWS's are nothing to AWS."""
    Accounts(config(), Codes(lambda _: "123456")).verify()
    for kept in home.glob(".aws/cli/cache/*.json"):
        kept.unlink()
    monkeypatch.setenv("AWS_ENDPOINT_URL", sts.endpoint.replace("127.0.0.1", "localhost"))
    Accounts(config(), Codes(lambda _: "654321")).verify()
    assert sts.asked.count("GetSessionToken") == 2


def test_nobody_can_be_asked(sts: Sts, home: Path) -> None:
    """Nothing is sent."""
    assert home.is_dir()

    def nobody(prompt: str) -> str:
        raise CodeNeeded(prompt)

    with pytest.raises(CodeNeeded):
        Accounts(config(), Codes(nobody)).verify()
    assert sts.asked == []


@pytest.mark.parametrize(
    ("profile", "device"), [("training", DEVICE), ("chained", DEVICE), ("hub", None), ("loop", None), ("plain", None)]
)
def test_the_device_of_a_profile(home: Path, profile: str, device: str | None) -> None:
    """Also behind another role; a chain that runs in a circle has none."""
    with (home / "config").open("a") as file:
        file.write("[profile chained]\nrole_arn = r\nsource_profile = training\n")
        file.write("[profile loop]\nrole_arn = r\nsource_profile = loop\n[profile plain]\nregion = us-east-1\n")
    found = device_of(botocore.session.Session(profile=profile))
    assert (found.serial if found else None) == device


ENDS_WHILE_ANOTHER_THREAD_WAITS = """
import sys, termios, threading
from xacct_ml.aws.mfa import ask_on_terminal

threading.Thread(target=ask_on_terminal, args=("code: ",), daemon=True).start()
with open("/dev/tty", "rb", buffering=0) as terminal:
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        pass
sys.exit(3)
"""


@pytest.mark.long
def test_the_terminal_echoes_again_where_the_program_ends_before_the_answer() -> None:
    """Credentials may be renewed by a thread that nobody waits for, such as after Ctrl-C."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", ENDS_WHILE_ANOTHER_THREAD_WAITS])
    try:
        with contextlib.suppress(OSError):  # Linux: what the other side of a closed terminal says
            while os.read(terminal, 1024):
                pass
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        assert termios.tcgetattr(terminal)[3] & termios.ECHO
    finally:
        os.close(terminal)
