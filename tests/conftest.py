"""Order of the tests: those on plain moto first.

The embedded AWS changes moto for the rest of a process, and plain moto in the same process would then no longer be
plain. Files are handed to the workers in this order (``--no-loadscope-reorder``), so no worker meets plain moto after
the embedded AWS."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# The same examples every time: a finding belongs to the change that caused it, not to the day it was drawn.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# Collecting garbage as often as Python does by default is a fifth of the tests' CPU time: there are many objects that
# stay (modules, parsed service models), and all are looked at again and again.
gc.set_threshold(50_000, 20, 20)

PLAIN_MOTO = ("tests/aws/", "tests/resources/", "tests/cli/test_bootstrap.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(PLAIN_MOTO))
