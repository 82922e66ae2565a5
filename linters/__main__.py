"""``python -m linters``: exit code 1 where a linter finds what is not accepted, or no longer what is."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from linters.accepted import Accepted, Finding, ListError, beyond, load
from linters.rendering import EXAMPLE, HERE, PLANTED, Document, rendered
from linters.tools import TOOLS, Tool, ToolError, ensure, findings, unseen

ACCEPTED = HERE / "accepted.toml"


@dataclass(frozen=True, slots=True)
class Result:
    """One tool's findings: the same one from several maps counts once. ``problems`` are ready to print."""

    tool: Tool
    documents: int
    found: frozenset[Finding]
    in_example: int
    beyond: int
    problems: list[str]


def judge(tool: Tool, documents: list[Document], accepted: tuple[Accepted, ...]) -> Result:
    """Run one tool and compare. Raises :class:`ToolError`."""
    mine = [document for document in documents if tool.reads(document)]
    said = findings(tool, ensure(tool), mine)
    found = frozenset(finding for name, finding in said if name != PLANTED)
    entries = [entry for entry in accepted if entry.tool == tool.name]
    excess = sorted(beyond(found, entries), key=str)
    return Result(
        tool,
        len(mine),
        found,
        len({finding for name, finding in said if name == EXAMPLE.stem}),
        len(excess),
        [
            *(f"{finding} (not accepted)" for finding in excess),
            *(line for entry in entries for line in entry.unneeded(found)),
            *unseen(tool, (finding for name, finding in said if name == PLANTED)),
        ],
    )


def main() -> int:
    try:
        accepted = load(ACCEPTED)
        if unknown := {entry.tool for entry in accepted} - {tool.name for tool in TOOLS}:
            raise ListError(f"{ACCEPTED.name}: unknown tool: {', '.join(sorted(unknown))}")
        with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
            documents = rendered(Path(directory))
            results = list(pool.map(lambda tool: judge(tool, documents, accepted), TOOLS))
    except (ListError, ToolError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    Console().print(table(results))
    problems = [problem for result in results for problem in result.problems]
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


def table(results: list[Result]) -> Table:
    drawn = Table("linter", box=SIMPLE)
    for heading in ("documents", "findings", "in example", "accepted", "beyond"):
        drawn.add_column(heading, justify="right")
    for result in results:
        accepted = len(result.found) - result.beyond
        counts = (result.documents, len(result.found), result.in_example, accepted, result.beyond)
        drawn.add_row(result.tool.name, *(str(count) for count in counts))
    return drawn


if __name__ == "__main__":
    sys.exit(main())
