"""The outcome of a command: its JSON document, its errors and its exit code."""

import json
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xacct_ml.errors import AwsCallFailed, InputError, XacctError
from xacct_ml.foreign import bounded

_LONGEST = 1 << 18
"""Of one text, in characters."""
SCHEMA = "xacct-ml/output/1"
DEBUG_VARIABLE = "XACCT_ML_DEBUG"

EXIT_FAILED = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141
"""What a shell shows of a program that SIGPIPE ended (128 + 13), as it ends others whose reader went away."""

REDO = "What was done stays; the same command goes on from there."


class Format(StrEnum):
    """What stdout gets."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True)
class Outcome:
    """What a command achieved. If it has an ``error``, the command failed and ``result`` is how far it got.

    ``written``: the command has written its JSON document already, because it went on running. ``code`` is the exit
    code if there is no error."""

    result: Mapping[str, Any] | None = None
    error: XacctError | None = None
    written: bool = False
    code: int = 0


READERS: list[Callable[[Mapping[str, Any]], None]] = []
"""What sees the document of every command that ends, printed or not: tests compare it with its schema."""


def tell_readers(command: str, outcome: Outcome, code: int) -> None:
    for read in READERS:
        read(plain(document_of(command, outcome, code)))


def to_json(command: str, outcome: Outcome, code: int, indent: int | None = 2) -> str:
    """The one document: ``{schema, command, ok, result, error}``."""
    document = document_of(command, outcome, code)
    return json.dumps(plain(document), indent=indent, default=str, allow_nan=False) + "\n"


def document_of(command: str, outcome: Outcome, code: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "command": command,
        "ok": outcome.error is None,
        "result": outcome.result,
        "error": None if outcome.error is None else _error(outcome.error, code),
    }


def plain(value: Any) -> Any:
    """JSON has no numbers but finite ones: null for the others, wherever they come from. Nor is a text without end."""
    if isinstance(value, str):
        return bounded(value, _LONGEST)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {bounded(str(key)): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def bug(error: Exception) -> XacctError:
    """The error to show for an unexpected exception."""
    if debugging():
        traceback.print_exception(error, file=sys.stderr)
        details: tuple[str, ...] = ()
    else:
        details = ("Run it again with --debug for the traceback, and report it with what you did.",)
    return Bug(f"this is a bug in xacct-ml: {type(error).__name__}: {error}", details=details)


class Bug(XacctError):
    """A bug of ours."""


class Unwritten(XacctError):
    """The output cannot be written: the disk is full, perhaps."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the output cannot be written: {error.strerror or error}", details=("What was done stays.",))


@contextmanager
def writing() -> Iterator[None]:
    """Raises :class:`Unwritten`, or BrokenPipeError where the reader went away."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritten(error) from None


class Stopped(XacctError):
    """Ctrl-C, after what was under way has finished. ``result`` is how far the command got."""

    exit_code = EXIT_INTERRUPTED

    def __init__(self, result: Mapping[str, Any]) -> None:
        super().__init__("interrupted", details=(REDO,))
        self.result = result


def finish() -> None:
    """From here on, no Ctrl-C comes between: the outcome is written whole, and once."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def discard_output() -> None:
    """What could not be written to stdout is not tried again when Python flushes it at exit, which would complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def debugging() -> bool:
    return os.environ.get(DEBUG_VARIABLE, "") not in {"", "0"}


def _error(error: XacctError, code: int) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": type(error).__name__,
        "exit_code": code,
        "message": error.message,
        "details": list(error.details),
        "next": error.next_step,
    }
    if isinstance(error, InputError):
        document |= {
            "file": None if error.file is None else str(error.file),
            "line": error.line,
            "column": error.column,
        }
    if isinstance(error, AwsCallFailed):
        document |= {"account": error.account, "call": error.call, "code": error.code}
    return document
