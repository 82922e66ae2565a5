"""``python -m tests.sweeps``: every crash and every single fault at every call, two bootstraps meeting at every write,
every property changed by hand. Prints what did not hold, and a table of what was tried and held; with ``--count`` only
how many cases there are."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.sweeps.commands import COMMANDS
from tests.sweeps.share import EVERY_KIND, Result, share, trials
from tests.sweeps.sweep import Sweep
from tests.sweeps.world import world


def table(results: list[Result]) -> list[str]:
    tried = Counter((result.command, result.kind) for result in results)
    held = Counter((result.command, result.kind) for result in results if result.problem is None)
    lines = [f"{'command':16} {'what happens to it':24} {'tried':>6} {'held':>6}"]
    lines += [f"{command:16} {kind:24} {n:6} {held[command, kind]:6}" for (command, kind), n in sorted(tried.items())]
    return [*lines, f"{'all':41} {sum(tried.values()):6} {sum(held.values()):6}"]


def counts(kinds: tuple[str, ...]) -> list[str]:
    """What a sweep of these kinds would go through: each command is run once, undisturbed."""
    with world() as made:
        found = Counter((trial.command, trial.kind) for trial in trials(Sweep(made, COMMANDS), kinds))
    lines = [f"{command:16} {kind:24} {number:6}" for (command, kind), number in sorted(found.items())]
    return [*lines, f"{'all':41} {found.total():6}"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps", description=__doc__)
    parser.add_argument("--kinds", nargs="*", choices=EVERY_KIND, default=list(EVERY_KIND))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="so many cases, drawn at random but the same each time")
    parser.add_argument("--without", nargs="*", choices=EVERY_KIND, default=[], help="kinds to leave out")
    parser.add_argument("--count", action="store_true", help="print how many cases there are, and try none")
    options = parser.parse_args()
    began = time.monotonic()
    kinds, number = tuple(kind for kind in options.kinds if kind not in options.without), options.processes
    if options.count:
        sys.stdout.write("\n".join(counts(kinds)) + "\n")
        return 0
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(share, which, number, kinds, options.sample) for which in range(number)]
        results = [result for part in parts for result in part.result()]
    sys.stdout.write("\n".join(table(results)) + f"\n{time.monotonic() - began:.0f} s\n")
    return int(any(result.problem for result in results))


if __name__ == "__main__":
    sys.exit(main())
