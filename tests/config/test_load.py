"""The loader: shapes and types, with place, reason, allowed values and a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.maps import MINIMAL, changed, refusal
from xacct_ml.config.model import Config, Serverless, Training
from xacct_ml.validation import load

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"

REFUSED: dict[str, tuple[str, tuple[int, int], str]] = {
    "misspelt key": (MINIMAL + "pipelin: {}\n", (15, 1), "unknown key 'pipelin'; did you mean 'pipeline'?"),
    "misspelt inner key": (
        MINIMAL + "endpoint:\n  instancetype: ml.m5.large\n",
        (16, 3),
        "unknown key 'instancetype' in endpoint; did you mean 'instance_type'?",
    ),
    "other spelling": (MINIMAL + "Quality-Gate: {}\n", (15, 1), "did you mean 'quality_gate'?"),
    "key of a section": (MINIMAL + "threshold: 0.9\n", (15, 1), "did you mean 'quality_gate.threshold'?"),
    "allowed keys": (MINIMAL + "xyz: 1\n", (15, 1), "unknown key 'xyz'; allowed: project, region, accounts, roles"),
    "unknown account": (
        changed("  shared:", "  staging:\n    id: '4'\n  shared:"),
        (4, 3),
        "unknown key 'staging' in accounts; did you mean 'production'? allowed: shared, training, production",
    ),
    "unknown key of a target": (
        changed('- id: "3', '- nam: x\n      id: "3'),
        (9, 7),
        "unknown key 'nam' in accounts.production.0; did you mean 'name'?",
    ),
    "missing project": (changed("project: churn\n", ""), (1, 1), "project is missing"),
    "missing account": (
        changed('  training:\n    id: "222222222222"\n', ""),
        (3, 1),
        "accounts.training is missing: a map names one shared, one training and at least one production",
    ),
    "missing id": (changed('id: "111111111111"', "profile: a"), (4, 3), "accounts.shared.id is missing"),
    "empty accounts": ("project: churn\nregion: us-east-1\naccounts:\n", (3, 1), "accounts.production is missing"),
    "empty production": (changed('\n    - id: "333333333333"', ""), (8, 14), "accounts.production is empty"),
    "production is no list": (changed("    - id", "      id"), (9, 7), "accounts.production must be a list"),
    "section is text": (MINIMAL + "roles: admin\n", (15, 8), "roles must be a mapping (key: value)"),
    "section is a list": (MINIMAL + "tags: [a, b]\n", (15, 7), "tags must be a mapping (key: value), not a list"),
    "text is null": (changed("region: us-east-1", "region:"), (2, 8), "region is empty; it must be text"),
    "text is a number": (
        changed("churn", "2024"),
        (1, 10),
        'project must be text, not the number 2024; quote it: "2024"',
    ),
    "text is a boolean": (
        changed("churn", "yes"),
        (1, 10),
        'project must be text; YAML reads yes as true; quote it: "yes"',
    ),
    "text is a list": (changed("churn", "[churn]"), (1, 10), "project must be text, not a list"),
    "tag is a number": (
        MINIMAL + "tags: {cost-center: 12}\n",
        (15, 21),
        'must be text, not the number 12; quote it: "12"',
    ),
    "version is a number": (
        changed("training:\n  hyper", "training:\n  xgboost_version: 1.7\n  hyper"),
        (11, 20),
        "training.xgboost_version must be text, not the number 1.7; did you mean 1.7-1?",
    ),
    "number is text": (
        MINIMAL + 'key: {deletion_window_days: "7"}\n',
        (15, 29),
        "must be a whole number, not the text '7'",
    ),
    "number is a boolean": (MINIMAL + "key: {deletion_window_days: on}\n", (15, 29), "must be a whole number, not on"),
    "number is a fraction": (
        MINIMAL + "endpoint: {instance_count: 1.5}\n",
        (15, 28),
        "must be a whole number, not 1.5",
    ),
    "threshold is text": (MINIMAL + "quality_gate: {threshold: high}\n", (15, 27), "must be a number, not high"),
    "direction": (
        MINIMAL + "quality_gate: {direction: up}\n",
        (15, 27),
        "quality_gate.direction must be 'maximize' or 'minimize', not up",
    ),
    "hyperparameter is a list": (
        changed("eval_metric: auc", "eval_metric: [auc, error]"),
        (14, 18),
        "training.hyperparameters.eval_metric must be text, a number, or true or false, not a list",
    ),
    "hyperparameter is null": (changed("num_round: 10", "num_round:"), (12, 15), "hyperparameters.num_round"),
    "id as octal": (
        changed('"111111111111"', "011111111111"),
        (5, 9),
        "reads 011111111111 as the number 1227133513; quote",
    ),
    "id with underscores": (changed('"111111111111"', "1111_1111_1111"), (5, 9), "the number 111111111111; quote it"),
    "id as a float": (
        changed('"111111111111"', "1.1e+11"),
        (5, 9),
        "accounts.shared.id must be text, not the number 1.1e+11",
    ),
    "id as sexagesimal": (
        changed('"111111111111"', "11:11:11"),
        (5, 9),
        "YAML reads 11:11:11 as the number 40271; quote it",
    ),
    "id as hexadecimal": (changed('"111111111111"', "0x19DE5082C7"), (5, 9), "as the number 111104000711; quote it"),
}


@pytest.mark.parametrize(("content", "place", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, content: str, place: tuple[int, int], reason: str) -> None:
    """The fault is told with its place in the file, among all that is told."""
    error = refusal(tmp_path, content)
    first = f"{error.line}:{error.column}: {error.reason}"
    at_place = [line for line in (first, *error.details) if line.startswith(f"{place[0]}:{place[1]}: ")]
    assert any(reason in line for line in at_place), (first, error.details)


def test_every_fault_in_one_go(tmp_path: Path) -> None:
    """The first fault of the file is the message, the others are details in the order of the file."""
    content = changed("project: churn\n", "") + "endpoint: {instance_count: one}\nx: 1\n"
    error = refusal(tmp_path, content)
    assert error.message == f"{tmp_path / 'config.yaml'}:1:1: project is missing"
    assert [detail.split(" ")[0] for detail in error.details] == ["14:28:", "15:1:"]
    assert error.exit_code == 2


def test_misspelt_key_is_not_missing_too(tmp_path: Path) -> None:
    """A required key that is misspelt is told once."""
    error = refusal(tmp_path, changed("region:", "regoin:"))
    assert error.reason.startswith("unknown key 'regoin'; did you mean 'region'?")
    assert error.details == ()


def test_a_fault_is_told_once(tmp_path: Path) -> None:
    """What follows from a fault is not told again."""
    error = refusal(tmp_path, changed('"111111111111"', "011111111111"))
    assert error.details == ()


def _load(folder: Path, content: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(content)
    return load(path)


@pytest.mark.parametrize(
    "section", ["roles", "bucket", "key", "data", "quality_gate", "endpoint", "pipeline", "logs", "tags"]
)
def test_empty_section_means_defaults(tmp_path: Path, section: str) -> None:
    """A section that is there but empty equals one that is not there."""
    assert _load(tmp_path, f"{MINIMAL}{section}:\n") == _load(tmp_path, MINIMAL)


def test_empty_training_section_needs_num_round(tmp_path: Path) -> None:
    """An empty training section is a section of defaults, to which only the required hyperparameter is missing."""
    error = refusal(tmp_path, MINIMAL[: MINIMAL.index("training:\n  hyper")] + "training:\n")
    assert (error.line, error.reason.split(":")[0]) == (10, "training.hyperparameters.num_round is missing")


def test_empty_serverless_is_serverless(tmp_path: Path) -> None:
    """``serverless:`` alone asks for a serverless endpoint of default size, and for no instances."""
    endpoint = _load(tmp_path, MINIMAL + "endpoint:\n  serverless:\n").endpoint
    assert (endpoint.serverless, endpoint.instance_type, endpoint.instance_count) == (Serverless(), None, None)


def test_instances_by_default(tmp_path: Path) -> None:
    """Without serverless the endpoint has one small instance."""
    endpoint = _load(tmp_path, MINIMAL).endpoint
    assert (endpoint.instance_type, endpoint.instance_count) == ("ml.m5.large", 1)


def test_direction_follows_from_the_metric(tmp_path: Path) -> None:
    """The gate's direction is filled in for a known metric."""
    content = (
        changed("eval_metric: auc", "eval_metric: error") + "quality_gate: {metric: validation:error, threshold: 0.1}\n"
    )
    assert _load(tmp_path, content).quality_gate.direction == "minimize"


