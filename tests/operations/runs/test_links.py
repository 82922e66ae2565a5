"""The console's page of what an action did."""

from __future__ import annotations

from tests.configs import PRODUCTION, SHARED, TRAINING, example, ireland
from xacct_ml.operations.runs.links import links, run_link
from xacct_ml.operations.runs.stages import Action, Stage
from xacct_ml.system.names import Names

NAMES = Names(example())


def of(stage: str, action: Action, names: Names = NAMES, failure: str | None = None) -> tuple[str, str]:
    found = links(names, "churn", "run-1", [Stage(stage, action.status, (action,))], failure)[stage, action.name]
    return found.url.partition(".com/")[2], found.account


def test_each_kind_of_action_has_its_page() -> None:
    """In whichever account it is."""
    trained = Action("StateMachine", "Failed", external_id=NAMES.execution_arn("churn-1"))
    assert of("Train", trained) == ("sagemaker/home?region=us-east-1#/jobs/churn-1", TRAINING)
    page, account = of("Workflow", Action("TrainingStack", "Failed"))
    assert (page.endswith("#/stacks/events?stackId=churn-training"), account) == (True, TRAINING)
    page, account = of("Judge", Action("Evaluation", "InProgress"))
    assert (page.endswith("$252Fchurn-judge"), account) == (True, SHARED)
    page, account = of("Deploy", Action("ireland", "Failed"), Names(ireland()))
    assert (page.startswith("cloudwatch/home?region=eu-west-1"), account) == (True, PRODUCTION)
    broken = Action("production", "Failed")
    assert of("Deploy", broken, failure="endpoint") == ("sagemaker/home?region=us-east-1#/endpoints/churn", PRODUCTION)


def test_what_has_none_is_shown_with_its_run() -> None:
    """A source, an approval, a training that has not begun."""
    run = run_link(NAMES, "churn", "run-1")
    for stage, action in (("Source", "Repository"), ("Approve", "Review"), ("Train", "StateMachine")):
        found = links(NAMES, "churn", "run-1", [Stage(stage, "InProgress", (Action(action, "InProgress"),))])
        assert found[stage, action] == run
