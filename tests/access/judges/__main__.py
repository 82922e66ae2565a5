"""The evaluator against other evaluators on random cases: ``python -m tests.access.judges``.

By default 200,000 cases each for the naive evaluator of these tests, moto's and ministack's (about five minutes);
``--judge`` takes some of them, ``--cases`` and ``--seed`` other cases. ministack is installed into ``.venv-judges``,
once. ``--record`` writes what it says about the cases of the default tests. A disagreement that nothing explains fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import islice

from rich.console import Console

from tests.access.judges.cases import cases
from tests.access.judges.comparison import Comparison
from tests.access.judges.judges import Judge, Ministack, Moto, Naive, RecordedMinistack

JUDGES = {"naive": Naive, "moto": Moto, "ministack": Ministack.installed}
AT_A_TIME = 10_000


def compare(judge: Judge, count: int, seed: int) -> Comparison:
    comparison = Comparison()
    generated = cases(judge.grammar, count, seed)
    while some := list(islice(generated, AT_A_TIME)):
        comparison.add(judge, some)
    return comparison


def report(console: Console, judge: Judge, comparison: Comparison, seconds: float) -> None:
    same = comparison.same
    console.print(
        f"{judge.name}: {comparison.cases:,} cases, both allow {same[True]:,}, both deny {same[False]:,}, "
        f"unexplained {len(comparison.unexplained)}, {seconds:.0f} s"
    )
    for why, count in comparison.left_open.items():
        console.print(f"  left open {count:,}: {why}")
    for why, count in comparison.explained.items():
        console.print(f"  the judge is wrong {count:,}: {why}")
    for case, decision, verdict in comparison.unexplained[:5]:
        console.print(f"  {decision.outcome.value} ({decision.reason}), the judge {'allows' if verdict else 'denies'}:")
        console.print(f"    {case}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.access.judges", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--judge", action="append", choices=sorted(JUDGES), help="who judges (default: all)")
    parser.add_argument("--cases", type=int, default=200_000, help="cases for each judge (default: 200000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random cases (default: 1)")
    parser.add_argument("--record", action="store_true", help="write ministack's verdicts for the default tests")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if options.record:
        recorded = RecordedMinistack()
        recorded.record(Ministack.installed(), list(cases(recorded.grammar, recorded.count, recorded.seed)))
        return 0
    wrong = 0
    for name in options.judge or JUDGES:
        judge, began = JUDGES[name](), time.monotonic()
        comparison = compare(judge, options.cases, options.seed)
        report(console, judge, comparison, time.monotonic() - began)
        wrong += len(comparison.unexplained)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
