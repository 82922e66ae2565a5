"""What is shown before teardown asks: what goes, and what stays."""

from __future__ import annotations

from tests.engine.fakes import Fake, World
from xacct_ml.engine.events import Seen
from xacct_ml.operations.teardown.deletion import Found, found
from xacct_ml.system.names import ADOPTED_TAG, PROJECT_TAG

OURS = {PROJECT_TAG: "churn"}


def shown(observed: dict[str, object] | None) -> Found | None:
    resource = Fake("bucket", World())
    return found(Seen(resource, observed))


def test_what_is_adopted_is_shown_to_stay() -> None:
    """Beside what goes; an entry of the map that was never taken over is not ours."""
    plain, adopted, untouched = (shown({"tags": tags}) for tags in (OURS, {**OURS, ADOPTED_TAG: "yes"}, {}))
    assert plain is not None
    assert adopted is not None
    assert untouched is not None
    assert (plain.ours, plain.problem) == (True, None)
    assert (adopted.ours, adopted.problem) == (True, "adopted: it stays")
    assert not untouched.ours


def test_what_has_no_tags_is_ours_where_it_is_found() -> None:
    """An alias is the key's; what does not exist is not shown."""
    alias = shown({"key": "arn"})
    assert alias is not None
    assert alias.ours
    assert shown(None) is None
