"""Pipelines whose source is a git host or a zip: structure, rules and rights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import example
from xacct_ml.operations.operator_policies import policies
from xacct_ml.system.events import rules
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline

ARN = "arn:aws:codeconnections:us-east-1:111111111111:connection/01234567-89ab-cdef-0123-456789abcdef"
CONNECTED = example(pipeline={"repository": "acme/churn", "connection": {"arn": ARN, "paths": ("training/**",)}})
STORED = example(pipeline={"source_object": {}})


def structure(config: Any) -> dict[str, Any]:
    return pipeline(config, Keys.stand_ins(Names(config)))


def test_a_connection_is_triggered_by_branch_and_path_and_detects_nothing_by_itself() -> None:
    """Two ways to start would start twice."""
    made = structure(CONNECTED)
    (action,) = made["stages"][0]["actions"]
    assert action["configuration"] == {
        "ConnectionArn": ARN,
        "FullRepositoryId": "acme/churn",
        "BranchName": "main",
        "OutputArtifactFormat": "CODE_ZIP",
        "DetectChanges": "false",
    }
    (trigger,) = made["triggers"]
    assert trigger["gitConfiguration"] == {
        "sourceActionName": action["name"],
        "push": [{"branches": {"includes": ["main"]}, "filePaths": {"includes": ["training/**"]}}],
    }


def test_without_paths_every_push_to_the_branch_starts_a_run() -> None:
    """No filter rather than an empty one, which CodePipeline refuses."""
    config = example(pipeline={"repository": "acme/churn", "connection": {"arn": ARN}})
    (push,) = structure(config)["triggers"][0]["gitConfiguration"]["push"]
    assert push == {"branches": {"includes": ["main"]}}


def test_a_zip_is_read_by_version_and_not_polled() -> None:
    """The version's id is what the runs carry for a commit."""
    made = structure(STORED)
    (action,) = made["stages"][0]["actions"]
    assert action["configuration"]["PollForSourceChanges"] == "false"
    assert "triggers" not in made
    texts = [value for stage in made["stages"] for each in stage["actions"] for value in each["configuration"].values()]
    assert sum("#{SourceVariables.VersionId}" in text for text in texts) == 3
    assert not any("CommitId" in text for text in texts)
    assert any(text.startswith("Version #{SourceVariables.VersionId}.") for text in texts)


def created(config: Any, key: str) -> list[str]:
    """The rules that an object created under ``key`` matches."""
    names = Names(config)
    details = [(rule.name, rule.pattern["detail"]) for rule in rules(names) if rule.pattern["source"] == ["aws.s3"]]
    return [
        name for name, detail in details if names.bucket in detail["bucket"]["name"] and key in detail["object"]["key"]
    ]


def test_each_upload_matches_exactly_one_rule() -> None:
    """A data set is no source, a source no data set, and a release is neither."""
    names = Names(STORED)
    assert created(STORED, names.manifest_key) == ["churn-data"]
    assert created(STORED, "source/source.zip") == ["churn-source"]
    assert created(STORED, "source/other.zip") == []
    assert created(STORED, names.release_key) == ["churn-release"]
    assert [rule.name for rule in rules(Names(CONNECTED))] == ["churn-data", "churn-release"]


def test_a_run_reads_the_version_that_started_it() -> None:
    """Of an object: by the source action of the pipeline that the rule starts. A data set is no source of its run."""
    pinned = {rule.name: rule.target.get("InputTransformer") for rule in rules(Names(STORED))}
    assert pinned.pop("churn-data") is None
    for name, action in (("churn-source", "Object"), ("churn-release", "Request")):
        transformer = pinned.pop(name)
        assert transformer is not None
        assert transformer["InputPathsMap"] == {"version": "$.detail.object.version-id"}
        given = json.loads(transformer["InputTemplate"].replace("<version>", "v1"))
        revision = {"actionName": action, "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "v1"}
        assert given == {"sourceRevisions": [revision]}
    assert pinned == {}


@pytest.mark.parametrize("config", [CONNECTED, STORED, example()], ids=["connection", "object", "codecommit"])
def test_the_rules_are_those_of_the_names(config: Any) -> None:
    """Roles and operators name them without looking at the documents."""
    names = Names(config)
    assert tuple(rule.name for rule in rules(names)) == (*names.start_rules, names.release_rule)


@pytest.mark.parametrize("config", [CONNECTED, STORED], ids=["connection", "object"])
def test_nobody_gets_rights_on_codecommit(config: Any) -> None:
    """There is no repository of ours."""
    assert "codecommit:" not in str(policies(config))
    assert "codecommit" not in str(structure(config)).lower()
