"""What the AWS configuration and two calls tell of accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeClient, refused
from xacct_ml.operations.init.aws_configuration import Profile, identity, organisation, profiles, usual_region

CONFIG = """\
[default]
region = eu-central-1
[profile tools]
sso_session = corp
sso_account_id = 111111111111
[profile ml-dev]
role_arn = arn:aws:iam::222222222222:role/ops
source_profile = tools
region = eu-west-1
[profile odd]
role_arn = no-arn
sso_account_id = 12
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
"""


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


def test_profiles_with_the_accounts_that_they_name() -> None:
    """SSO's, and that of a role to assume; nothing of what is no account id."""
    assert profiles() == (
        Profile("default", None, "eu-central-1"),
        Profile("tools", "111111111111"),
        Profile("ml-dev", "222222222222", "eu-west-1"),
        Profile("odd"),
    )


def test_the_usual_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's, the profile's, another profile's, or one."""
    assert usual_region(profiles()) == "eu-central-1"
    monkeypatch.setenv("AWS_PROFILE", "ml-dev")
    assert usual_region(profiles()) == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert usual_region(profiles()) == "us-west-2"
    monkeypatch.delenv("AWS_REGION")
    assert usual_region(()) == "us-east-1"


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    """No profiles, and no traceback."""
    (tmp_path / "config").write_text("[profile\n")
    assert profiles() == ()


def _of(client: FakeClient) -> Any:
    return lambda _profile, _service: client


def test_identity() -> None:
    """The account and who one is there, or why it is not known."""
    arn = "arn:aws:sts::111111111111:assumed-role/Admin/ann"
    assert identity("tools", _of(FakeClient(get_caller_identity={"Arn": arn}))) == ("111111111111", arn)
    account, why = identity("tools", _of(FakeClient(get_caller_identity=refused("GetCallerIdentity", "ExpiredToken"))))
    assert account is None
    assert "ExpiredToken" in why


def test_the_organisation() -> None:
    """Names by id, of all pages; nothing where it may not be asked."""
    pages = {
        None: {"Accounts": [{"Id": "111111111111", "Name": "Tools"}], "NextToken": "2"},
        "2": {"Accounts": [{"Id": "222222222222", "Name": "ML"}]},
    }
    there = FakeClient(list_accounts=lambda NextToken=None: pages[NextToken])  # noqa: N803
    assert organisation("tools", _of(there)) == {"111111111111": "Tools", "222222222222": "ML"}
    assert organisation("tools", _of(FakeClient(list_accounts=refused("ListAccounts", "AccessDenied")))) == {}
