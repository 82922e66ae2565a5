"""Which policies are inline and which managed."""

from __future__ import annotations

from typing import Any

from xacct_ml.operations.entry_roles.sizes import divided
from xacct_ml.system.statements import Document, allow, policy
from xacct_ml.validation.document_sizes import compact


def of_size(characters: int, statements: int = 4) -> Document:
    arns = [f"arn:aws:s3:::bucket-{number:04}/{'x' * 60}" for number in range(characters // 85)]
    share = -(-len(arns) // statements)
    return policy(*(allow(f"Read{n}", "s3:GetObject", arns[n * share : (n + 1) * share]) for n in range(statements)))


def granted(documents: dict[str, Document] | Any) -> set[str]:
    statements = [each for document in documents.values() for each in document["Statement"]]
    return {arn for each in statements for arn in each["Resource"]}


def test_what_fits_is_inline() -> None:
    """Under the policies' own names."""
    given = {"a": of_size(4000), "b": of_size(4000)}
    assert divided(given) == (given, {})


def test_the_largest_become_managed_until_the_rest_fits() -> None:
    """But not what is to be taken away."""
    given = {"first": of_size(5500), "small": of_size(2000), "large": of_size(5000), "middle": of_size(4000)}
    inline, managed = divided(given, ["first"])
    assert list(inline) == ["first", "small"] or sum(len(compact(each)) for each in inline.values()) <= 10_240
    assert "first" in inline
    assert "large" in managed
    assert {**inline, **managed} == given


def test_one_that_is_too_large_is_divided() -> None:
    """Between its statements, and a statement between its resources; nothing is lost."""
    given = {"a": of_size(14_000), "b": of_size(9_000, statements=1)}
    inline, managed = divided(given)
    assert inline == {} or sum(len(compact(each)) for each in inline.values()) <= 10_240
    assert all(len(compact(each)) <= 6_144 for each in managed.values())
    assert len(managed) > 2
    assert granted({**inline, **managed}) == granted(given)
    for document in managed.values():
        sids = [each["Sid"] for each in document["Statement"]]
        assert len(sids) == len(set(sids))
