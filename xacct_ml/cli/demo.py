"""``xacct-ml demo``: the commands, one after the other, in emulated accounts."""

import importlib.util
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Annotated, Any

import typer
from boto3.session import Session

from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.bootstrap import run_bootstrap
from xacct_ml.cli.command import OutputOption, Services, all_ids, execute, load, services
from xacct_ml.cli.create_pipeline import run_create_pipeline
from xacct_ml.cli.emulator import STOPPED, demo_map, exports, require_extra, serving, wait_for_interrupt, write_private
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.report import write as write_report
from xacct_ml.cli.runs import run_decision, show_status
from xacct_ml.cli.teardown import run_teardown, show_inventory
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.upload import run_upload
from xacct_ml.cli.views.demo import show_outcome
from xacct_ml.cli.views.evidence import evaluation_json
from xacct_ml.cli.views.status import show_review
from xacct_ml.config.model import Config
from xacct_ml.emulator.data import TRAIN, VALIDATION
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.demo import client_environment, forbidden_read, predict, proven, without_profiles
from xacct_ml.operations.runs.approval import as_approver
from xacct_ml.operations.runs.evaluation import Evaluation
from xacct_ml.operations.runs.executions import pipeline_state
from xacct_ml.operations.runs.review import Review, review
from xacct_ml.operations.runs.status import Status
from xacct_ml.operations.upload.data import check_files, current_manifest
from xacct_ml.system.names import Names
from xacct_ml.system.repository import FIRST_COMMIT_MESSAGE, first_commit

POLL_SECONDS = 0.25
LOOK_SECONDS = 1.0
"""So often it is looked at a run all the same: what ends it may come after the last action's end."""
FIRST_MAP = "xacct-ml init, which writes a map of your accounts, then: xacct-ml verify"
INTERRUPTED = "The embedded AWS is gone, and all that was in it; no real account was touched."

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="Your own map; its profiles are ignored.")
]
TrainOption = Annotated[Path | None, typer.Option("--train", metavar="FILE", help="Your own training data.")]
ValidationOption = Annotated[
    Path | None, typer.Option("--validation", metavar="FILE", help="Your own validation data.")
]
AskOption = Annotated[bool, typer.Option("--ask", help="Wait for your approval.")]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Tear nothing down and leave the emulator up until interrupted.")
]


