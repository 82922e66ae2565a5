"""Moves pipeline executions through their stages.

CodePipeline user guide, "How pipeline executions work" and "Manage executions" [D]: a stage holds one execution at a
time (except in PARALLEL mode); executions that wait for a stage are processed in order (QUEUED) or give way to the
newest (SUPERSEDED); actions of one run order run together; a failed action fails its stage and the execution, and
later executions go on."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.emulator.core.runtime import Stopped
from xacct_ml.emulator.services.codepipeline import model
from xacct_ml.emulator.services.codepipeline.action_host import ActionHost
from xacct_ml.emulator.services.codepipeline.artifacts import ArtifactStore
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome, Provider
from xacct_ml.emulator.services.codepipeline.declaration import PARALLEL, SUPERSEDED, artifact_store, groups, names
from xacct_ml.emulator.services.codepipeline.events import tell
from xacct_ml.emulator.services.codepipeline.failures import Abandoned, ActionFailed, failure
from xacct_ml.emulator.services.codepipeline.model import ActionExecution, Pipeline, Run
from xacct_ml.emulator.services.codepipeline.variables import Namespaces, resolve

Providers = Mapping[tuple[str, str, str], Provider]


class Executor(ActionHost):
    """Runs the executions of one account and region."""

    def __init__(self, account: str, region: str, partition: str, providers: Providers) -> None:
        super().__init__()
        self.account = account
        self.region = region
        self.partition = partition
        self._providers = providers

    # -- starting and ending -------------------------------------------------------------------------------------
    def start(self, pipeline: Pipeline, run: Run) -> None:
        """Begin a run at its first stage."""
        with self.condition:
            pipeline.runs[run.id] = run
            self._spawn(run, lambda: self._advance(pipeline, run, 0))

    def retry(self, pipeline: Pipeline, run: Run, stage: str, *, all_actions: bool) -> None:
        """Resume a failed run in ``stage``: its failed actions again, or all of them."""
        with self.condition:
            position = [declared["name"] for declared in run.declaration["stages"]].index(stage)
            run.settle(model.IN_PROGRESS)
            run.retries[stage] = run.retries.get(stage, 0) + 1
            latest = {action.name: action for action in run.actions if action.stage == stage}
            kept = {name for name, action in latest.items() if action.status == model.SUCCEEDED and not all_actions}
            self._spawn(run, lambda: self._advance(pipeline, run, position, frozenset(kept)))

    def stop(self, run: Run, reason: str | None, *, abandon: bool) -> None:
        """Stop a run: after its actions under way, or at once, abandoning them."""
        with self.condition:
            run.stop_reason = reason
            working = [action for action in run.actions if action.under_way]
            if abandon or not working:
                self._abandon(run, model.STOPPED)
            else:
                run.settle(model.STOPPING)
            self.condition.notify_all()

    def cancel(self, pipeline: Pipeline) -> None:
        """End every run in flight: the pipeline was changed or deleted.

        Status ``Cancelled``: "the pipeline's definition was updated before the execution could be completed" [B]."""
        with self.condition:
            for run in pipeline.runs.values():
                if run.in_flight:
                    self._abandon(run, model.CANCELLED)
            self.condition.notify_all()

    def _abandon(self, run: Run, status: str) -> None:
        for action in run.actions:
            if action.under_way:
                action.status, action.updated = model.ABANDONED, model.now()
        run.settle(status)

    # -- a run's way through the stages --------------------------------------------------------------------------
    def _advance(self, pipeline: Pipeline, run: Run, position: int, kept: frozenset[str] = frozenset()) -> None:
        for stage in run.declaration["stages"][position:]:
            if not self._enter(pipeline, run, stage["name"]):
                return
            try:
                self._work(run, stage, kept)
            finally:
                with self.condition:
                    self._close(run, stage["name"])
                    slot = pipeline.slot(stage["name"])
                    if slot.occupant is run:
                        slot.occupant = None
                    self.condition.notify_all()
            if not run.in_flight:
                return
            kept = frozenset()
        with self.condition:
            if run.in_flight:
                run.settle(model.SUCCEEDED)
            self.condition.notify_all()

    def _close(self, run: Run, stage: str) -> None:
        """Settle a run whose stage has ended other than well."""
        if run.status == model.STOPPING:
            run.settle(model.STOPPED)
        elif run.status == model.IN_PROGRESS and run.stage_status(stage) == model.FAILED:
            failed = [a for a in run.actions if a.stage == stage and a.status == model.FAILED and a.error]
            reason = failed[-1].error if failed else None
            run.settle(model.FAILED, reason[1] if reason else None)

    def _enter(self, pipeline: Pipeline, run: Run, stage: str) -> bool:
        """Wait for the stage; False where the run ended at its door."""
        with self.condition:
            if not run.in_flight:
                return False
            slot = pipeline.slot(stage)
            if run.mode == SUPERSEDED:
                for older in slot.waiting:
                    older.settle(model.SUPERSEDED)
            slot.waiting = [waiting for waiting in slot.waiting if waiting.in_flight] + [run]
            self.condition.notify_all()

            def free() -> bool:
                if not slot.transition.enabled:
                    return False
                return run.mode == PARALLEL or (slot.occupant is None and slot.waiting[0] is run)

            self._until(lambda: not run.in_flight or run.status == model.STOPPING or free())
            slot.waiting = [waiting for waiting in slot.waiting if waiting is not run]
            if run.status == model.STOPPING:
                run.settle(model.STOPPED)
            entered = run.in_flight
            if entered:
                slot.occupant = slot.latest = run
            self.condition.notify_all()
            return entered

    def _work(self, run: Run, stage: Any, kept: frozenset[str]) -> None:
        """Run the stage's actions, one run order after the other, until one fails or the run is stopped."""
        for together in groups(stage):
            executions = [
                ActionExecution(stage["name"], action, run.declaration["version"])
                for action in together
                if action["name"] not in kept
            ]
            with self.condition:
                if run.status != model.IN_PROGRESS:
                    return
                run.actions.extend(executions)
                self.condition.notify_all()
            for execution in executions[1:]:
                self._spawn(run, lambda execution=execution: self._perform(run, execution))  # type: ignore[misc]
            for execution in executions[:1]:
                self._perform(run, execution)
            with self.condition:
                self._until(lambda executions=executions: not any(e.under_way for e in executions))  # type: ignore[misc]
                if any(execution.status != model.SUCCEEDED for execution in executions):
                    return

    # -- one action ----------------------------------------------------------------------------------------------
    def _perform(self, run: Run, execution: ActionExecution) -> None:
        """With the events that CodePipeline sends of it."""
        tell(self.account, self.region, self.partition, run, execution)
        try:
            self._settle(run, execution)
        finally:
            if not execution.under_way:
                tell(self.account, self.region, self.partition, run, execution)

    def _settle(self, run: Run, execution: ActionExecution) -> None:
        try:
            outcome = self._provided(run, execution)
        except Abandoned:
            return
        except ActionFailed as error:
            self._fail(execution, error)
        except ClientError as error:
            self._fail(execution, failure(error))
        except BotoCoreError as error:
            self._fail(execution, ActionFailed("ConfigurationError", str(error)))
        except Stopped:
            raise
        except Exception as error:
            self._fail(execution, ActionFailed("InternalError", f"The embedded AWS failed: {error!r}"))
            raise
        else:
            self._succeed(run, execution, outcome)

    def _provided(self, run: Run, execution: ActionExecution) -> Outcome:
        declaration = execution.declaration
        kind = declaration["actionTypeId"]
        provider = self._providers.get((kind["category"], kind["owner"], kind["provider"]))
        if provider is None:
            raise ActionFailed(
                "ConfigurationError",
                f"The embedded AWS does not run {kind['category']} actions of provider {kind['provider']}",
            )
        namespaces = self._namespaces(run)
        execution.resolved = resolve(declaration.get("configuration") or {}, namespaces)
        commands = resolve(dict(enumerate(declaration.get("commands") or ())), namespaces)
        execution.inputs = tuple(_artifact(run, name) for name in names(declaration, "inputArtifacts"))
        store = artifact_store(run.declaration, declaration.get("region") or self.region)
        pace = self._running.pace
        return provider(
            ActionContext(
                account=self.account,
                region=self.region,
                partition=self.partition,
                run=run,
                execution=execution,
                configuration=execution.resolved,
                commands=tuple(commands.values()),
                inputs=execution.inputs,
                store=ArtifactStore(
                    run.declaration["name"], store["location"], (store.get("encryptionKey") or {}).get("id")
                ),
                host=self,
                poll=pace.poll,
                continuation=pace.lambda_continuation,
                reply=pace.lambda_reply,
            )
        )

    def _namespaces(self, run: Run) -> Namespaces:
        own = {"codepipeline": {"PipelineExecutionId": run.id}, "variables": run.variables}
        with self.condition:
            return {**run.namespaces, **own}

    def _succeed(self, run: Run, execution: ActionExecution, outcome: Outcome) -> None:
        with self.condition:
            if not execution.under_way:
                return
            execution.variables = dict(outcome.variables)
            execution.outputs = outcome.artifacts
            execution.revision = outcome.revision
            run.artifacts.update({artifact.name: artifact for artifact in outcome.artifacts})
            if execution.declaration.get("namespace"):
                run.namespaces[execution.declaration["namespace"]] = execution.variables
            self._end(execution, model.SUCCEEDED)

    def _fail(self, execution: ActionExecution, error: ActionFailed) -> None:
        with self.condition:
            if execution.under_way:
                execution.error = (error.code, error.message[:5000])
                self._end(execution, model.FAILED)

    def _end(self, execution: ActionExecution, status: str) -> None:
        execution.status, execution.updated = status, model.now()
        self.condition.notify_all()

    def _spawn(self, run: Run, work: Callable[[], None]) -> None:
        self._running.spawn(f"codepipeline: {run.declaration['name']} {run.id}", work)


def _artifact(run: Run, name: str) -> model.Artifact:
    if name not in run.artifacts:
        raise ActionFailed("ConfigurationError", f"Input artifact {name} was not produced by an earlier action")
    return run.artifacts[name]