@pytest.mark.parametrize("written", ["111111111111", "'111111111111'"])
def test_unquoted_id_with_the_same_digits(tmp_path: Path, written: str) -> None:
    """An unquoted id is accepted where YAML's number has the very digits that are written."""
    assert _load(tmp_path, changed('"111111111111"', written)).accounts.shared.id == "111111111111"


def test_example() -> None:
    """The example works as it is, and names every field of the map, at least in a comment."""
    config = load(EXAMPLE)
    assert config.project == "churn"
    text = EXAMPLE.read_text()
    sections = {name: field.annotation for name, field in Config.model_fields.items()}
    for name, section in sections.items():
        assert f"{name}:" in text
        if isinstance(section, type) and hasattr(section, "model_fields"):
            for entry in section.model_fields:
                assert f" {entry}:" in text, f"{name}.{entry}"


def test_example_shows_defaults() -> None:
    """Where the example does not say otherwise, it shows the default."""
    config, defaults = load(EXAMPLE), Training()
    assert (
        config.training.model_copy(
            update={"instance_type": defaults.instance_type, "volume_gb": defaults.volume_gb, "hyperparameters": {}}
        )
        == defaults
    )
    minimal = Config(project=config.project, region=config.region, accounts=config.accounts)
    for section in ("roles", "bucket", "key", "data", "quality_gate", "endpoint", "pipeline", "logs"):
        assert getattr(config, section) == getattr(minimal, section), section
