"""Which pushes start a pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from xacct_ml.emulator.services.codepipeline.triggers import Push, glob, problems, started_by

PROVIDER = {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"}


def declaration(*push: Any, detects: str = "false", source: str = "Repository") -> dict[str, Any]:
    configuration = {"FullRepositoryId": "acme/churn", "BranchName": "main", "DetectChanges": detects}
    action = {"name": "Repository", "actionTypeId": PROVIDER, "configuration": configuration}
    made: dict[str, Any] = {"stages": [{"name": "Source", "actions": [action]}]}
    if push:
        made["triggers"] = [{"gitConfiguration": {"sourceActionName": source, "push": list(push)}}]
    return made


MAIN = {"branches": {"includes": ["main"]}}
CASES: dict[str, tuple[dict[str, Any], str, tuple[str, ...], bool]] = {
    "the branch": (declaration(MAIN), "main", ("a",), True),
    "another branch": (declaration(MAIN), "dev", ("a",), False),
    "branches by pattern": (declaration({"branches": {"includes": ["release/*"]}}), "release/1", ("a",), True),
    "an excluded branch": (declaration({"branches": {"excludes": ["dev"]}}), "dev", ("a",), False),
    "a path": (declaration({**MAIN, "filePaths": {"includes": ["t/**"]}}), "main", ("x", "t/a/b"), True),
    "other paths": (declaration({**MAIN, "filePaths": {"includes": ["t/**"]}}), "main", ("x", "u/t"), False),
    "the path on another branch": (declaration({**MAIN, "filePaths": {"includes": ["t/**"]}}), "dev", ("t/a",), False),
    "excluded paths only": (
        declaration({**MAIN, "filePaths": {"includes": ["**"], "excludes": ["docs/**"]}}),
        "main",
        ("docs/a",),
        False,
    ),
    "one filter of two": (declaration({"branches": {"includes": ["dev"]}}, MAIN), "main", ("a",), True),
    "tags only": (declaration({"tags": {"includes": ["v*"]}}), "main", ("a",), False),
    "no trigger, nothing detected": (declaration(), "main", ("a",), False),
    "no trigger, changes detected": (declaration(detects="true"), "main", ("a",), True),
    "detected elsewhere": (declaration(detects="true"), "dev", ("a",), False),
}


@pytest.mark.parametrize(("made", "branch", "paths", "starts"), CASES.values(), ids=CASES)
def test_a_push_starts_what_its_trigger_says(
    made: dict[str, Any], branch: str, paths: tuple[str, ...], starts: bool
) -> None:
    """The source action, whose commit is pinned."""
    assert started_by(made, Push("acme/churn", branch, "c" * 40, paths)) == ("Repository" if starts else None)
    assert started_by(made, Push("acme/other", branch, "c" * 40, paths)) is None


def test_triggers_name_a_source_action_once() -> None:
    """CreatePipeline refuses others."""
    assert list(problems(declaration(MAIN))) == []
    assert "is no CodeStarSourceConnection action" in next(problems(declaration(MAIN, source="Other")))
    twice = declaration(MAIN)
    twice["triggers"] *= 2
    assert "more than one trigger" in next(problems(twice))


@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [
        ("*.yaml", "a.yaml", "d/a.yaml"),
        ("**/*.yaml", "d/e/a.yaml", "a.json"),
        ("**/*.yaml", "a.yaml", "ayaml"),
        ("d/**", "d/e/f", "d"),
        ("a?.[jt]xt", "ab.txt", "ab.xxt"),
        ("a.{json,yaml}", "a.yaml", "a.{json,yaml}"),
        ("[!a]b", "cb", "ab"),
        ("a.b+c", "a.b+c", "axb+c"),
    ],
)
def test_globs(pattern: str, matched: str, not_matched: str) -> None:
    """As in a shell; one star stays within a folder."""
    assert glob(pattern).fullmatch(matched)
    assert not glob(pattern).fullmatch(not_matched)
