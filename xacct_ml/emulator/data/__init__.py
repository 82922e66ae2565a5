"""The demo's data set, and what makes it."""

from pathlib import Path

TRAIN = Path(__file__).parent / "train.csv"
VALIDATION = Path(__file__).parent / "validation.csv"
