"""``python -m tests.sweeps``: every crash and every single fault at every call; a table of what was tried and held."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.sweeps.share import share
from tests.sweeps.sweep import KINDS, Case


def table(results: list[tuple[Case, str | None]]) -> list[str]:
    tried = Counter((case.command, case.kind) for case, _ in results)
    held = Counter((case.command, case.kind) for case, problem in results if problem is None)
    lines = [f"{'command':16} {'what strikes':20} {'tried':>6} {'held':>6}"]
    lines += [f"{command:16} {kind:20} {n:6} {held[command, kind]:6}" for (command, kind), n in tried.items()]
    return [*lines, f"{'all':37} {sum(tried.values()):6} {sum(held.values()):6}"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps", description=__doc__)
    parser.add_argument("--kinds", nargs="*", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="so many cases, drawn at random but the same each time")
    options = parser.parse_args()
    began = time.monotonic()
    kinds, number = tuple(options.kinds), options.processes
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(share, which, number, kinds, options.sample) for which in range(number)]
        results = [result for part in parts for result in part.result()]
    results.sort(key=lambda result: (result[0].command, result[0].kind, result[0].call))
    sys.stdout.write("\n".join(table(results)) + f"\n{time.monotonic() - began:.0f} s\n")
    return int(any(problem for _, problem in results))


if __name__ == "__main__":
    sys.exit(main())
