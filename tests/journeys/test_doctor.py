"""``doctor`` in the embedded AWS, as the operators whose policies ``render`` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.configs import PRODUCTION, with_source_account
from tests.journeys.project import Project, project
from xacct_ml.emulator.services.servicequotas import moto_patches as quotas
from xacct_ml.errors import XacctError
from xacct_ml.operations.doctor.check import State
from xacct_ml.operations.doctor.examination import Examination, before_writing, examine

pytestmark = pytest.mark.long

LONGEST_SECONDS = 240.0
"""All of the embedded AWS is in this process: it takes its time where others have the processors."""


@pytest.fixture(scope="module")
def empty() -> Iterator[Project]:
    """Accounts with nothing in them."""
    with project(with_source_account(roles={"permissions_boundary": "limit"})) as made:
        yield made


def refused(made: Project) -> list[str]:
    return [str(entry) for entry in made.aws.requests.entries(allowed=False, principal="xacct-ml-operator")]


def of(found: Examination, state: State) -> set[str]:
    return {result.check.what for result in found.of(state)}


def test_nothing_is_wrong_and_nothing_is_denied(empty: Project) -> None:
    """With what is billed, too. What AWS does not tell is unknown: there is no organization, and no repository yet."""
    found = examine(empty.config, empty.accounts, paid=True, seconds=LONGEST_SECONDS)
    assert [result.finding.sentence for result in found.of(State.FAILED)] == []
    assert of(found, State.UNKNOWN) == {"organization's policies", "CodeCommit"}
    assert "access not granted" in of(found, State.OK)
    assert refused(empty) == []
    writing = ("Put", "Create", "Update", "Delete", "Start", "Tag")
    assert [one for one in empty.aws.requests if one.operation.startswith(writing)] == []


def test_a_missing_right_and_a_small_quota_are_found(empty: Project) -> None:
    """Before they cost anything: the operator of production loses a policy, and its quota is one instance."""
    iam = empty.aws.administrator(PRODUCTION).client("iam")
    policy = iam.get_role_policy(RoleName="xacct-ml-operator", PolicyName="endpoint")["PolicyDocument"]
    quotas.limits[PRODUCTION, "ml.m5.large for endpoint usage"] = 1.0
    iam.delete_role_policy(RoleName="xacct-ml-operator", PolicyName="endpoint")
    try:
        found = examine(empty.config, empty.accounts, seconds=LONGEST_SECONDS)
        failed = {result.check.what: result.finding for result in found.of(State.FAILED)}
    finally:
        iam.put_role_policy(RoleName="xacct-ml-operator", PolicyName="endpoint", PolicyDocument=json.dumps(policy))
        quotas.limits.clear()
    assert set(failed) == {"operator's rights", "SageMaker's quotas"}
    assert "are not allowed" in failed["operator's rights"].sentence
    assert "cloudwatch:DeleteAlarms on arn:aws:cloudwatch" in failed["operator's rights"].sentence
    assert failed["SageMaker's quotas"].sentence == "ml.m5.large for endpoint usage is 1, needed are 2"


def test_a_boundary_that_is_not_there_stops_bootstrap_before_its_first_write(empty: Project) -> None:
    arn = f"arn:aws:iam::{PRODUCTION}:policy/limit"
    iam = empty.aws.administrator(PRODUCTION).client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    iam.delete_policy(PolicyArn=arn)
    try:
        with pytest.raises(XacctError, match=f"permissions boundary in account {PRODUCTION}"):
            before_writing(empty.config, empty.accounts)
        with pytest.raises(XacctError, match="does not exist"):
            empty.bootstrap()
    finally:
        iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(document))
    assert empty.aws.administrator(empty.names.shared).client("s3").list_buckets()["Buckets"] == []


def test_after_bootstrap_the_key_is_looked_at_too(empty: Project) -> None:
    """The last test of the module: the repository is there, and the operators' policies name the key."""
    empty.bootstrap()
    found = examine(empty.config, empty.accounts, seconds=LONGEST_SECONDS)
    assert [result.finding.sentence for result in found.of(State.FAILED)] == []
    assert of(found, State.UNKNOWN) == {"organization's policies"}
    assert refused(empty) == []
