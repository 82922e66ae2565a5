"""A run without one statement: where ``prove`` says that it fails, and where it does fail.

Each rehearsal is the whole way of a change: new code is pushed, a new data set is uploaded and starts the run, the run
is approved if it waits, the endpoint is updated. The rule that starts a run on a push is switched off, so that one
rehearsal is one run. A project's first run asks for things that no later one asks for (the state machine, the endpoint
are created); statements that matter there first are rehearsed in a project of their own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from tests.configs import example
from tests.journeys.project import DATA, PATIENCE_SECONDS, Project, project
from tests.journeys.stored import Statement, allowing_statements
from xacct_ml.access.model import PrincipalKind, Request
from xacct_ml.emulator.core.log import Decided
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.errors import XacctError
from xacct_ml.operations import policies
from xacct_ml.operations.preconditions import keys
from xacct_ml.proof.prove import prove
from xacct_ml.proof.rehearsal import job_of, rehearsed, resource_class
from xacct_ml.proof.requests.action import RELEASE
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.proof.requests.lambda_running import MISSING_OBJECT
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE
from xacct_ml.system.names import Names

Kind = tuple[str, str, str]
"""Who (a role's ARN, or a service), which action, on which class of resources."""

DATA_STEP, START_STEP = "Data", "Start"
"""The steps of a rehearsal before the pipeline's stages, called as the hops call them."""

PACE = Pace(poll=0.02, lambda_continuation=0.1, endpoint_transition=0.05, lambda_reply=40)
"""``lambda_reply``: CodePipeline's 20 minutes for a function that cannot answer, cut to what no healthy one takes."""

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"}


_LOGS_OF_JOBS = frozenset({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"})
SURVIVED: Mapping[str, frozenset[str]] = {
    "training": _LOGS_OF_JOBS,
    "scoring": _LOGS_OF_JOBS,
    "copy-model": frozenset({"logs:CreateLogStream", "logs:PutLogEvents"}),
    "judge": frozenset({"logs:CreateLogStream", "logs:PutLogEvents"}),
    "deploy-function": frozenset({"logs:CreateLogStream", "logs:PutLogEvents"}),
}
"""Job of the role to actions whose denial a run survives: without them there are no logs, and that is all.

Lambda Operator Guide, "Access to CloudWatch Logs": "the function still runs but it is unable to log any output" [D].
That SageMaker's training jobs and batch transforms go on as well is assumed [U]."""


@dataclass(frozen=True)
class Outcome:
    """How a rehearsal ended: ``failed`` is its step or stage, None where the model is served; ``message`` is why.

    ``refused`` are the requests of the project's roles, of the services that assume them and of the shared account's
    operator, in their order. ``asked`` is all that was asked for. ``run`` is None where no run came to be."""

    failed: str | None
    message: str
    refused: tuple[Decided, ...]
    asked: frozenset[Kind]
    run: str | None = None


@dataclass(frozen=True)
class Expectation:
    """What the hops that are ``denied`` without a statement mean for a rehearsal.

    ``refused`` is the first of them that it asks for, ``fails`` the first that it does not survive; None for neither.
    """

    denied: tuple[Hop, ...]
    refused: Hop | None
    fails: Hop | None

    @property
    def stage(self) -> str | None:
        """Where the rehearsal fails. The production accounts' stages are one stage of the pipeline."""
        return None if self.fails is None else self.fails.stage.split(" ")[0]


@dataclass(frozen=True)
class Verdict:
    """``complaints`` are empty where the rehearsal did what the proof says."""

    statement: str
    expected: Expectation
    outcome: Outcome
    complaints: tuple[str, ...]


Check = Callable[["Rehearsals", Statement, Expectation, Outcome], Iterator[str]]
"""A further judge of a rehearsal, called while the statement is out: yields what is wrong."""


def survived(names: Names, request: Request) -> bool:
    """Whether a run goes on if this hop is denied."""
    return request.action in SURVIVED.get(job_of(names, request) or "", frozenset())


class Rehearsals:
    """A project with data and without a pipeline, until :meth:`first`. ``files`` is a directory for data sets."""

    def __init__(self, made: Project, files: Path) -> None:
        self.project = made
        self.names = made.names
        self.world = policies.world(made.config, keys(made.config, made.accounts))
        self._files = files
        self._numbers = itertools.count()
        self._rows = (DATA / "train.csv").read_text().splitlines(keepends=True)

    # -- what happens -------------------------------------------------------------------------------------------
    def first(self) -> Outcome:
        """The project's first run, which ``create-pipeline`` starts."""
        before = len(self.project.aws.requests)
        self.project.create_pipeline()
        (run,) = self.project.runs()
        outcome = self._followed(run, before)
        events = self.project.aws.administrator(self.names.shared).client("events")
        events.disable_rule(Name=self.names.push_rule)
        return outcome

    def again(self) -> Outcome:
        """A later run: one change from the push to the endpoint."""
        before, known = len(self.project.aws.requests), self.project.runs()
        number = next(self._numbers)
        self.project.push(NumRound=str(HYPERPARAMETERS["num_round"] + 1 + number % 2))
        try:
            self.project.upload(self._data_set(number))
        except (XacctError, ClientError) as error:
            return self._outcome(DATA_STEP, str(error), before)
        run = self._started(known, before)
        if run is None:
            return self._outcome(START_STEP, "no run was started", before)
        return self._followed(run, before)

    def _data_set(self, number: int) -> Path:
        """Training data that was never uploaded before: without one row, each time another."""
        path = self._files / f"train-{number}.csv"
        path.write_text("".join(self._rows[:number] + self._rows[number + 1 :]))
        return path

    def _started(self, known: list[str], before: int) -> str | None:
        """The run that the data set started; None once its start was refused: EventBridge's call is the last resort."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            new = [run for run in self.project.runs() if run not in known]
            if new:
                return new[0]
            if any(self._starts(entry) for entry in self._refused(before)):
                return None
            time.sleep(0.05)
        raise AssertionError("no run was started, and no start was refused")

    def _starts(self, entry: Decided) -> bool:
        return self.names.start_role in (entry.asked.resource, entry.principal.role_arn)

    def _followed(self, run: str, before: int) -> Outcome:
        status = self.project.settled(run)
        if status.waits_for_approval:
            self.project.judge(run, approve=True)
            status = self.project.settled(run)
        for stage in status.stages:
            for action in stage.actions:
                if action.status == "Failed":
                    return self._outcome(stage.name, action.reason or "", before, run)
        if status.execution is None or status.execution.status != "Succeeded":
            raise AssertionError(f"the run neither failed nor succeeded: {status}")
        return self._outcome(None, "", before, run)

    def _outcome(self, failed: str | None, message: str, before: int, run: str | None = None) -> Outcome:
        asked = frozenset(
            kind(self.names, asked_for(entry)) for entry in self.project.aws.requests.entries(after=before)
        )
        return Outcome(failed, message, tuple(self._refused(before)), asked, run)

    def _refused(self, before: int) -> Iterator[Decided]:
        operator = self.project.config.accounts.shared.role_arn
        for entry in self.project.aws.requests.entries(allowed=False, after=before):
            ours = job_of(self.names, asked_for(entry)) is not None or entry.principal.role_arn == operator
            if ours or entry.principal.kind is PrincipalKind.SERVICE:
                yield entry

    # -- what the proof says ------------------------------------------------------------------------------------
    def statements(self) -> list[Statement]:
        return list(allowing_statements(self.project))

    def statement(self, name: str) -> Statement:
        return next(statement for statement in self.statements() if str(statement) == name)

    def expectation(self, statement: Statement, asked: frozenset[Kind]) -> Expectation:
        """Of a rehearsal that, whole, asks for ``asked``. It has no release but the one that CodePipeline starts when
        the pipeline of releases is made, which fails whatever it may do."""
        store = statement.stored.in_store(self.world.store, statement.rest)
        proof = prove(self.world.with_policies(self.world.policies, store))
        denied = tuple(proven.hop for proven in proof.hops if not proven.decision.allowed)
        shown = [
            hop
            for hop in denied
            if rehearsed(self.names, hop.request)
            and kind(self.names, hop.request) in asked
            and not _of_missing_data(hop)
        ]
        of_runs = [hop for hop in shown if not hop.stage.startswith(RELEASE)]
        fails = next((hop for hop in of_runs if not survived(self.names, hop.request)), None)
        return Expectation(denied, shown[0] if shown else None, fails)

    def without(
        self,
        statement: Statement,
        rehearse: Callable[[], Outcome],
        asked: frozenset[Kind],
        checks: tuple[Check, ...] = (),
    ) -> Verdict:
        """Rehearse without the statement, judge, and put it back."""
        expected = self.expectation(statement, asked)
        with statement.taken_out():
            outcome = rehearse()
            complaints = list(differences(self.names, expected, outcome))
            for check in checks:
                complaints.extend(check(self, statement, expected, outcome))
        return Verdict(str(statement), expected, outcome, tuple(complaints))


def _of_missing_data(hop: Hop) -> bool:
    """S3 asks for the right to list only where an object is missing, and each rehearsal has a data manifest."""
    return hop.stage.startswith(f"{CHECK_STAGE} ") and hop.source == MISSING_OBJECT


def asked_for(entry: Decided) -> Request:
    return Request(entry.principal, entry.asked.action, entry.asked.resource, entry.asked.account)


def kind(names: Names, request: Request) -> Kind:
    principal = request.principal
    return principal.role_arn or principal.arn, request.action, resource_class(names, request.resource)


def differences(names: Names, expected: Expectation, outcome: Outcome) -> Iterator[str]:
    """What happened otherwise than expected: where the rehearsal failed, and what was refused first."""
    if outcome.failed != expected.stage:
        where = outcome.failed or "no stage"
        yield f"expected to fail in {expected.stage or 'no stage'}, failed in {where}: {outcome.message}"
    first = outcome.refused[0] if outcome.refused else None
    refused = None if first is None else kind(names, asked_for(first))
    wanted = None if expected.refused is None else kind(names, expected.refused.request)
    if refused != wanted:
        yield f"expected to be refused first: {wanted or 'nothing'}, was: {first or 'nothing'}"


@dataclass(frozen=True)
class Prepared:
    """A project whose first run and one more are through, and what each of the two asked for."""

    rehearsals: Rehearsals
    first: Outcome
    again: Outcome

    def without(self, statement: Statement, checks: tuple[Check, ...] = ()) -> Verdict:
        return self.rehearsals.without(statement, self.rehearsals.again, self.again.asked, checks)

    def belongs_to_first_run(self, statement: Statement) -> bool:
        """Whether the first hop that is denied without the statement is one that only a first run asks for."""
        ever = self.rehearsals.expectation(statement, self.first.asked | self.again.asked)
        return ever.refused != self.rehearsals.expectation(statement, self.again.asked).refused


@contextmanager
def fresh(files: Path) -> Iterator[Rehearsals]:
    """A project of its own, bootstrapped and with data."""
    with project(example(training={"hyperparameters": HYPERPARAMETERS}), PACE) as made:
        made.bootstrap()
        made.upload()
        yield Rehearsals(made, files)


@contextmanager
def prepared(files: Path) -> Iterator[Prepared]:
    """Raises ``AssertionError`` where the whole project's runs are not clean: then nothing can be concluded."""
    with fresh(files) as rehearsals:
        first, again = rehearsals.first(), rehearsals.again()
        for outcome in (first, again):
            if outcome.failed is not None or outcome.refused:
                raise AssertionError(
                    f"with every statement in place: {outcome.failed} {outcome.message} {outcome.refused}"
                )
        yield Prepared(rehearsals, first, again)


def without_in_first_run(name: str, asked: frozenset[Kind], files: Path, checks: tuple[Check, ...] = ()) -> Verdict:
    """The verdict on a project's first run without the statement. ``asked`` is what a whole first run asks for."""
    with fresh(files) as rehearsals:
        return rehearsals.without(rehearsals.statement(name), rehearsals.first, asked, checks)
