"""What containers print: written into CloudWatch Logs as the role that they run as.

Groups and streams: SageMaker Developer Guide, logging-cloudwatch [D]. The lines of an endpoint's container are those of
its web server, as users show them [C]."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable


def write(credentials: Callable[[], Credentials], region: str, group: str, stream: str, lines: Sequence[str]) -> None:
    """A role without the rights has no logs, and what runs goes on, as on AWS [U]."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    try:
        logs = credentials().client("logs", region)
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": now, "message": line or " "} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except (ClientError, RoleNotAssumable):
        return


def started() -> tuple[str, ...]:
    """Of the container's web server, when its model is loaded."""
    at = f"[{datetime.now(UTC):%Y-%m-%d %H:%M:%S +0000}]"
    return (f"{at} [1] [INFO] Starting gunicorn 19.10.0", f"{at} [21] [INFO] Booting worker with pid: 21")


def invoked(status: int, size: int) -> str:
    """One request."""
    at = f"{datetime.now(UTC):%d/%b/%Y:%H:%M:%S +0000}"
    return f'169.254.178.2 - - [{at}] "POST /invocations HTTP/1.1" {status} {size} "-" "AHC/2.0"'
