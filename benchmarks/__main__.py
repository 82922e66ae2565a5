"""All figures by one command, in one table: ``python -m benchmarks [NAME …] [--quick]``.

Wall-clock seconds on the machine at hand. What is compared is measured side by side in the same run; the command line
is measured as users start it, in processes of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks import check, emptying, idle, latency, prepare, proof, startup, targets, upload
from benchmarks.figures import Figure, at_most, run, told, xacct_ml

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"

_WIDTH = 120
_STYLES = {"holds": "green", "missed": "bold red"}


def demo() -> Iterator[Figure]:
    """The whole system, from an empty AWS to a prediction."""
    ran = run(xacct_ml("demo"))
    yield at_most("xacct-ml demo", ran.seconds, 30, "s")
    yield told("  processor time", ran.processor, "s")


BENCHMARKS: Mapping[str, Callable[[bool], Iterator[Figure]]] = {
    "start-up": lambda quick: startup.figures(quick=quick),
    "proof": lambda quick: proof.figures(EXAMPLE, quick=quick),
    "latency": lambda quick: latency.figures(EXAMPLE, quick=quick),
    "idle": lambda quick: idle.figures(EXAMPLE, quick=quick),
    "targets": lambda quick: targets.figures(EXAMPLE, quick=quick),
    "check": lambda quick: check.figures(quick=quick),
    "upload": lambda quick: upload.figures(EXAMPLE, quick=quick),
    "prepare": lambda quick: prepare.figures(quick=quick),
    "emptying": lambda quick: emptying.figures(EXAMPLE, quick=quick),
    "demo": lambda _: demo(),
}


def main(words: list[str] | None = None) -> int:
    """Measure, print the table; 1 where a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, beside what it should be.")
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all unless given")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer runs")
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: there are {', '.join(BENCHMARKS)}")
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    figures: list[Figure] = []
    for name in given.names or BENCHMARKS:
        with console.status(f"measuring {name}"):
            figures += BENCHMARKS[name](given.quick)
    console.print(table(figures))
    return int(any(figure.holds is False for figure in figures))


def table(figures: list[Figure]) -> Table:
    """A row for each figure."""
    drawn = Table("figure", "measured", "wanted", "")
    for figure in figures:
        verdict = Text(figure.verdict, style=_STYLES.get(figure.verdict, ""))
        drawn.add_row(figure.name, figure.measured, figure.wanted, verdict)
    return drawn


if __name__ == "__main__":
    sys.exit(main())
