"""What others wrote is a value or one clear clause, whatever it is: one corpus for command line and functions."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.operations.runs.test_evaluation import RECORD
from tests.payload.judged import CONFIGURATION, RunToJudge
from tests.payload.pipeline import RUN
from xacct_ml.access.policy import Policy
from xacct_ml.cli.output import Outcome, to_json
from xacct_ml.cli.terminal import printable
from xacct_ml.foreign import DEEPEST, LONGEST_LINE, ForeignTextError, bounded, document, line
from xacct_ml.operations.runs.evaluation import parse_evaluation
from xacct_ml.operations.runs.executions import _message
from xacct_ml.operations.upload.data_manifest import Manifest
from xacct_ml.operations.upload.source_files import SourceFault, parameters
from xacct_ml.payload.job import JobFailed, answer
from xacct_ml.payload.run import parameters_of
from xacct_ml.payload.training_data import data_manifest
from xacct_ml.proof.remediation.denial_message import _FORMS, LONGEST_MESSAGE, parse

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "not UTF-8": b'"\xff\xfe"',
    "a lone surrogate": b'"\\ud800"',
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "closed deep lists": b"[" * 100_000 + b"]" * 100_000,
    "a long integer": b"1" + b"0" * 5000,
    "an infinite number": b"1e999",
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "large": b'"' + b"x" * (2 << 20) + b'"',
    "an open string": b'"' + b"[" * 100_000,
    "escapes": b'"' + b"\\" * 99_999,
    "a number": b"1",
    "null": b"null",
    "control characters": b'"\\u001b[2J\\n\\r\\u202e"',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_breaks_no_reader(text: bytes) -> None:
    """Neither of the command line's nor of the functions'."""
    assert parse_evaluation(text) is None
    assert Manifest.parse(text) is None
    with pytest.raises(SourceFault):
        parameters(text)
    plain = text.decode("utf-8", "replace")
    _message(plain)
    assert Policy.parse(plain, "theirs").defects
    with pytest.raises(JobFailed, match="data manifest"):
        data_manifest(text)
    assert parameters_of(plain) == {}
    data = {"actionConfiguration": {"configuration": {"UserParameters": plain}}}
    assert answer(data, lambda _: {})["failureDetails"]["type"] == "ConfigurationError"
    run = RunToJudge()
    run.put_source({"template.yaml": "Metadata: {TemplateVersion: 5}", "configuration.json": text})
    with pytest.raises(JobFailed):
        run.invoke("check")


def reason(read: Callable[[], object]) -> str:
    """Why it was refused, empty where it was not."""
    try:
        read()
    except (ForeignTextError, JobFailed) as error:
        return str(error)
    return ""


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: json.dumps(text).encode()))
@example(b"[" * DEEPEST + b"]" * DEEPEST)
@example(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))
def test_any_text_is_a_value_or_a_clause(text: bytes) -> None:
    """A clause has one line."""
    assert (reason(lambda: document(text)) or "read").isprintable()


@given(st.recursive(st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(), st.lists, max_leaves=20))
def test_what_json_has_is_read_as_json_reads_it(value: Any) -> None:
    """Within the bounds nothing is lost."""
    text = json.dumps(value)
    assert document(text) == json.loads(text)


@given(st.text())
@example("\x1b]8;;http://evil\x07x\n  gate     passed\r\u202e")
def test_a_line_is_one_line(text: str) -> None:
    """Nothing in a value can move the cursor, begin a line or turn the text round."""
    assert line(text).isprintable()
    assert len(line(text)) <= LONGEST_LINE
    assert printable(text).isprintable()


def test_a_long_text_is_cut_with_its_length() -> None:
    """One that is not long stays as it is."""
    assert bounded("x" * 10) == "x" * 10
    assert bounded("x" * 2000, 3) == "xxx… (2,000 characters)"
    assert len(printable("x" * (1 << 20))) < 20_000
    assert len(to_json("status", Outcome({"x" * (1 << 20): ["x" * (1 << 20)]}), 0)) < 300_000


def unbounded(pattern: str) -> list[str]:
    """What of a pattern may run over the rest of a text again from every place where the pattern begins: a repeat
    without an end of any character at all."""
    return re.findall(r"(?<!\\)\.[*+]|\.\{\d*,\}", pattern)


def test_explain_reads_a_message_once() -> None:
    """No form looks through the whole rest of the message from each of its beginnings but one that is the last: an
    optional tail, after which it matches whatever follows. Nor is a message read beyond what AWS says."""
    found = {form.name for form in _FORMS if unbounded(form.pattern)}
    assert found == {"SageMaker cannot read the model"}
    assert unbounded("a.*?b") == [".*"]
    assert parse("x" * LONGEST_MESSAGE + " Access Denied") == ()


MEMBERS = ["pipelineExecutionId", "commit", "trainingJob", "image", "metrics", "gate", "data", "model", "schema"]


@given(st.sampled_from(MEMBERS), st.recursive(st.none() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_a_record_with_anything_in_it_is_read_or_is_none(member: str, value: Any) -> None:
    """And what was read is text of one line and finite numbers."""
    found = parse_evaluation(json.dumps({**RECORD, member: value}).encode())
    assert found is None or all(
        part.isprintable() for part in (found.execution, found.commit, found.job, found.dataset)
    )


@given(st.dictionaries(st.sampled_from([*CONFIGURATION, "Other"]), st.text() | st.none() | st.integers()))
def test_a_configuration_with_anything_in_it_is_checked_or_refused_on_one_line(changed: dict[str, Any]) -> None:
    """Whoever pushes writes it, and the pipeline's reason is shown to others."""
    run = RunToJudge(changed)
    assert (reason(lambda: run.invoke("check")) or "checked").isprintable()


@given(st.recursive(st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_the_json_of_a_command_is_always_json(value: Any) -> None:
    """Whatever number was read."""
    text = to_json("status", Outcome({"value": value}), 0)
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert RUN
