"""Records ``xacct-ml demo`` as it is on a terminal of 80 columns: ``python -m tools.record_demo``.

Runs it, and writes docs/pictures/demo.svg. Ids and times are the run's own; the checkout's folder is shown as ``~``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tools.screen_recording import COLUMNS, Row, recorded, svg, text_of

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "pictures" / "demo.svg"
TYPED = "xacct-ml demo"
TITLE = "xacct-ml demo: three emulated accounts, a pipeline, a model that is trained, approved, served and asked"


def record() -> list[Row]:
    """The rows that the demonstration shows."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": home,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLUMNS": str(COLUMNS),
        }
        rows = recorded([sys.executable, "-m", "xacct_ml", "demo"], environment, home)
    for row in rows:
        hide(row, str(ROOT), "~")
    return rows


def hide(row: Row, folder: str, name: str) -> None:
    """``name`` in place of ``folder``, once."""
    at = text_of(row).find(folder)
    if at >= 0:
        row.cells[at : at + len(folder)] = [(letter, row.cells[at][1]) for letter in name]


def main() -> None:
    rows = record()
    PICTURE.write_text(svg(rows, TITLE, TYPED), encoding="utf-8")
    sys.stdout.write("\n".join(map(text_of, rows)) + "\n")


if __name__ == "__main__":
    main()
