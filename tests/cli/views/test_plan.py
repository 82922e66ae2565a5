"""A plan as people and scripts see it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, example
from tests.engine.fakes import Fake, World, failure
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.plan import change_lines, counted, show_plan, step_rows, totals
from xacct_ml.engine.diff import diff
from xacct_ml.engine.plan import Plan, plan

STATEMENT = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::bucket/data/*"]}


def planned() -> Plan:
    """One of everything: created, changed, replaced, left, refused, blocked."""
    world = World({"bucket": {"size": 3, "tags": {"old": "x"}}, "stack": {"size": 0}, "same": {"size": 1}})
    return plan(
        [
            Fake("key", world, account=SHARED, publishes="key_arn"),
            Fake("bucket", world, account=SHARED, depends_on=("key",), uses="key_arn"),
            Fake("stack", world, account=PRODUCTION, replaced=True),
            Fake("same", world, account=PRODUCTION),
            Fake("locked", world, account=PRODUCTION, failing={"read": failure("AccessDenied")}),
            Fake("needy", world, account=PRODUCTION, depends_on=("locked",)),
        ]
    )


def shown(*, verbose: bool = False) -> str:
    out = io.StringIO()
    show_plan(planned(), example(), Terminal(out=out, err=io.StringIO()), verbose=verbose)
    return out.getvalue()


def test_account_by_account_one_line_each() -> None:
    """Whole output; what is left as it is has no line."""
    assert (
        shown()
        == f"""\
{SHARED} shared
+ thing key
~ thing bucket (size, uses, tags)
{PRODUCTION} production
- thing stack (what is there cannot be updated)
+ thing stack
! thing locked: AccessDenied
! thing needy: needs locked
"""
    )


def test_the_differences_stand_under_their_resource() -> None:
    """With --verbose, whole, and what only applying tells is said to be so."""
    assert (
        shown(verbose=True)
        == f"""\
{SHARED} shared
+ thing key
      + size: 1
~ thing bucket
      ~ size: 3 → 1
      + uses: (known after apply)
      - tags: {{"old": "x"}}
{PRODUCTION} production
- thing stack (what is there cannot be updated)
+ thing stack
! thing locked: AccessDenied
! thing needy: needs locked
"""
    )


def test_totals() -> None:
    """What is replaced is removed and created."""
    assert totals(planned()) == "2 to create, 1 to change, 1 to remove, 2 not possible, 1 unchanged"
    assert counted(planned()) == {"+": 2, "~": 1, "-": 1, "!": 2, "=": 1}
    assert totals(plan([Fake("a", World({"a": {"size": 1}}))])) == "1 unchanged"


def test_rows() -> None:
    """Everything for scripts, with both sides of a change; a side that is not there is left out."""
    key, bucket, *_, locked, needy = sorted(step_rows(planned()), key=lambda row: _ORDER.index(row["id"]))
    assert key == {
        "id": "key",
        "account": SHARED,
        "kind": "thing",
        "name": "key",
        "action": "create",
        "changes": [{"place": "size", "after": 1}],
    }
    assert bucket["changes"] == [
        {"place": "size", "before": 3, "after": 1},
        {"place": "uses", "after": "(known after apply)"},
        {"place": "tags", "before": {"old": "x"}},
    ]
    assert (locked["action"], locked["error"]) == ("refuse", ["AccessDenied"])
    assert (needy["action"], needy["because"]) == ("blocked", ["locked"])


_ORDER = ["key", "bucket", "stack", "same", "locked", "needy"]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"a": True}, {"a": False}, ["~ a: true → false"]),
        ({"a": "x" * 70}, {"a": "y"}, ["~ a", f"    - {'x' * 70}", "    + y"]),
        ({"a": ["r", "s"]}, {"a": ["s", "t", "u"]}, ["~ a", "    - r", "    + t", "    + u"]),
        ({"a": ["r", "s", "r"]}, {"a": ["s", "r"]}, ["~ a", "    - r", "    - s", "    - r", "    + s", "    + r"]),
        (
            {},
            {"policy": {"Read": STATEMENT}},
            [
                "+ policy: {",
                '+   "Read": {',
                '+     "Effect": "Allow",',
                '+     "Action": ["s3:GetObject", "s3:PutObject"],',
                '+     "Resource": ["arn:aws:s3:::bucket/data/*"]',
                "+   }",
                "+ }",
            ],
        ),
    ],
)
def test_differences_read_well(before: dict[str, Any], after: dict[str, Any], lines: list[str]) -> None:
    """Short values in a line, lists by what came and went, documents as JSON with the sign on every line."""
    (change,) = diff(before, after)
    assert list(change_lines(change)) == lines
