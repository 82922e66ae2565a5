"""Runs a Lambda function's zip in a Python process of its own, with nothing of this process but the interpreter.

The contract between runtime and handler: Lambda developer guide, "Python handler", "Python context object" and "Defined
runtime environment variables" [D]; the shapes of the errors as the runtime writes them [C]."""

import io
import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from xacct_ml.emulator.core import runtime

INIT_SECONDS = 10
"""What importing the handler may take; the function's timeout begins after it [D]."""

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """``environment`` is the whole environment of the process: the function's variables and its role's credentials."""

    name: str
    arn: str
    archive: bytes
    handler: str
    timeout_seconds: int
    memory_mb: int
    log_group: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Invocation:
    """How one invocation ended: ``payload`` is the response, or the error where ``failed``; ``log`` what was
    printed."""

    payload: bytes
    failed: bool
    log: str
    request_id: str
    duration_ms: int


def check_archive(archive: bytes) -> None:
    """:raises ValueError: not a zip"""
    if not zipfile.is_zipfile(io.BytesIO(archive)):
        raise ValueError("Could not unzip uploaded file. Please check your file, then try to upload again.")


def invoke(code: FunctionCode, event: bytes) -> Invocation:
    """Run the handler on ``event`` (JSON) and wait for it."""
    request_id = str(uuid.uuid4())
    began = monotonic()
    with runtime.temporary_directory("lambda-") as directory:
        task, result = Path(directory) / "task", Path(directory) / "result"
        with zipfile.ZipFile(io.BytesIO(code.archive)) as archive:
            archive.extractall(task)
        context = {
            "function_name": code.name,
            "function_version": "$LATEST",
            "invoked_function_arn": code.arn,
            "memory_limit_in_mb": str(code.memory_mb),
            "aws_request_id": request_id,
            "log_group_name": code.log_group,
            "log_stream_name": "",
        }
        arguments = {
            "task": str(task),
            "handler": code.handler,
            "timeout": code.timeout_seconds,
            "context": context,
            "result": str(result),
        }
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(_BOOTSTRAP), json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=task,
            env=_environment(code, directory),
        )
        killed = False
        try:
            printed, _ = process.communicate(event, timeout=INIT_SECONDS + code.timeout_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            printed, _ = process.communicate()
            killed = True
        answer = result.read_bytes() if result.exists() and not killed else b""
    duration = round((monotonic() - began) * 1000)
    failed, payload = _outcome(answer, request_id, code.timeout_seconds, process.returncode, killed=killed)
    return Invocation(payload, failed, printed.decode("utf-8", "replace"), request_id, duration)


def _environment(code: FunctionCode, directory: str) -> dict[str, str]:
    module = code.handler.rsplit(".", 1)[0]
    return {
        "PATH": os.defpath,
        "HOME": directory,
        "LANG": "en_US.UTF-8",
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "LAMBDA_TASK_ROOT": str(Path(directory) / "task"),
        "AWS_LAMBDA_FUNCTION_NAME": code.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(code.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": code.log_group,
        "AWS_EC2_METADATA_DISABLED": "true",
        "_HANDLER": f"{module}.{code.handler.rsplit('.', 1)[-1]}",
        **code.environment,
    }


def _outcome(
    answer: bytes, request_id: str, timeout_seconds: int, exit_code: int, *, killed: bool
) -> tuple[bool, bytes]:
    """The bootstrap's answer is one byte, ``+`` for a response, ``-`` for an error, ``t`` for the timeout; then the
    payload."""
    if answer[:1] == b"+":
        return False, answer[1:]
    if answer[:1] == b"-":
        return True, answer[1:]
    if killed or answer[:1] == b"t":
        error = {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {request_id} Error: Task timed out after {timeout_seconds}.00 seconds",
        }
    else:
        error = {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: exit status {exit_code}",
        }
    return True, json.dumps(error).encode()
