"""A project in the embedded AWS, driven through the same functions as the commands."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from tests.live import where
from tests.operator_calls import kept
from tests.silent import Silent
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.dataset.answers import Prediction
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.engine.events import Report
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.demo import client_environment
from xacct_ml.operations.embedded import embedded
from xacct_ml.operations.predict import ask, served
from xacct_ml.operations.runs.approval import decide
from xacct_ml.operations.runs.executions import IN_PROGRESS, executions
from xacct_ml.operations.runs.pipelines import find_in_both, states
from xacct_ml.operations.runs.review import review
from xacct_ml.operations.runs.stages import pending_approvals
from xacct_ml.operations.runs.status import Status, status
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.system.bucket_layout import EVALUATIONS_PREFIX
from xacct_ml.system.names import Names
from xacct_ml.system.template import CONFIGURATION_FILE, configuration

DATA = Path(str(resources.files("xacct_ml.emulator").joinpath("data")))
PATIENCE_SECONDS, LOOK_SECONDS = 240, 0.05
REAL_PATIENCE_SECONDS, REAL_LOOK_SECONDS = 3 * 3600, 10.0
"""In real accounts: a training job waits for its instances, an endpoint for its own."""

T = TypeVar("T")


class Project:
    def __init__(self, config: Config, aws: EmbeddedAws | where.RealAws) -> None:
        self.config = config
        self.aws: Any = aws
        self.names = Names(config)
        self.accounts = Accounts(config)
        self.target = config.accounts.production[0]

    # -- what a user does ------------------------------------------------------------------------------------------
    def bootstrap(self) -> Report:
        report = bootstrap(self.config, self.accounts, lambda _: None).report
        report.raise_failures()
        return report

    def upload(self, train: Path = DATA / "train.csv", validation: Path = DATA / "validation.csv") -> None:
        upload_data(self.config, self.accounts, check_files(train, validation, Silent()), Silent())

    def create_pipeline(self) -> None:
        create_pipeline(self.config, self.accounts, lambda _: None)

    def tuned(self, **parameters: str) -> bytes:
        """The map's configuration file with other parameters."""
        content = configuration(self.config)
        content["Parameters"] |= parameters
        return json.dumps(content).encode()

    def push(self, **parameters: str) -> str:
        """Commits the map's configuration with other parameters, with an ordinary client; the commit's id."""
        codecommit = self.aws.administrator(self.names.repository_account).client("codecommit")
        repository, branch = self.names.repository, self.names.branch
        head = codecommit.get_branch(repositoryName=repository, branchName=branch)["branch"]["commitId"]
        commit: str = codecommit.create_commit(
            repositoryName=repository,
            branchName=branch,
            parentCommitId=head,
            commitMessage="tune",
            putFiles=[{"filePath": CONFIGURATION_FILE, "fileContent": self.tuned(**parameters)}],
        )["commitId"]
        return commit

    def judge(self, execution: str, *, approve: bool) -> None:
        decide(
            self.config, self.accounts, review(self.config, self.accounts, execution), approve=approve, summary="test"
        )

    # -- what is there ---------------------------------------------------------------------------------------------
    def runs(self) -> list[str]:
        """Ids, oldest first."""
        return [run.id for run in reversed(executions(self.config, self.accounts))]

    def waiting(self) -> list[str]:
        """The runs and releases that wait for approval, in the pipelines' order."""
        of_all = states(self.config, self.accounts)
        return [each.execution for state in of_all for each in pending_approvals(state)]

    def status(self, execution: str | None = None) -> Status:
        return status(self.config, self.accounts, execution)

    def asked(self) -> Prediction:
        """What the operator's ``predict`` is answered, of the row that :meth:`predict` asks about."""
        serving = served(self.config, self.accounts, self.target)
        (found,) = ask(self.config, self.accounts, self.target, [_first_row()], serving.schema)
        return found

    def predict(self) -> float:
        runtime = self.aws.administrator(self.target.id).client("sagemaker-runtime")
        row = _first_row()
        answer = runtime.invoke_endpoint(EndpointName=self.names.endpoint, ContentType="text/csv", Body=row)
        return float(answer["Body"].read())

    def evaluation(self, execution: str) -> dict[str, Any]:
        s3 = self.accounts.client(self.names.shared, "s3")
        listed = s3.list_objects_v2(Bucket=self.names.bucket, Prefix=f"{EVALUATIONS_PREFIX}/{execution}/")
        (found,) = listed["Contents"]
        body = s3.get_object(Bucket=self.names.bucket, Key=found["Key"])["Body"].read()
        record: dict[str, Any] = json.loads(body)
        return record

    # -- waiting ---------------------------------------------------------------------------------------------------
    def settled(self, execution: str) -> Status:
        """The run's status once it has ended or waits for approval."""

        def look() -> Status | None:
            found = find_in_both(self.config, self.accounts, execution)
            if found and found.run.status == IN_PROGRESS and execution not in self.waiting():
                return None  # cheaper than a whole status
            now = self.status(execution)
            return now if now.settled else None

        found = eventually(look, f"run {execution} neither ended nor waits for approval")
        eventually(_no_function_runs, "a function did not come to its end")
        return found

    def deployed(self, execution: str) -> Status:
        """The run's status once it waited for approval, was approved and has succeeded."""
        waiting = self.settled(execution)
        assert waiting.waits_for_approval, waiting
        self.judge(execution, approve=True)
        ended = self.settled(execution)
        assert ended.execution is not None
        assert ended.execution.status == "Succeeded", ended
        return ended

    def new_run(self, known: list[str]) -> str:
        """The run that started since ``known``."""
        return eventually(lambda: next((run for run in self.runs() if run not in known), None), "no new run started")


def _first_row() -> str:
    return (DATA / "validation.csv").read_text().splitlines()[0].partition(",")[2]


def _no_function_runs() -> bool | None:
    """A function that told the pipeline its result still has its log to write: a teardown that came before would take
    the log's group away, and Lambda would be refused to make it again."""
    return None if any(thread.name.startswith("lambda ") for thread in threading.enumerate()) else True


def eventually(look: Callable[[], T | None], complaint: str) -> T:
    embedded_here = where.real() is None
    deadline = time.monotonic() + (PATIENCE_SECONDS if embedded_here else REAL_PATIENCE_SECONDS)
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise AssertionError(complaint)
        time.sleep(LOOK_SECONDS if embedded_here else REAL_LOOK_SECONDS)
    return found


@contextmanager
def project(config: Config, pace: Pace | None = None, **how: Any) -> Iterator[Project]:
    """An embedded AWS of its own with nothing in it but the accounts, and this process's environment pointing at it; or
    the accounts of the user's map (:mod:`tests.live.where`), with nothing of the project in them."""
    if where.real() is not None:
        fitted = where.fitted(config)
        made = Project(fitted, where.RealAws(Accounts(fitted)))
        made.accounts.verify()
        with where.removed_afterwards(fitted, made.accounts):
            yield made
        return
    with (
        embedded(config, pace=pace, notices=lambda _: None, **how) as aws,
        client_environment(aws.environment()),
        kept(aws),
    ):
        yield Project(config, aws)
