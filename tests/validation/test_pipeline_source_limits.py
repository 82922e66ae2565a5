"""The map's source: one place, in the pipeline's account and region, with keys and names that nothing else claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.maps import MINIMAL, refusal
from xacct_ml.system.names import Names
from xacct_ml.validation import load

ARN = "arn:aws:codeconnections:us-east-1:111111111111:connection/01234567-89ab-cdef-0123-456789abcdef"


def connected(arn: str = ARN, *lines: str, repository: str | None = "acme/churn") -> str:
    """The minimal map with a connection; ``lines`` go below ``connection``."""
    named = "" if repository is None else f"  repository: {repository}\n"
    return f"{MINIMAL}pipeline:\n{named}  connection:\n    arn: {arn}\n" + "".join(f"    {line}\n" for line in lines)


def stored(key: str, more: str = "") -> str:
    """The minimal map with a source object."""
    return f"{MINIMAL}{more}pipeline:\n  source_object:\n    key: {key}\n"


REFUSED: dict[str, tuple[str, tuple[int, int], str]] = {
    "two sources": (
        connected() + "  source_object: {}\n",
        (19, 3),
        "give either pipeline.connection or pipeline.source_object",
    ),
    "connection and source account": (
        connected().replace("  production:", '  source: {id: "444444444444"}\n  production:'),
        (8, 3),
        "pipeline.connection says that there is none; leave one out",
    ),
    "object and source account": (
        stored("a.zip").replace("  production:", '  source: {id: "444444444444"}\n  production:'),
        (8, 3),
        "pipeline.source_object says that there is none; leave one out",
    ),
    "no ARN": (connected("my-connection"), (18, 10), "is not a connection's ARN, such as arn:aws:codeconnections"),
    "ARN of something else": (connected(ARN.replace("codeconn", "codeb")), (18, 10), "is not a connection's ARN"),
    "another region": (
        connected(ARN.replace("us-east-1", "eu-west-1")),
        (18, 10),
        "the connection is in eu-west-1; make one in the pipeline's region, us-east-1",
    ),
    "another account": (
        connected(ARN.replace("1" * 12, "9" * 12)),
        (18, 10),
        "belongs to account 999999999999; make one in the shared account, 111111111111",
    ),
    "another partition": (connected(ARN.replace("arn:aws:", "arn:aws-cn:")), (18, 10), "is in partition aws-cn"),
    "connection without repository": (connected(repository=None), (16, 3), "needs pipeline.repository"),
    "repository without owner": (connected(repository="churn"), (16, 15), "owner and name with a slash"),
    "clone address": (connected(repository="acme/churn.git"), (16, 15), "give the name without it"),
    "braces in the branch": (connected() + "  branch: a{b}\n", (19, 11), "are a pattern in a trigger"),
    "too many paths": (
        connected(ARN, f"paths: [{', '.join(f'p{number}/**' for number in range(9))}]"),
        (19, 12),
        "9 patterns; allowed: up to 8",
    ),
    "path from the root": (connected(ARN, "paths: [a/**, /b/**]"), (19, 19), "begins with a slash"),
    "empty path": (connected(ARN, "paths: ['']"), (19, 13), "allowed: 1 to 255"),
    "object and repository": (stored("a.zip") + "  repository: churn\n", (18, 3), "leave pipeline.repository out"),
    "object and branch": (stored("a.zip") + "  branch: main\n", (18, 3), "leave pipeline.branch out"),
    "no zip": (stored("source/source.tar"), (17, 10), "does not end with .zip"),
    "key with a wildcard": (stored("source/*.zip"), (17, 10), "has another form"),
    "key among the data": (stored("data/source.zip"), (17, 10), "lies under data/"),
    "key among other data": (stored("sets/a/s.zip", "data: {prefix: sets/a}\n"), (18, 10), "lies under sets/a/"),
    "key among the models": (stored("models/source.zip"), (17, 10), "lies under models/"),
    "key among judged models": (stored("judged/source.zip"), (17, 10), "lies under judged/"),
    "key among checkpoints": (stored("checkpoints/source.zip"), (17, 10), "lies under checkpoints/"),
    "key among the artifacts": (stored("churn/source.zip"), (17, 10), "artifacts lie under churn*"),
}


@pytest.mark.parametrize(("content", "place", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, content: str, place: tuple[int, int], reason: str) -> None:
    """Told at the place in the file that is to blame."""
    error = refusal(tmp_path, content)
    first = f"{error.line}:{error.column}: {error.reason}"
    at_place = [line for line in (first, *error.details) if line.startswith(f"{place[0]}:{place[1]}: ")]
    assert any(reason in line for line in at_place), (first, error.details)


ACCEPTED = {
    "connection": connected(),
    "former prefix": connected(ARN.replace("codeconnections", "codestar-connections")),
    "paths": connected(ARN, "paths: [training/**, '*.yaml']"),
    "groups within groups": connected(repository="acme/ml/churn"),
    "object": stored("source/source.zip"),
    "object by default": f"{MINIMAL}pipeline:\n  source_object:\n",
    "branch with a slash": connected() + "  branch: release/1\n",
}


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(tmp_path: Path, content: str) -> None:
    """What the services take."""
    path = tmp_path / "config.yaml"
    path.write_text(content)
    pipeline = load(path).pipeline
    assert (pipeline.connection is None) != (pipeline.source_object is None)


def test_the_connection_has_both_prefixes(tmp_path: Path) -> None:
    """Whichever the map says, rights are given for both."""
    path = tmp_path / "config.yaml"
    path.write_text(connected())
    former = ARN.replace("codeconnections", "codestar-connections")
    assert Names(load(path)).connection_arns == (ARN, former)
    path.write_text(connected(former))
    assert Names(load(path)).connection_arns == (ARN, former)
