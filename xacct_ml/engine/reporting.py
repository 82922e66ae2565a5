"""How the work behind the commands speaks while it is under way. The command line implements it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Advance = Callable[[int], None]
"""Told how much more is done, in bytes. May be called from any thread."""


class Reporter(Protocol):
    def line(self, text: str) -> None:
        """One thing is done, or is as it should be."""

    def warn(self, text: str) -> None:
        """Something the user should know that stops nothing."""

    def progress(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Something of known size is under way; ``total`` in bytes."""


class Silent:
    """A reporter for callers who only want the result."""

    def line(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def progress(self, label: str, total: int) -> AbstractContextManager[Advance]:  # noqa: ARG002
        return nullcontext(lambda _: None)
