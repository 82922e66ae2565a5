"""``python -m benchmarks.paced BYTES MODULE WORD …`` runs a module whose uploads send at most so many bytes a second,
as over a line of that width."""

from __future__ import annotations

import runpy
import sys

from xacct_ml.operations.upload import written_once


def main(pace: str, module: str, *words: str) -> None:
    written_once.PARTS = {**written_once.PARTS, "max_bandwidth": int(pace)}
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
