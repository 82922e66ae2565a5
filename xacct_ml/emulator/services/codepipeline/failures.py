"""How an action ends other than well, and which error code its failure carries."""

from botocore.exceptions import ClientError

_DENIALS = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "AuthorizationError")


class ActionFailed(Exception):
    """The action failed. ``code`` is one of the FailureType values (``JobFailed``, ``PermissionError`` …) [B]."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Abandoned(Exception):
    """Nobody waits for the action any more: its execution was stopped with abandon, or the pipeline was changed."""


def is_denial(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _DENIALS


def failure(error: ClientError) -> ActionFailed:
    """What an AWS error does to the action whose call it answers."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if is_denial(error):
        return ActionFailed("PermissionError", message)
    return ActionFailed("JobFailed", f"{message} (Error Code: {code})")
