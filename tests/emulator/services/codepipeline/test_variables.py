"""Variables in action configurations."""

import pytest

from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.variables import references, resolve

KNOWN = {"Src": {"CommitId": "abc", "Empty": ""}, "codepipeline": {"PipelineExecutionId": "id-1"}}


def test_references_are_replaced_wherever_they_stand() -> None:
    """Several in one value, inside JSON, next to each other."""
    given = {"Input": '{"c":"#{Src.CommitId}","e":"#{codepipeline.PipelineExecutionId}#{Src.Empty}"}', "Plain": "#{no"}
    assert resolve(given, KNOWN) == {"Input": '{"c":"abc","e":"id-1"}', "Plain": "#{no"}


@pytest.mark.parametrize("reference", ["#{Src.Nope}", "#{Nope.CommitId}"])
def test_an_unresolvable_reference_fails_the_action(reference) -> None:
    """The message names the reference."""
    with pytest.raises(ActionFailed) as caught:
        resolve({"X": f"a {reference}"}, KNOWN)
    assert caught.value.code == "ConfigurationError"
    assert reference in caught.value.message


def test_a_value_is_not_resolved_again() -> None:
    """A commit message that looks like a reference stays text."""
    assert resolve({"X": "#{A.B}"}, {"A": {"B": "#{Src.CommitId}"}, **KNOWN}) == {"X": "#{Src.CommitId}"}


def test_references_are_found() -> None:
    """For the check when a pipeline is created."""
    assert references("#{A.b} and #{C-1.d@e}") == [("A", "b"), ("C-1", "d@e")]
