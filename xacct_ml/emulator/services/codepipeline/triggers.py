"""Which pushes start a pipeline: its triggers, or the change detection of a source action without one.

Pure. CodePipeline user guide, pipelines-triggers, pipelines-filter and "Working with glob patterns in syntax" [D]:
excludes win; branches and file paths of one filter must both match; a trigger takes exactly the commit pushed."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from xacct_ml.emulator.services.codepipeline.declaration import Declaration

PROVIDER = "CodeStarSourceConnection"


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that got a new commit; ``paths`` are the files that differ from the one before."""

    repository: str
    branch: str
    commit: str
    paths: tuple[str, ...]


def started_by(declaration: Declaration, push: Push) -> str | None:
    """The source action whose trigger the push pulls; None where it starts nothing."""
    triggers = {
        trigger["gitConfiguration"]["sourceActionName"]: trigger["gitConfiguration"].get("push") or ()
        for trigger in declaration.get("triggers") or ()
    }
    for action in _sources(declaration):
        configuration = action["configuration"]
        if configuration["FullRepositoryId"] != push.repository:
            continue
        if action["name"] in triggers:
            if any(_passes(each, push) for each in triggers[action["name"]]):
                return str(action["name"])
        elif configuration.get("DetectChanges", "true") != "false" and configuration["BranchName"] == push.branch:
            return str(action["name"])
    return None


def problems(declaration: Declaration) -> Iterator[str]:
    """What CreatePipeline refuses in triggers; the wording is assumed [U]."""
    named = [trigger["gitConfiguration"]["sourceActionName"] for trigger in declaration.get("triggers") or ()]
    known = {action["name"] for action in _sources(declaration)}
    for name, times in Counter(named).items():
        if name not in known:
            yield f"Trigger refers to source action '{name}', which is no {PROVIDER} action of the pipeline"
        if times > 1:
            yield f"Source action '{name}' has more than one trigger configuration"


def _sources(declaration: Declaration) -> Iterator[Any]:
    first = declaration["stages"][0]["actions"] if declaration["stages"] else ()
    return (action for action in first if action["actionTypeId"]["provider"] == PROVIDER)


def _passes(push_filter: Mapping[str, Any], push: Push) -> bool:
    """A filter on tags alone is not for branches."""
    if "tags" in push_filter and "branches" not in push_filter:
        return False
    return _chosen(push_filter.get("branches"), [push.branch]) and _chosen(push_filter.get("filePaths"), push.paths)


def _chosen(criteria: Mapping[str, Any] | None, values: Iterable[str]) -> bool:
    """Whether one of the values is included and not excluded."""
    if criteria is None:
        return True
    includes, excludes = criteria.get("includes") or ("**",), criteria.get("excludes") or ()
    return any(_any(includes, value) and not _any(excludes, value) for value in values)


def _any(patterns: Iterable[str], value: str) -> bool:
    return any(glob(pattern).fullmatch(value) for pattern in patterns)


@cache
def glob(pattern: str) -> re.Pattern[str]:
    """``*`` and ``?`` stay within a part between slashes, ``**`` does not; ``[…]`` and ``{a,b}`` as in a shell."""
    found = re.sub(r"\*\*/|\*\*|\*|\?|\[[!^]?[^\]]+\]|\{[^{}]*\}|.", _translated, pattern, flags=re.DOTALL)
    return re.compile(found, re.DOTALL)


def _translated(match: re.Match[str]) -> str:
    part = match[0]
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if part in fixed:
        return fixed[part]
    if part[0] == "[" and len(part) > 1:
        negated = part[1] in "!^"
        return f"[{'^' if negated else ''}{part[2 if negated else 1 : -1]}]"
    if part[0] == "{" and len(part) > 1:
        return f"(?:{'|'.join(map(re.escape, part[1:-1].split(',')))})"
    return re.escape(part)
