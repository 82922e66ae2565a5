"""The state machine's definition: whole, with every place filled."""

from __future__ import annotations

import json
import re

from tests.configs import example
from xacct_ml.system.state_machine import definition_text

FILLED = {
    "HyperParameters": '"num_round": "50"',
    "GateThreshold": "0.8",
    "InstanceCount": "1",
    "VolumeGB": "30",
    "MaxRuntimeSeconds": "3600",
    "GateComparison": "NumericGreaterThanEquals",
}


def definition(text: str) -> dict[str, dict[str, dict[str, object]]]:
    filled: dict[str, dict[str, dict[str, object]]] = json.loads(
        re.sub(r"\$\{(\w+)\}", lambda place: FILLED.get(place[1], place[1]), text)
    )
    return filled


def test_filled_text_is_json_with_numbers_where_sagemaker_wants_numbers() -> None:
    """Texts from CloudFormation parameters must not become quoted numbers."""
    job = definition(definition_text(example()))["States"]["Train"]["Parameters"]
    assert isinstance(job, dict)
    assert job["ResourceConfig"]["VolumeSizeInGB"] == 30
    assert job["HyperParameters"] == {"num_round": "50"}


def test_every_transition_leads_to_a_state() -> None:
    """cfn-lint does not see a dangling Next."""
    machine = definition(definition_text(example()))
    states = machine["States"]
    targets = {machine["StartAt"], *re.findall(r'"(?:Next|Default)": "(\w+)"', definition_text(example()))}
    assert targets == set(states)


def test_model_and_record_are_encrypted_with_the_key() -> None:
    """Without KmsKeyId SageMaker would use the training account's own key, which production can never read."""
    states = definition(definition_text(example()))["States"]
    assert states["Train"]["Parameters"]["OutputDataConfig"]["KmsKeyId"] == "KeyArn"  # type: ignore[index]
    assert states["Record"]["Parameters"]["SsekmsKeyId"] == "KeyArn"  # type: ignore[index]


def test_integrations_follow_the_partition() -> None:
    """Service integrations are ARNs too."""
    assert "arn:aws:states" not in definition_text(example(region="us-gov-west-1"))