def demo(
    context: typer.Context,
    config: ConfigOption = None,
    train: TrainOption = None,
    validation: ValidationOption = None,
    ask: AskOption = False,
    keep: KeepOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """All of it in emulated accounts, half a minute.

    Bootstrap, upload, run 1, approval, a real prediction, a forbidden read, teardown. No AWS account is touched.

    Example: xacct-ml demo --ask"""

    def work(terminal: Terminal) -> Outcome:
        begun = time.monotonic()
        require_extra()
        if (train is None) != (validation is None):
            raise InputError("--train and --validation go together")
        if ask and not terminal.interactive:
            raise InputError("--ask waits for an answer, and there is no terminal to ask on: leave it out")
        loaded = without_profiles(load(context, config or demo_map()))
        with serving(loaded, 0, terminal) as aws, client_environment(aws.environment()):
            show = Show(loaded, services(context).accounts(loaded), terminal, aws, begun, keep=keep, ask=ask)
            outcome = show.run(train or TRAIN, validation or VALIDATION)
            if keep and outcome.error is None:
                path = Path(tempfile.gettempdir()) / f"xacct-ml-demo-{os.getpid()}.env"
                write_private(path, exports(aws.environment()))
                terminal.note("the emulator stays up with everything in it, until Ctrl-C; in another shell")
                terminal.line(f"next: . {path}; xacct-ml status --config {config or demo_map()}")
                wait_for_interrupt()
                path.unlink(missing_ok=True)
                terminal.note(STOPPED)
            elif outcome.error is None:
                terminal.line(f"next: {FIRST_MAP}")
        return outcome

    execute("demo", output, work, interrupted=INTERRUPTED)


class _Quick(Services):
    """Looks at a run again as soon as the ``state`` of its pipeline is another: that is one request, a look a dozen."""

    def __init__(self, state: Callable[[], object]) -> None:
        self._state = state
        self._last: object = None

    def sleep(self, seconds: float) -> None:
        ends = time.monotonic() + min(seconds, LOOK_SECONDS)
        while time.monotonic() < ends:
            super().sleep(POLL_SECONDS)
            before, self._last = self._last, self._state()
            if self._last != before:
                return


@dataclass
class Show:
    """The demonstration, step by step; ``result`` collects what the JSON document says."""

    config: Config
    accounts: Accounts
    terminal: Terminal
    aws: Any
    begun: float
    keep: bool
    ask: bool
    result: dict[str, Any] = field(default_factory=dict)
    people: Iterator[str] = field(default_factory=lambda: cycle(("ann", "bob")))
    evaluation: Evaluation | None = None
    _step: int = 0

    def run(self, train: Path, validation: Path) -> Outcome:
        try:
            self._steps(train, validation)
        except XacctError as error:
            return Outcome(self._timed(), error)
        self.result["requests"] = len(self.aws.requests)
        self.result["proven"] = proven(self.config)
        show_outcome(self.config, self._timed(), self.evaluation, self.terminal)
        return Outcome(self.result)

    def _steps(self, train: Path, validation: Path) -> None:
        terminal = self.terminal
        ids = all_ids(self.config)
        self._heading(f"An AWS of our own on {self.aws.endpoint}, bootstrap in {len(set(ids))} accounts")
        self.accounts.verify(ids)
        self._must(run_bootstrap(self.config, self.accounts, terminal, yes=True, show=False))
        self._heading("Upload the data")
        files = check_files(train, validation, terminal, self.config.training.hyperparameters)
        self._must(run_upload(self.config, self.accounts, files, terminal))
        if self.config.pipeline.connection is not None:
            self._heading("Push the training template to the git host")
            self._push()
        self._heading("Create the pipeline, which starts run 1")
        self._must(run_create_pipeline(self.config, self.accounts, terminal, yes=True))
        self._heading("Watch run 1 until it waits for approval")
        seen = self._watch(None)
        approved = True
        while seen.waits_for_approval:
            self._heading("Judge it")
            approved = self._decide()
            self._heading("Watch it to its end")
            seen = self._watch(self.result["execution"])
        if approved:
            if seen.execution is None or seen.execution.status != "Succeeded":
                raise XacctError("the run did not succeed", details=_reasons(seen))
            self._heading("Ask the endpoint in production")
            self._predict(validation)
        self._heading("Try to read the training data from production")
        self._forbidden_read()
        if not self.keep:
            self._heading("Tear everything down")
            show_inventory(self.config, self.accounts, terminal)
            self._must(run_teardown(self.config, self.accounts, terminal, delete_evidence=True))
        self.result["torn_down"] = not self.keep

    def _push(self) -> None:
        """What the ML team does on a git host of its own."""
        names, files = Names(self.config), first_commit(self.config)
        repository = self.aws.repositories[names.repository]
        commit = repository.push(names.branch, files, FIRST_COMMIT_MESSAGE)
        self.terminal.item("pushed", f"{', '.join(files)} to {names.repository}, branch {names.branch}: {commit}")
        self.result["pushed"] = commit

    def _pipeline(self) -> object:
        return pipeline_state(self.config, self.accounts)["stageStates"]

    def _watch(self, execution: str | None) -> Status:
        seen = show_status(self.config, self.accounts, self.terminal, _Quick(self._pipeline), execution)
        if seen.execution is None:
            raise XacctError("the pipeline started no run")
        self.result["execution"] = seen.execution.id
        if execution is None and not seen.waits_for_approval and seen.execution.status != "Succeeded":
            raise XacctError(
                f"run 1 did not come to its approval: it is {seen.execution.status}", details=_reasons(seen)
            )
        return seen

    def _decide(self) -> bool:
        # Two people, where the map asks for two approvals.
        accounts = Accounts(as_approver(self.config, next(self.people)))
        reviewed = review(self.config, accounts, self.result["execution"])
        self.evaluation = reviewed.evaluation
        self.result["evaluation"] = evaluation_json(reviewed.evaluation)
        show_review(reviewed, self.terminal)
        self._report(reviewed)
        approve = not self.ask or self.terminal.confirm("approve this run?", flag="no --ask")
        run_decision(self.config, accounts, self.terminal, reviewed, approve=approve, summary="demo")
        self.result["approved"] = approve
        return approve

    def _report(self, reviewed: Review) -> None:
        """The record as a page, where the extra for it is installed; once, however often the run is approved."""
        if (
            "report" not in self.result
            and reviewed.evaluation is not None
            and importlib.util.find_spec("vl_convert") is not None
        ):
            path = Path(tempfile.gettempdir()) / f"xacct-ml-report-{reviewed.approval.execution}.html"
            write_report(reviewed.evaluation, path, reviewed.package)
            self.terminal.item("wrote", f"{path}: the same, with charts, for a browser")
            self.result["report"] = str(path)

    def _predict(self, validation: Path) -> None:
        endpoint = Names(self.config).endpoint
        predictions = predict(self._production_client("sagemaker-runtime"), endpoint, validation)
        for each in predictions:
            self.terminal.line(f"validation row {each.row}, label {each.label:g}: the endpoint answers {each.answer}")
        self.result["predictions"] = [asdict(each) for each in predictions]

    def _forbidden_read(self) -> None:
        manifest = current_manifest(self.config, self.accounts)
        if manifest is None:
            raise XacctError("the manifest is gone")
        principal = str(self._production_client("sts").get_caller_identity()["Arn"])
        refused = forbidden_read(self._production_client("s3", self.config.region), principal, manifest)
        self.terminal.item("denied", f"{refused.principal} reading {refused.uri}")
        self.terminal.line(f"          {refused.code}: {refused.message}")
        why = ""
        for entry in self.aws.requests:
            if entry.principal.arn == principal and not entry.decision.allowed:
                why = f"{entry.asked.action}: {entry.decision.reason}"
                self.terminal.line(f"          {why}")
        self.result["refused"] = {**asdict(refused), "why": why}

    def _production_client(self, service: str, region: str | None = None) -> Any:
        """Of the first target's account, in its region unless another is given."""
        target = self.config.accounts.production[0]
        session: Any = Session(region_name=region or target.region or self.config.region)
        credentials = self.aws.administrator(target.id)
        return session.client(
            service, aws_access_key_id=credentials.access_key_id, aws_secret_access_key=credentials.secret_access_key
        )

    def _heading(self, text: str) -> None:
        self._step += 1
        self.terminal.line()
        self.terminal.heading(f"{self._step}. {text}  ({time.monotonic() - self.begun:.1f} s)")

    def _timed(self) -> dict[str, Any]:
        self.result["elapsed_seconds"] = round(time.monotonic() - self.begun, 1)
        return self.result

    @staticmethod
    def _must(outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error


def _reasons(status: Status) -> tuple[str, ...]:
    return tuple(
        f"{stage.name}: {action.name}: {action.reason}"
        for stage in status.stages
        for action in stage.actions
        if action.reason
    )
