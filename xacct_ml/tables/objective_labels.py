"""Which labels an objective of XGBoost can be trained on. The facts and their sources are in
``data/objective_labels.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Labels:
    """The interval of an objective's labels; ``above`` and ``below`` say that an end itself is not in it.

    ``whole``: whole numbers only. ``classes``: they name classes. ``hint`` is what else must be known of it."""

    objective: str
    low: float = -inf
    high: float = inf
    above: bool = False
    whole: bool = False
    classes: bool = False
    hint: str = ""
    num_class: int | None = None

    def within(self, num_class: int | None) -> Labels:
        """The same, with the end that ``num_class`` sets."""
        if num_class is None or not self.classes or self.high < inf:
            return self
        return replace(self, high=num_class - 1, num_class=num_class)

    def holds(self, label: float) -> bool:
        """Whether the objective takes the label."""
        above = label > self.low if self.above else label >= self.low
        return above and label <= self.high and (label.is_integer() or not self.whole)

    def __str__(self) -> str:
        if self.num_class is not None:
            return f"0 to {self.num_class - 1}, as num_class is {self.num_class}"
        if self.whole and self.high == 1:
            return "0 and 1"
        kind = "whole numbers" if self.whole else "numbers"
        if self.high < inf:
            return f"{kind} from {self.low:g} to {self.high:g}"
        if self.low > -inf:
            return f"{kind} {'above' if self.above else 'from'} {self.low:g}{'' if self.above else ' on'}"
        return kind


def _labels(objective: str, fact: Mapping[str, Any]) -> Labels:
    return Labels(objective, **{name: value for name, value in fact.items() if name != "source"})


_TEXT = Path(__file__).with_name("data").joinpath("objective_labels.toml").read_text("utf-8")

OBJECTIVES: Mapping[str, Labels] = {
    objective: _labels(objective, fact) for objective, fact in tomllib.loads(_TEXT)["objectives"].items()
}


def of_objective(objective: str | None) -> Labels:
    """The rules of an objective; of one that is not known, any number."""
    return OBJECTIVES.get(objective or "reg:squarederror", Labels(objective or "reg:squarederror"))
