"""The contexts worth deciding: only keys that a statement asks about, with the values that it names, one that none
names, and none at all."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.policies import listed
from xacct_ml.proof.requests.samples import UNRELATED
from xacct_ml.system.statements import Document

_FROM_REQUEST = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:resourceaccount", "aws:userid"}
)
"""They follow from who asks and what for, so they are varied with principals and places."""

_ALWAYS_SENT = frozenset({"aws:securetransport", "s3:objectcreationoperation"})
"""IAM User Guide, "AWS global condition context keys": always included in the request context; S3 User Guide,
conditional-writes-enforce: tells each write that makes an object from those that do not [D]."""


def contexts(statements: Iterable[Document]) -> Iterator[Mapping[str, str]]:
    """Every combination of the values that matter to these statements; one empty context without conditions."""
    values = condition_values(statements)
    keys = list(values)
    for chosen in itertools.product(*values.values()):
        yield {key: value for key, value in zip(keys, chosen, strict=True) if value is not None}


def condition_values(statements: Iterable[Document]) -> dict[str, tuple[str | None, ...]]:
    """Condition key, in lower case, to the values to try; ``None`` stands for a request without the key."""
    found: dict[str, dict[str | None, None]] = {}
    for statement in statements:
        for operator, conditions in statement.get("Condition", {}).items():
            for key, given in conditions.items():
                if key.lower() not in _FROM_REQUEST:
                    values = found.setdefault(key.lower(), {})
                    for text in listed(given):
                        values.update(dict.fromkeys(_near(operator, _text(text))))
    return {key: tuple(values if key in _ALWAYS_SENT else {**values, None: None}) for key, values in found.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _near(operator: str, value: str) -> tuple[str, ...]:
    """A value that the policy's value matches, and one that it does not."""
    plain = operator.rpartition(":")[2].removesuffix("IfExists")
    if plain == "Bool":
        return ("true", "false")
    if plain == "Null":
        return ("*",)
    concrete = value
    if plain.startswith("Arn") or plain.endswith("Like"):
        concrete = value.replace("*", "any").replace("?", "x")
    return (concrete, _other(concrete))


def _other(value: str) -> str:
    """A value of the same form that no policy of ours names; an ARN or an account becomes that of a foreign account."""
    if value.isdigit():
        return FOREIGN_ACCOUNT
    try:
        arn = Arn.parse(value)
    except ValueError:
        return f"{UNRELATED}-{value}"
    account = FOREIGN_ACCOUNT if arn.account else ""
    return str(replace(arn, account=account, resource=f"{UNRELATED}-{arn.resource}"))
