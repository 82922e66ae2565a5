"""How these types are read: each member has a description, and none that is not described may be there."""

from typing import Any, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

described = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))


@described
class Fault(TypedDict):
    """An error."""

    type: str
    """A class of docs/errors.md."""
    exit_code: int
    message: str
    details: list[str]
    next: str | None
    """The next step, mostly a command to copy."""
    file: NotRequired[str | None]
    """Of an ``InputError``, as ``line`` and ``column``."""
    line: NotRequired[int | None]
    column: NotRequired[int | None]
    account: NotRequired[str]
    """Of an ``AwsCallFailed``, as ``call`` and ``code``."""
    call: NotRequired[str]
    code: NotRequired[str]


Document = dict[str, Any]
"""As AWS has it, or the map."""
