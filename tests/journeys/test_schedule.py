"""A week of scheduled runs: the clock is set from day to day; a run that waits for its approval is not overtaken."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.configs import example
from tests.journeys.hops import asked_for, listed
from tests.journeys.project import Project, eventually, project
from xacct_ml.config.model import Schedule
from xacct_ml.emulator.services.scheduler import moto_patches as scheduler
from xacct_ml.emulator.services.sns import moto_patches as sns
from xacct_ml.engine.events import Deleted
from xacct_ml.operations.bootstrap import bootstrap, plan_project
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.runs import schedule_notes
from xacct_ml.operations.runs.log_places import Of
from xacct_ml.operations.runs.logs import Reader, run_logs
from xacct_ml.operations.runs.schedule_notes import ScheduleNote
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}
WEEK = {"schedule": {"expression": "cron(0 6 ? * * *)", "timezone": "Europe/Berlin"}}
WAITS = "waits for the approval Approve/Review"
MONDAY = datetime(2096, 11, 26, 4, tzinfo=UTC)
"""In winter, and later than any run starts: runs have the real clock's time, and one that started after a time of the
schedule counts as that time's."""


class SetClock:
    """Stands until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def notes(made: Project) -> list[ScheduleNote]:
    """Oldest first, as the operator reads them."""
    return list(reversed(schedule_notes.notes(made.config, made.accounts, 100)))


def next_day(made: Project, clock: SetClock) -> ScheduleNote:
    """What came of it."""
    known = len(notes(made))
    clock.now += timedelta(days=1)
    eventually(lambda: len(notes(made)) > known or None, "nothing was noted")
    return notes(made)[-1]


def test_a_week_of_scheduled_runs() -> None:
    clock = SetClock(MONDAY)
    with project(example(training={"hyperparameters": HYPERPARAMETERS}, **WEEK), clock=clock) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        account, region = made.names.shared, made.names.region

        monday = next_day(made, clock)
        assert monday == ScheduleNote(MONDAY + timedelta(hours=1), True, first, WAITS)
        assert made.runs() == [first]

        made.judge(first, approve=True)
        made.settled(first)
        tuesday = next_day(made, clock)
        second = made.new_run([first])
        assert (tuesday.skipped, tuesday.run) == (False, second)
        made.settled(second)
        assert next_day(made, clock).reason == WAITS
        made.judge(second, approve=False)
        made.settled(second)
        assert not next_day(made, clock).skipped
        (third,) = (run for run in made.runs() if run not in (first, second))
        made.settled(third)
        assert all(next_day(made, clock).skipped for _ in range(3))
        assert len(notes(made)) == 7
        assert [str(each.error) for each in scheduler.invocations(account, region) if each.error] == []

        hops, asked = listed(made.config), asked_for(made)
        assert sorted(asked - hops.keys()) == []
        jobs = {made.names.scheduler_role, made.names.schedule_function_role}
        assert {hop for hop in hops if hop[0] in jobs} == {one for one in asked if one[0] in jobs}
        assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []
        teardown(made.config, made.accounts, lambda _: None, delete_evidence=True).report.raise_failures()
        left = made.aws.administrator(account).client("scheduler")
        assert [group["Name"] for group in left.list_schedule_groups()["ScheduleGroups"]] == ["default"]
        assert left.list_schedules()["Schedules"] == []


def test_what_comes_twice_is_one_run() -> None:
    """Scheduler and Lambda deliver at least once."""
    clock = SetClock(MONDAY)
    with project(example(training={"hyperparameters": HYPERPARAMETERS}, **WEEK), clock=clock) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        noted = next_day(made, clock)
        made.judge(first, approve=False)
        made.settled(first)
        functions = made.aws.administrator(made.names.shared).client("lambda")
        again = json.dumps({"time": f"{noted.time:%Y-%m-%dT%H:%M:%SZ}"}).encode()
        answer = functions.invoke(FunctionName=made.names.schedule_function, Payload=again)
        assert "FunctionError" not in answer
        assert (made.runs(), notes(made)) == ([first], [noted])


def test_people_are_told_that_no_run_was_started() -> None:
    """Of the function that is denied, and of the call; what the function printed says why."""
    clock, told = SetClock(MONDAY), {"notifications": {"emails": ("ml-team@example.com",)}}
    with project(example(training={"hyperparameters": HYPERPARAMETERS}, **WEEK, **told), clock=clock) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        made.settled(made.runs()[0])
        names, iam = made.names, made.aws.administrator(made.names.shared).client("iam")
        eventually(lambda: sns.notifications(names.shared, names.region) or None, "nobody was asked to approve")

        def next_message(policy: str, role: str) -> str:
            known = len(sns.notifications(names.shared, names.region))
            iam.delete_role_policy(RoleName=role, PolicyName=policy)
            clock.now += timedelta(days=1)
            eventually(lambda: len(sns.notifications(names.shared, names.region)) > known or None, "nobody was told")
            found = sns.notifications(names.shared, names.region)[-1]
            assert (found.error, found.told) == (None, ("ml-team@example.com",))
            return found.message

        missed = "At a time of the schedule, no run of churn was started"
        failed = next_message("run", "churn-schedule-function")
        assert failed.startswith(f"ALARM: churn-schedule-function: {missed}: its function failed.")
        log = run_logs(made.config, made.accounts, None, Of.SCHEDULE)
        lines = [line.message for line in Reader(made.accounts).read(log.logs)]
        assert any("AccessDenied" in line and "codepipeline:ListPipelineExecutions" in line for line in lines)
        uncalled = next_message("invoke", "churn-scheduler")
        assert uncalled.startswith(f"ALARM: churn-schedule-call: {missed}: its function could not be invoked.")


def test_a_map_without_it_takes_it_away() -> None:
    """So that nobody starts runs any more; what is left for the last teardown is nothing."""
    config = example(training={"hyperparameters": HYPERPARAMETERS})
    with project(config.model_copy(update={"schedule": Schedule(**WEEK["schedule"])})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        made.settled(made.runs()[0])
        (note,) = (one for one in plan_project(config, made.accounts).notes if "schedule churn-retraining" in one)
        assert "create-pipeline deletes them" in note
        report = create_pipeline(config, made.accounts).report
        report.raise_failures()
        gone = [id_ for id_, outcome in report.outcomes.items() if isinstance(outcome, Deleted)]
        assert (gone[0], gone[-1], len(gone)) == ("shared/schedule", "shared/schedule-group", 6)
        bootstrap(config, made.accounts).report.raise_failures()  # the key's policy does not name the role any more
        assert plan_project(config, made.accounts).empty
        assert create_pipeline(config, made.accounts).report.written == ()
