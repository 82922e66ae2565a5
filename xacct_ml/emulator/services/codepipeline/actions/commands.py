"""Commands action: shell commands in a container of CodePipeline's own.

CodePipeline User Guide, action-reference-Commands [D]: the commands run in the pipeline's account with the pipeline's
service role, find the input artifacts unpacked (the first one around them), write to the log group
``/aws/codepipeline/<pipeline>``, and leave the files that the output artifact lists. The container is CodeBuild's: all
commands share one shell and the first that fails ends the build; the words of failures are CodeBuild's [C]."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.services.codepipeline.actions import shell
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed, is_denial

TIMEOUT_SECONDS = 60
"""CodeBuild's 55 minutes [D], cut to what commands need that only handle files."""

_MAXIMUM_EVENT = 200_000
"""Characters of one log event; PutLogEvents takes 256 KB [B]."""
_EXECUTABLE = 0o111


def run(context: ActionContext) -> Outcome:
    """Run the commands on the input artifacts and keep the files that the output artifact lists."""
    with runtime.temporary_directory("commands-") as directory:
        source = Path(directory).resolve() / "src"
        _unpack(context, source)
        log = _Log(context)
        script = shell.Script(context.commands, context.output_variables, _environment(context, source))
        result = shell.run(script, source, TIMEOUT_SECONDS)
        log.write(result.printed)
        context.report(external_id=log.build)
        if result.failure is not None:
            raise ActionFailed("JobFailed", _failed("BUILD", "COMMAND_EXECUTION_ERROR", result.failure))
        artifacts = context.save(_output(context, source)) if context.output_names else ()
        return Outcome({**result.variables}, artifacts)


def _failed(phase: str, code: str, message: str) -> str:
    return f"Build terminated with state: FAILED. Phase: {phase}, Code: {code}, Message: {message}"


def _unpack(context: ActionContext, source: Path) -> None:
    """The first artifact around the commands, further ones in directories beside it."""
    for number, artifact in enumerate(context.inputs):
        place = source if number == 0 else source.parent / artifact.name
        place.mkdir()
        try:
            with zipfile.ZipFile(io.BytesIO(context.archive(artifact.name))) as archive:
                for entry in archive.infolist():
                    path = Path(archive.extract(entry, place))
                    if entry.external_attr >> 16 & _EXECUTABLE and path.is_file():
                        path.chmod(0o755)
        except zipfile.BadZipFile:
            reason = f"Artifact {artifact.name} is not a zip file"
            raise ActionFailed("JobFailed", _failed("DOWNLOAD_SOURCE", "CLIENT_ERROR", reason)) from None


def _environment(context: ActionContext, source: Path) -> dict[str, str]:
    """What CodeBuild sets of its own that commands use, and the action's own variables."""
    given = {}
    for variable in context.execution.declaration.get("environmentVariables") or ():
        if variable.get("type", "PLAINTEXT") != "PLAINTEXT":
            raise ActionFailed("ConfigurationError", "The embedded AWS has no secrets for environment variables")
        given[variable["name"]] = variable["value"]
    directories = {f"CODEBUILD_SRC_DIR_{one.name}": str(source.parent / one.name) for one in context.inputs[1:]}
    return {
        "CODEBUILD_SRC_DIR": str(source),
        "CODEBUILD_BUILD_ID": f"codepipeline:{context.execution.id}",
        "AWS_REGION": context.action_region,
        "AWS_DEFAULT_REGION": context.action_region,
        **directories,
        **given,
    }


# -- logs --------------------------------------------------------------------------------------------------------------


class _Log:
    """The build's stream in the pipeline's log group, which is made if it is not there."""

    def __init__(self, context: ActionContext) -> None:
        self.build = context.execution.id
        self._logs = context.client("logs")
        self._place = {"logGroupName": f"/aws/codepipeline/{context.pipeline}", "logStreamName": self.build}
        try:
            self._made(self._logs.create_log_group, logGroupName=self._place["logGroupName"])
            self._made(self._logs.create_log_stream, **self._place)
        except ClientError as error:
            raise self._denied(context, error) from error

    def write(self, printed: str) -> None:
        """A log event for each line."""
        now = round(datetime.now(UTC).timestamp() * 1000)
        events = [{"timestamp": now, "message": line[:_MAXIMUM_EVENT]} for line in printed.splitlines() if line]
        for start in range(0, len(events), 1_000):
            self._logs.put_log_events(**self._place, logEvents=events[start : start + 1_000])

    @staticmethod
    def _made(create: Any, **place: str) -> None:
        try:
            create(**place)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise

    @staticmethod
    def _denied(context: ActionContext, error: ClientError) -> Exception:
        if not is_denial(error):
            failure: Exception = error
            return failure
        return ActionFailed(
            "PermissionError",
            f"ACCESS_DENIED: Service role {context.role_arn} does not allow AWS CodeBuild to create Amazon CloudWatch "
            f"Logs log streams for build. Error message: {error.response['Error']['Message']}",
        )


# -- output ------------------------------------------------------------------------------------------------------------


def _output(context: ActionContext, source: Path) -> bytes:
    """A zip of what the output artifact lists, everything where it lists nothing.

    :raises ActionFailed: a pattern that no file matches"""
    (declared,) = context.execution.declaration["outputArtifacts"]
    found: dict[str, tuple[bytes, bool]] = {}
    for pattern in declared.get("files") or ("**/*",):
        matching = list(_matching(source, pattern))
        if not matching:
            reason = f"no matching artifact paths found: {pattern}"
            raise ActionFailed("JobFailed", _failed("UPLOAD_ARTIFACTS", "CLIENT_ERROR", reason))
        for path in matching:
            executable = bool(path.stat().st_mode & _EXECUTABLE)
            found[path.relative_to(source).as_posix()] = (path.read_bytes(), executable)
    return zipped(found)


def _matching(source: Path, pattern: str) -> Iterator[Path]:
    """Files within the source directory; a link that leads out of it is none."""
    relative = pattern.removeprefix("./").lstrip("/") or "."
    if ".." in Path(relative).parts:
        return
    for path in sorted(source.glob(relative)):
        inside = path.resolve().is_relative_to(source)
        if inside and path.is_dir() and path != source:
            yield from _matching(source, f"{path.relative_to(source).as_posix()}/**/*")
        elif inside and path.is_file():
            yield path
