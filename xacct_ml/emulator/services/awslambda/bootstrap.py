"""The first code of a function's process: imports the handler, calls it once, leaves its answer in a file.

Started as a script with the interpreter's isolated mode; imports nothing of this package. See :mod:`lambda_process`."""

import gc
import importlib
import json
import logging
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The context object of one invocation."""

    def __init__(self, values: dict[str, Any], deadline: float) -> None:
        self.__dict__.update(values)
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def fail(result: Path, request_id: str, kind: str, message: str, trace: list[str]) -> None:
    answer = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
    result.write_bytes(b"-" + json.dumps(answer).encode())
    print(f"[ERROR] {kind}: {message}", *trace, sep="\n", flush=True)  # noqa: T201 - what the runtime logs


def main() -> None:
    gc.set_threshold(50_000)  # hardly anything that the imports make is ever garbage: looking for it takes a tenth
    arguments = json.loads(sys.argv[1])
    result, request_id = Path(arguments["result"]), arguments["context"]["aws_request_id"]
    module_name, _, function_name = arguments["handler"].rpartition(".")
    sys.path.insert(0, arguments["task"])
    logging.basicConfig(format=f"[%(levelname)s]\t%(asctime)s\t{request_id}\t%(message)s", level=logging.WARNING)
    event = json.loads(sys.stdin.buffer.read() or b"{}")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except Exception as error:  # noqa: BLE001 - any code of the function runs at import
        missing = isinstance(error, ImportError)
        message = f"Unable to import module '{module_name}': {error}" if missing else str(error)
        kind = "Runtime.ImportModuleError" if missing else type(error).__name__
        fail(result, request_id, kind, message, [] if missing else traceback.format_tb(error.__traceback__))
        sys.exit(1)
    handler = getattr(module, function_name, None)
    if handler is None:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        fail(result, request_id, "Runtime.HandlerNotFound", message, [])
        sys.exit(1)

    def time_out() -> None:
        result.write_bytes(b"t")
        os._exit(1)

    watchdog = threading.Timer(arguments["timeout"], time_out)
    watchdog.daemon = True
    watchdog.start()
    context = Context(arguments["context"], time.monotonic() + arguments["timeout"])
    try:
        answer = handler(event, context)
    except Exception as error:  # noqa: BLE001 - the function's own
        fail(result, request_id, type(error).__name__, str(error), traceback.format_tb(error.__traceback__)[1:])
        sys.exit(1)
    finally:
        watchdog.cancel()
    try:
        text = json.dumps(answer)
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        fail(result, request_id, "Runtime.MarshalError", message, [])
        sys.exit(1)
    result.write_bytes(b"+" + text.encode())


if __name__ == "__main__":
    main()
