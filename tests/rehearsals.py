"""Every statement of every document taken out in turn, and a run without it: ``python -m tests.rehearsals``.

Each run must fail at the hop that ``verify`` names for the documents without the statement, with exactly that hop's
request refused; where ``verify`` denies nothing that a rehearsal asks for, it must succeed. ``explain``, given nothing
but the failed run, must name exactly that statement. Takes a few minutes and needs the emulator's dependencies.
``--only TEXT`` takes the statements whose names contain the text.

Denies and conditions permit nothing and so cannot be missed by a run: that each of them is needed is shown by attacks
(``xacct_ml.proof.attacks.attack``)."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tests.journeys.explanation import explained
from tests.journeys.removal import Check, Verdict, prepared, without_in_first_run

CHECKS: tuple[Check, ...] = (explained,)
"""Further judges of each rehearsal."""


def verdicts(only: str, files: Path) -> Iterator[Verdict]:
    """On later runs first, all in one project; then on first runs, each in a project of its own."""
    of_first_runs: list[str] = []
    with prepared(files) as made:
        chosen = [statement for statement in made.rehearsals.statements() if only in str(statement)]
        for statement in chosen:
            if made.belongs_to_first_run(statement):
                of_first_runs.append(str(statement))
            yield made.without(statement, CHECKS)
        whole = made.rehearsals.again()
        if whole.failed is not None or whole.refused:
            raise AssertionError(f"with every statement back in its place: {whole.failed} {whole.message}")
        asked = made.first.asked
    for name in of_first_runs:
        yield without_in_first_run(name, asked, files, CHECKS)


def line(verdict: Verdict) -> str:
    expected, refused = verdict.expected, verdict.expected.refused
    if refused is None:
        said = f"{len(expected.denied)} hops denied, none that a run asks for: served"
    else:
        said = f"{refused.request.action} refused: {f'fails in {expected.stage}' if expected.stage else 'survived'}"
    return f"{'as proven' if not verdict.complaints else 'OTHERWISE'}  {verdict.statement}: {said}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsals", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only statements whose names contain TEXT")
    only = parser.parse_args(arguments).only
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    stages: Counter[str] = Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        for verdict in verdicts(only, Path(directory)):
            console.print(line(verdict), markup=False)
            for complaint in verdict.complaints:
                console.print(f"    {complaint}", markup=False)
            wrong += bool(verdict.complaints)
            stages[verdict.expected.stage or ("survived" if verdict.expected.refused else "not asked for")] += 1
    counted = ", ".join(f"{stage} {count}" for stage, count in stages.items())
    console.print(
        f"{stages.total()} rehearsals ({counted}), {wrong} otherwise than proven, {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong or not stages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
