"""All figures by one command, in one table: ``python -m benchmarks``.

Wall-clock seconds on the machine at hand; the best of several for what is short. The command line is measured as
users start it, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import latency
from xacct_ml.access.evaluate import decide
from xacct_ml.config import load
from xacct_ml.naming import Names
from xacct_ml.proof.prove import hops, prove
from xacct_ml.proof.world import documents_store

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"
COMMAND = [str(Path(sys.executable).with_name("xacct-ml"))]


@dataclass(frozen=True)
class Figure:
    name: str
    measured: float
    unit: str
    bound: str


def figures() -> Iterator[Figure]:
    yield Figure("xacct-ml --help", best(lambda: run("--help"), 7), "s", "≤ 0.3 s")
    yield Figure(
        "xacct-ml verify, example map", best(lambda: run("verify", "--config", str(EXAMPLE)), 3), "s", "≤ 10 s"
    )
    yield Figure("decisions on one core, hops of the example map", decisions_per_second(), "1/s", "≥ 20,000 /s")
    yield from latency_figures()
    yield Figure("xacct-ml demo, first run", once(lambda: run("demo")), "s", "≤ 30 s")


def latency_figures() -> Iterator[Figure]:
    """With 200 ms added to each call; see :mod:`benchmarks.latency` for what a chain is."""
    for command in latency.measure(EXAMPLE):
        yield Figure(command.name, command.seconds, "s", f"{command.calls} calls, chain of {command.chain}")
        yield Figure("  ÷ its longest chain", command.over_chain, "", f"≤ {command.bound}")
        yield Figure("  faster than one call after another", command.speed_up, "times", "≥ 5")


def decisions_per_second() -> float:
    config = load(EXAMPLE)
    key_arn = Names(config).key_arn()
    store = documents_store(config, key_arn)
    asked = [(hop.request, store.policies_for(hop.request)) for hop in hops(config, key_arn)]
    rounds = 200

    def decide_all() -> None:
        for _ in range(rounds):
            for request, policies in asked:
                decide(request, policies)

    if not prove(config).holds:
        raise SystemExit("the example map's proof fails: its figures mean nothing")
    return rounds * len(asked) / best(decide_all, 3)


def run(*arguments: str) -> None:
    subprocess.run([*COMMAND, *arguments], check=True, capture_output=True)


def best(action: Callable[[], None], times: int) -> float:
    return min(once(action) for _ in range(times))


def once(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    table = Table("figure", "measured", "wanted")
    for figure in figures():
        table.add_row(figure.name, f"{figure.measured:,.2f} {figure.unit}", figure.bound)
    Console().print(table)


if __name__ == "__main__":
    main()
