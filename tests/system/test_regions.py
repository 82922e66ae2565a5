"""Documents of maps whose targets are in other regions than the pipeline."""

from __future__ import annotations

import json

from tests.configs import SHARED, TRAINING, example, ireland
from xacct_ml.config.model import Config, Wave
from xacct_ml.operations.operator_policies import policies
from xacct_ml.system.bucket import bucket_policy
from xacct_ml.system.key import key_policy
from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import copy_environment
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline
from xacct_ml.system.roles import roles
from xacct_ml.validation.document_sizes import check_sizes, sizes

MAIN, THERE = "arn:aws:kms:us-east-1:111111111111:key/main", "arn:aws:kms:eu-west-1:111111111111:key/there"
KEYS = Keys.of({"us-east-1": MAIN, "eu-west-1": THERE, "eu-west-2": "arn:aws:kms:eu-west-2:111111111111:key/second"})


def several(*targets: tuple[str, str, str | None]) -> Config:
    """Targets by name, account and region."""
    entries = tuple({"name": name, "id": id_, "region": region} for name, id_, region in targets)
    return example(accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": entries})


def test_a_store_for_each_region_once_there_is_another() -> None:
    """``artifactStore`` or ``artifactStores``, never both; each with its own region's key."""
    assert "artifactStores" not in pipeline(example(), Keys.of({"us-east-1": MAIN}))
    structure = pipeline(ireland(), Keys.of({"us-east-1": MAIN, "eu-west-1": THERE}))
    assert "artifactStore" not in structure
    assert {
        region: (store["location"], store["encryptionKey"]["id"])
        for region, store in structure["artifactStores"].items()
    } == {"us-east-1": ("churn-111111111111-us-east-1", MAIN), "eu-west-1": ("churn-111111111111-eu-west-1", THERE)}


def test_the_model_is_copied_once_for_a_region_before_any_deployment() -> None:
    """And deployed by an action of the target's region."""
    config = several(
        ("a", "333333333333", None), ("b", "333333333333", "eu-west-1"), ("c", "444444444444", "eu-west-1")
    )
    *_, deploy = pipeline(config, KEYS)["stages"]
    assert [(action["name"], action["runOrder"], action["region"]) for action in deploy["actions"]] == [
        ("copy-eu-west-1", 1, "us-east-1"),
        ("a", 2, "us-east-1"),
        ("b", 2, "eu-west-1"),
        ("c", 2, "eu-west-1"),
        ("Live", 3, "us-east-1"),
    ]
    copy = deploy["actions"][0]
    assert "roleArn" not in copy
    assert json.loads(copy["configuration"]["UserParameters"])["region"] == "eu-west-1"


def test_each_wave_copies_for_its_own_targets() -> None:
    """A later wave's regions get the model no sooner than that wave."""
    config = several(
        ("a", "333333333333", None), ("b", "333333333333", "eu-west-1"), ("c", "444444444444", "eu-west-2")
    )
    waves = (Wave(name="first", targets=("a", "b")), Wave(name="rest", targets=("c",)))
    stages = pipeline(config.model_copy(update={"waves": waves}), KEYS)["stages"]
    deployed = {stage["name"]: [action["name"] for action in stage["actions"]] for stage in stages}
    assert deployed["Deploy-first"] == ["copy-eu-west-1", "a", "b", "Live"]
    assert deployed["Deploy-rest"] == ["copy-eu-west-2", "c", "Live"]


def test_only_a_regions_endpoints_are_named_in_its_documents() -> None:
    """Neither bucket nor key of one region knows the roles of another's targets."""
    config = several(("a", "333333333333", None), ("b", "333333333333", "eu-west-1"))
    names = Names(config)
    here, there = map(names.endpoint_role, names.production)
    mains = json.dumps([bucket_policy(config, KEYS, "us-east-1"), key_policy(config, "us-east-1")])
    others = json.dumps([bucket_policy(config, KEYS, "eu-west-1"), key_policy(config, "eu-west-1")])
    assert f'"{here}"' in mains
    assert f'"{there}"' not in mains
    assert f'"{there}"' in others
    assert f'"{here}"' not in others


def test_without_endpoints_in_the_pipelines_region_its_bucket_has_no_statement_for_them() -> None:
    """A statement with no principal would be refused."""
    sids = [statement["Sid"] for statement in bucket_policy(ireland(), KEYS, "us-east-1")["Statement"]]
    assert "EndpointReadsModels" not in sids


def test_roles_of_one_account_are_told_apart_by_region() -> None:
    """Roles know no region."""
    config = several(("a", "333333333333", None), ("b", "333333333333", "eu-west-1"))
    made = [role.name for role in roles(config, KEYS) if role.account == "333333333333"]
    assert len(set(made)) == len(made) == 6
    assert "churn-endpoint" in made
    assert "churn-endpoint-eu-west-1" in made
    assert Names(config).job_of("churn-endpoint-eu-west-1") == Names(config).job_of("churn-endpoint") == "endpoint"


def test_an_operator_of_two_targets_has_the_rights_of_both() -> None:
    """One account, one set of policies."""
    config = several(("a", "333333333333", None), ("b", "333333333333", "eu-west-1"))
    text = json.dumps(policies(config)["333333333333"])
    for target in config.accounts.production:
        assert Names(config).function_arn(target) in text
        assert Names(config).deploy_action_role(target) in text


def test_the_copies_know_the_key_of_each_region() -> None:
    """Uploads must name it: the bucket refuses them otherwise."""
    variables = copy_environment(ireland(), KEYS)
    assert json.loads(variables["DESTINATIONS"]) == {
        "eu-west-1": {"bucket": "churn-111111111111-eu-west-1", "key": THERE}
    }


def test_sizes_of_the_regions_documents_are_checked() -> None:
    """Sixteen targets in eight regions of eight accounts fit."""
    regions = ("eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-south-1", "eu-central-1", "us-west-2", None)
    config = several(*((f"t{n}", f"{300_000_000_000 + n // 2}", regions[n % 8]) for n in range(16)))
    check_sizes(config)
    checked = {size.document for size in sizes(config)}
    assert {"bucket policy of eu-west-1", "key policy of eu-west-1"} <= checked
    assert "environment of the function that copies models" in checked
