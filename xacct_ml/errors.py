"""Every error a user can meet, as one tree.

::

    XacctError                 exit 1   something failed; says what to do next
    ├── InputError             exit 2   the user's map, data or flags; names file, line and column
    ├── NotReady               exit 1   a step is missing before this one; names the command to run
    ├── CredentialsError       exit 4   expired, missing or wrong-account credentials
    ├── AwsCallFailed          exit 1   AWS refused or failed a call; names account, call, code
    └── ApplyFailed            exit 1   some resources failed; the outcomes were reported one by one

Anything else that escapes is our bug, not the user's, and keeps its traceback."""

from pathlib import Path


class XacctError(Exception):
    """A failure with a message for the user and, where there is one, the next step.

    ``message`` is one line; ``next_step`` is a command or an action; ``details`` are further lines."""

    exit_code = 1

    def __init__(self, message: str, *, next_step: str | None = None, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.details = details

    def lines(self) -> list[str]:
        """The whole error as lines of text, the message first, the next step last."""
        return [self.message, *self.details, *([f"Next: {self.next_step}"] if self.next_step else [])]


class InputError(XacctError):
    """The user's own input is wrong. Raised before anything is called or changed."""

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
        next_step: str | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__(f"{place}: {message}" if place else message, next_step=next_step, details=details)
        self.reason = message
        self.file = file
        self.line = line
        self.column = column


class NotReady(XacctError):
    """Something that this command builds on does not exist yet."""


class CredentialsError(XacctError):
    """No, expired or wrong-account credentials. Three lines at most."""

    exit_code = 4


class AwsCallFailed(XacctError):
    """AWS refused or failed one call.

    ``account`` is the account id the call was made in, ``call`` is ``service:Operation`` and ``code`` AWS's error code.
    """

    def __init__(
        self,
        message: str,
        *,
        account: str,
        call: str,
        code: str,
        next_step: str | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, next_step=next_step, details=details)
        self.account = account
        self.call = call
        self.code = code


class ApplyFailed(XacctError):
    """Some resources could not be created, changed or deleted; every outcome was already reported."""
