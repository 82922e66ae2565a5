"""The pipeline is made only when run 1 has all it needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from xacct_ml.data.upload import current_manifest
from xacct_ml.errors import NotReady
from xacct_ml.foundation import branch_head, key_arn
from xacct_ml.naming import Names
from xacct_ml.pipeline import create_pipeline_input


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RepositoryDoesNotExistException", "there is no repository churn yet"),
        ("BranchDoesNotExistException", "the repository churn has no commit on main yet"),
    ],
)
def test_without_a_commit_there_is_nothing_to_run(code: str, message: str) -> None:
    """The next step is bootstrap, which makes the first commit."""
    accounts = FakeAccounts({(SHARED, "codecommit"): FakeClient(get_branch=refused("GetBranch", code))})
    with pytest.raises(NotReady, match=message) as caught:
        branch_head(example(), accounts)
    assert caught.value.next_step == "xacct-ml bootstrap"


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport"])
def test_a_key_that_cannot_be_used_is_no_key(state: str) -> None:
    """Bootstrap brings it back."""
    answer = {"KeyMetadata": {"Arn": "arn", "KeyState": state}}
    with pytest.raises(NotReady, match=state):
        key_arn(example(), FakeAccounts({(SHARED, "kms"): FakeClient(describe_key=answer)}))


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_without_data_there_is_no_manifest(code: str) -> None:
    """Not an error to look for it."""
    accounts = FakeAccounts({(SHARED, "s3"): FakeClient(get_object=refused("GetObject", code))})
    assert current_manifest(example(), accounts) is None


def test_the_cli_input_has_the_pipeline_and_its_tags_alone() -> None:
    """`aws codepipeline create-pipeline --cli-input-json` knows no other member; tags are its lower-case form."""
    config = example(tags={"team": "ads"})
    document: dict[str, Any] = json.loads(json.dumps(create_pipeline_input(config, Names(config).key_arn())))
    assert set(document) == {"pipeline", "tags"}
    assert document["tags"] == [{"key": "team", "value": "ads"}, {"key": "xacct-ml:project", "value": "churn"}]
    assert document["pipeline"]["name"] == "churn"
