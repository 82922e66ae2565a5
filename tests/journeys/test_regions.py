"""The documented map with endpoints in two regions, from nothing to nothing, in the embedded AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.project import Project, project
from tests.journeys.releases import released, request_of
from xacct_ml.access.model import PrincipalKind, Request
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.operations import policies
from xacct_ml.operations.deployed_policies import differences
from xacct_ml.operations.teardown.deletion import TeardownResult, inventory, teardown
from xacct_ml.proof.prove import prove
from xacct_ml.proof.rehearsal import job_of, rehearsed, resource_class
from xacct_ml.system.names import Names
from xacct_ml.validation import load

pytestmark = pytest.mark.long

CONFIG = load(Path(__file__).parents[2] / "docs" / "maps" / "regions.yaml")
NAMES = Names(CONFIG)
PLACES = [("virginia", "us-east-1"), ("ireland", "eu-west-1")]

Kind = tuple[str, str, str]


@pytest.fixture(scope="module")
def life() -> Iterator[tuple[Project, str, TeardownResult]]:
    """One run that is approved, then teardown; what may only be looked at in between is asserted here."""
    with project(CONFIG, Pace(lambda_continuation=1.0)) as made:  # few invocations: each is a process
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (run,) = made.runs()
        waiting = made.settled(run)
        assert waiting.waits_for_approval, waiting
        assert _models(made, "eu-west-1") == []  # not before the approval
        made.judge(run, approve=True)
        ended = made.settled(run)
        assert ended.execution is not None
        assert ended.execution.status == "Succeeded", ended
        assert [(endpoint.target, endpoint.status) for endpoint in ended.endpoints] == [
            (name, "InService") for name, _ in PLACES
        ]
        for target, (_, region) in zip(CONFIG.accounts.production, PLACES, strict=True):
            serving = made.aws.administrator(target.id).client("sagemaker", region)
            (model,) = serving.list_models()["Models"]
            url = serving.describe_model(ModelName=model["ModelName"])["PrimaryContainer"]["ModelDataUrl"]
            assert url.startswith(f"s3://churn-111111111111-{region}/judged/")
        assert released(made, request_of(made, run))[1:] == ("Succeeded", "")
        assert made.bootstrap().written == ()
        live = policies.live(CONFIG, made.accounts)
        assert set(live.world.keys.others) == {"eu-west-1"}
        assert differences(live) == ()
        assert prove(live.world).holds
        yield made, run, teardown(CONFIG, made.accounts, lambda _: None, delete_evidence=True)


def _models(made: Project, region: str) -> list[str]:
    """The copies, as the operator's teardown may list them."""
    s3 = made.accounts.client(NAMES.shared, "s3", region)
    return [found["Key"] for found in s3.list_objects_v2(Bucket=NAMES.bucket_in(region)).get("Contents", ())]


def test_nothing_is_denied_on_the_way(life: tuple[Project, str, TeardownResult]) -> None:
    """The rendered policies, the operators' among them, are enough for all of it."""
    made, _, _ = life
    assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []


def test_every_region_is_emptied(life: tuple[Project, str, TeardownResult]) -> None:
    """What is left are the keys, which wait for their deletion, and what AWS's services own."""
    made, _, torn = life
    assert [failure.error.lines() for failure in torn.report.failures] == []
    alias = "KMS key alias/churn"
    left = {left.what for left in torn.left if left.account == NAMES.shared}
    assert left == {alias, f"{alias} in eu-west-1"}
    found = inventory(CONFIG, made.accounts).found
    assert {each.resource.kind for each in found} == {"KMS key"}


def test_the_run_and_the_hops_agree(life: tuple[Project, str, TeardownResult]) -> None:
    """Everything that the roles ask for is a hop, and every hop of the copies that should be asked for is."""
    made, _, _ = life
    requests = [
        Request(entry.principal, entry.asked.action, entry.asked.resource, entry.asked.account)
        for entry in made.aws.requests
    ]
    asked = {
        _kind(request)
        for request in requests
        if job_of(NAMES, request) is not None or request.principal.kind is PrincipalKind.SERVICE
    }
    listed = [hop.request for hop in policies.world(CONFIG).hops]
    assert sorted(asked - set(map(_kind, listed))) == []
    new = [
        request
        for request in listed
        if job_of(NAMES, request) == "copy-model" or any(region in request.resource for region in NAMES.other_regions)
    ]
    unasked = [request for request in new if rehearsed(NAMES, request) and _kind(request) not in asked]
    # A first run makes endpoints; it updates none, and so watches no alarms.
    assert {request.action for request in unasked} == {"sagemaker:UpdateEndpoint", "cloudwatch:DescribeAlarms"}
    assert sorted(_kind(request) for request in new if not rehearsed(NAMES, request) and _kind(request) in asked) == []


def _kind(request: Request) -> Kind:
    """Keys by their region: their ids are another in every rehearsal."""
    principal, resource = request.principal, request.resource
    if resource.startswith("arn:aws:kms:"):
        resource = resource.partition(":key/")[0]
    return principal.role_arn or principal.arn, request.action, resource_class(NAMES, resource)
