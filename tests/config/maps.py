"""Account maps as text, for the loader's tests."""

from __future__ import annotations

from pathlib import Path

from xacct_ml.errors import InputError
from xacct_ml.validation import load

MINIMAL = """\
project: churn
region: us-east-1
accounts:
  shared:
    id: "111111111111"
  training:
    id: "222222222222"
  production:
    - id: "333333333333"
training:
  hyperparameters:
    num_round: 10
    objective: binary:logistic
    eval_metric: auc
"""


def refusal(folder: Path, content: str | bytes) -> InputError:
    """The error that loading such a file raises; fails where it raises none."""
    path = folder / "config.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        load(path)
    except InputError as error:
        return error
    raise AssertionError("the map was accepted")


def changed(old: str, new: str) -> str:
    """The minimal map with one piece replaced; ``old`` must occur."""
    assert old in MINIMAL
    return MINIMAL.replace(old, new, 1)
