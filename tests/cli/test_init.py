"""``init``: what it asks, what it writes, and that ``verify`` accepts it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.cli.fakes import FakeClient
from xacct_ml.cli.command import Services
from xacct_ml.cli.init import Questions, _answers
from xacct_ml.cli.main import main
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.init.answers import Answers
from xacct_ml.operations.init.map_text import text
from xacct_ml.validation import load

THREE = ["--shared", "111111111111", "--training", "222222222222", "--production", "333333333333"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Customer Churn 2"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (tmp_path / "aws").write_text(
        "[profile tools]\nsso_account_id = 111111111111\n[profile ml]\nregion = eu-west-1\n"
        "[profile prod]\nrole_arn = arn:aws:iam::333333333333:role/x\nsource_profile = tools\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


class _Aws(Services):
    def profile_client(self, profile: str, service: str) -> FakeClient:  # noqa: ARG002
        account = {"tools": "1", "ml": "2", "prod": "3"}[profile] * 12
        return FakeClient(
            get_caller_identity={"Arn": f"arn:aws:iam::{account}:user/ann"},
            list_accounts={"Accounts": [{"Id": "222222222222", "Name": "Training"}]},
        )


@pytest.mark.parametrize("predict", ["yes-no", "number", "classes=4"])
@pytest.mark.parametrize(
    "source", ["codecommit", "zip", "arn:aws:codeconnections:us-east-1:111111111111:connection/0-1 my-org/churn"]
)
def test_a_map_that_verify_accepts(predict: str, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of flags alone; it is named what comes next, and the schema lies beside it."""
    words = ["--predict", predict, "--source", source, "--region", "us-east-1", "--yes"]
    assert main(["init", *THREE, *words], Services()) == 0
    config = load(Path("config.yaml"))
    assert config.project == "customer-churn"
    assert [target.id for target in config.accounts.production] == ["333333333333"]
    assert "next: xacct-ml verify, then: xacct-ml doctor" in capsys.readouterr().out
    assert json.loads(Path("config.schema.json").read_text())["title"].startswith("The account map")


def test_nothing_is_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor anything asked."""
    Path("config.yaml").write_text("mine")
    assert main(["init", *THREE, "--yes"], Services()) == 2
    assert "there is a map already" in capsys.readouterr().err
    assert Path("config.yaml").read_text() == "mine"
    assert not Path("config.schema.json").exists()


def test_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    """With every field, and nothing to ask."""
    assert main(["init", "--example", "-c", "all.yaml", "-o", "json"], Services()) == 0
    assert json.loads(capsys.readouterr().out)["result"]["file"] == "all.yaml"
    assert load(Path("all.yaml")).project == "churn"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--project is not given, and there is no terminal to ask on"),
        (["--yes", "--shared", "toolz"], "no profile of your AWS configuration; did you mean 'tools'?"),
        (["--yes", "--shared", "ml"], "the profile 'ml' does not say which account it is of: give ml=ID, or --from-ac"),
        ([*THREE[:4], "--production", "222222222222", "--yes"], "with these answers: accounts.production.0.id is 2222"),
        ([*THREE, "--region", "us-east1", "--yes"], "--region: 'us-east1' is no region with SageMaker's XGBoost image"),
        ([*THREE, "--predict", "classes=2", "--yes"], "give yes-no, number, or classes=N"),
        ([*THREE, "--threshold", "80", "--yes"], "quality_gate.threshold 80 is out of validation:auc's range"),
    ],
)
def test_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the option's name, and before anything is written."""
    assert main(["init", *words], Services()) == 2
    assert message in capsys.readouterr().err
    assert not list(Path.cwd().iterdir())


def test_from_account(capsys: pytest.CaptureFixture[str]) -> None:
    """What a profile does not say, AWS does; the defaults follow from names."""
    assert main(["init", "--from-account", "--yes"], _Aws()) == 0
    accounts = load(Path("config.yaml")).accounts
    assert (accounts.shared.profile, accounts.training.profile) == ("tools", "ml")
    assert [one.id for one in (accounts.shared, accounts.training, *accounts.production)] == [
        "111111111111",
        "222222222222",
        "333333333333",
    ]
    assert load(Path("config.yaml")).region == "eu-west-1"
    capsys.readouterr()


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(keys: str) -> tuple[Answers, str]:
    """What is made of the answers that are typed, and what the screen shows."""
    screen, keyboard = _Screen(), _Screen(keys)
    ask = Questions(
        Terminal(out=screen, err=screen, keys=keyboard),
        dict.fromkeys(("project", "region", "shared", "training", "production", "predict", "threshold", "source")),
        yes=False,
    )
    return _answers(ask, None), screen.getvalue()


def test_at_most_eight_questions() -> None:
    """Each with its default, which an empty answer takes; a wrong answer is told why, and asked again."""
    made, shown = typed("\n\nnowhere\n\nml=222222222222\n\n\n\n\n")
    assert shown.count("?") <= 10
    assert "'nowhere' is no account id" in shown
    assert (made.shared.profile, made.training.profile, made.production[0].profile) == ("tools", "ml", "prod")
    assert "[eu-west-1]:" in shown
    Path("config.yaml").write_text(text(made))
    assert load(Path("config.yaml")).quality_gate.metric == "validation:auc"


@pytest.mark.long
def test_eight_answers_to_a_map_that_holds() -> None:
    """Typed, most of them empty."""
    answers = ["churn", "", "", "ml=222222222222", "", "", "0.8", ""]
    made, _ = typed("".join(f"{answer}\n" for answer in answers))
    Path("config.yaml").write_text(text(made))
    assert main(["verify", "--quiet"]) == 0
