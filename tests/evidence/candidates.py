"""Candidates as a judge meets them: XGBoost models that are trained here, scored by the judge's own code."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xgboost

from xacct_ml.dataset.content import Content
from xacct_ml.dataset.pair import repeated, repeating
from xacct_ml.emulator.data.make import customer
from xacct_ml.evidence.record import Record
from xacct_ml.payload.changes import data_diff, hyperparameter_diff, schema_diff
from xacct_ml.payload.scores.score import Held, Scored, compared, score

BINARY = {"objective": "binary:logistic", "eval_metric": "auc", "eta": "0.2", "max_depth": "4", "num_round": "60"}
CHURN = (
    "months",
    "charge",
    "day minutes",
    "evening minutes",
    "abroad minutes",
    "service calls",
    "abroad plan",
    "voice mail",
    "late payments",
    "contract",
)
Array = Any


@dataclass
class Table:
    """Rows with labels. ``slices`` are columns whose values the held-out rows are also scored by."""

    x: Array
    y: Array
    names: Sequence[str] | None = None
    slices: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.y)

    def part(self, first: int, last: int) -> Table:
        return Table(self.x[first:last], self.y[first:last], self.names, self.slices)

    def and_(self, other: Table) -> Table:
        return Table(np.vstack([self.x, other.x]), np.concatenate([self.y, other.y]), self.names, self.slices)

    def content(self) -> Content:
        """As upload-data knows it, of what tells rows that are in two files."""
        found = Content(rows=len(self))
        found.sample.add(row.tobytes() for row in np.column_stack([self.y, self.x]))
        return found

    def profile(self) -> dict[str, Any]:
        """As upload-data makes it of training rows."""
        return {"columns": [_measures(column) for column in self.x.T], "label": _label(self.y)}


def _measures(column: Array) -> dict[str, Any]:
    there = column[~np.isnan(column)]
    if not len(there):
        return {"missing": 1.0, "low": None, "high": None, "mean": None, "std": None}
    found = {"low": there.min(), "high": there.max(), "mean": there.mean(), "std": there.std()}
    return {"missing": float(np.isnan(column).mean()), **{name: float(value) for name, value in found.items()}}


def _label(labels: Array) -> dict[str, Any]:
    values, counts = np.unique(labels, return_counts=True)
    if len(values) <= 20:
        return {"counts": {f"{value:g}": int(count) for value, count in zip(values, counts, strict=True)}}
    return {name: float(value) for name, value in zip(("low", "high", "mean", "std"), _spread(labels), strict=True)}


def _spread(labels: Array) -> tuple[float, ...]:
    return labels.min(), labels.max(), labels.mean(), labels.std()


@dataclass
class Trained:
    """One run: its data, its hyperparameters and what came of them."""

    table: Table
    hyperparameters: Mapping[str, str] = field(default_factory=lambda: dict(BINARY))
    seed: int = 1

    def __post_init__(self) -> None:
        given = {name: value for name, value in self.hyperparameters.items() if name != "num_round"}
        matrix = xgboost.DMatrix(self.table.x, self.table.y)
        parameters = {**given, "seed": self.seed, "nthread": 1, "verbosity": 0}
        self.model = xgboost.train(parameters, matrix, int(self.hyperparameters["num_round"]))

    def text(self, x: Array) -> bytes:
        """What a batch transform writes."""
        answers = self.model.predict(xgboost.DMatrix(x))
        rows = (str(row.tolist() if answers.ndim > 1 else float(row)) for row in answers)
        return ("\n".join(rows) + "\n").encode()

    def scored(self, held: Held, x: Array) -> Scored:
        return score(self.hyperparameters, [self.text(x)], held)

    def of_itself(self, metric: str) -> float:
        """What the training job reports of the rows that it trained on; of the first, here."""
        rows = self.table.part(0, 2000)
        scored = self.scored(held_of(Table(rows.x, rows.y)), rows.x)
        return float(scored.document["metrics"][metric]["value"])

    def importances(self) -> list[dict[str, Any]]:
        gains = self.model.get_score(importance_type="total_gain")
        total, names = sum(gains.values()) or 1.0, self.table.names
        shares = sorted(((gain / total, int(name[1:])) for name, gain in gains.items()), reverse=True)
        return [
            {"column": place + 1, "name": None if names is None else names[place], "share": share}
            for share, place in shares[:30]
        ]

    def manifest(self, name: str) -> dict[str, Any]:
        columns = self.table.x.shape[1] + 1
        return {"dataset": name, "channels": {"train": {"rows": len(self.table), "columns": columns}}}

    def schema(self) -> dict[str, Any] | None:
        if self.table.names is None:
            return None
        label = {"name": "label", "kind": "number", "categories": []}
        return {"label": label, "features": [{"name": name, "kind": "number"} for name in self.table.names]}


def held_of(table: Table) -> Held:
    labels = "".join(f"{label:g}\n" for label in table.y).encode()
    names = [str((table.names or {})[place]) for place in table.slices] if table.slices else []
    rows = [",".join(names), *(",".join(f"{row[place]:g}" for place in table.slices) for row in table.x)]
    return Held.of([labels], ["\n".join(rows).encode()] if names else None)


def record(
    candidate: Trained,
    heldout: Table,
    live: Trained | None = None,
    gate: tuple[str, str, float] = ("auc", "maximize", 0.6),
    judged: float | None = None,
    then: Scored | None = None,
) -> Record:
    """As the judge writes it. ``judged`` is the gate's value; ``then`` how the live model scored on its own rows."""
    held = held_of(heldout)
    mine = candidate.scored(held, heldout.x)
    fits = live is not None and live.table.x.shape[1] == heldout.x.shape[1]
    its = live.scored(held, heldout.x) if live is not None and fits else None
    metric, direction, threshold = gate
    value = mine.document["metrics"][metric]["value"] if judged is None else judged
    new, old = candidate.manifest("new"), None if live is None else live.manifest("old")
    document = {
        "schema": "xacct-ml/evaluation/3",
        "pipelineExecutionId": "run-2",
        "commit": "c0ffee",
        "trainingJob": "churn-2",
        "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "containerVersion": "1.7-1",
        "hyperparameters": dict(candidate.hyperparameters),
        "metrics": [
            {"name": f"validation:{metric}", "value": value},
            {"name": f"train:{metric}", "value": candidate.of_itself(metric)},
        ],
        "gate": {
            "metric": f"validation:{metric}",
            "direction": direction,
            "threshold": threshold,
            "value": value,
            "outcome": "passed",
        },
        "data": new,
        "model": {"sha256": "ab" * 32},
        "holdout": {
            "from": "holdout",
            "rows": len(heldout),
            "scored": len(heldout),
            "repeated": repeated(candidate.table.content(), heldout.content()),
        },
        "scores": {
            "candidate": mine.document,
            "live": None if its is None else its.document,
            "difference": None if its is None else compared(mine, its),
        },
        "importances": candidate.importances(),
        "live": None
        if live is None
        else {
            "execution": "run-1",
            "digest": "cd" * 32,
            "target": "production",
            "containerVersion": "1.7-1",
            "then": None if then is None else {"dataset": "old", "rows": 1, "metrics": then.document["metrics"]},
        },
    }
    if live is not None and old is not None:
        document |= {
            "dataDiff": data_diff(old, live.table.profile(), new, candidate.table.profile(), candidate.table.names),
            "schemaDiff": schema_diff(
                live.schema(), candidate.schema(), live.table.x.shape[1] + 1, candidate.table.x.shape[1] + 1
            ),
            "hyperparameterDiff": hyperparameter_diff(live.hyperparameters, candidate.hyperparameters),
            "commits": ["decaf", "c0ffee"],
            "repeatedRows": [repeating(live.table.content()), repeating(candidate.table.content())],
        }
    return Record.model_validate(document)


# -- tables ------------------------------------------------------------------------------------------------------------
def churn(rows: int, seed: int) -> Table:
    """Customers as the package's data set has them."""
    chance = random.Random(seed)
    found = np.array([[float(one) for one in customer(chance)] for _ in range(rows)])
    return Table(found[:, 1:], found[:, 0], CHURN)


def linear(rows: int, seed: int, noise: float = 1.0, features: int = 8) -> Table:
    """A number that follows from some of the features, and noise."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, features))
    y = 3 * x[:, 0] - 2 * x[:, 1] + x[:, 2] * x[:, 3] + noise * chance.normal(size=rows)
    return Table(x, y)


def classes(rows: int, seed: int, count: int = 4) -> Table:
    """Overlapping clusters."""
    chance = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(scale=1.6, size=(count, 5))
    y = chance.integers(count, size=rows)
    return Table(middles[y] + chance.normal(size=(rows, 5)), y.astype(float))


def counts(rows: int, seed: int) -> Table:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, 5))
    return Table(x, chance.poisson(np.exp(0.5 + 0.5 * x[:, 0] - 0.3 * x[:, 1])).astype(float))


def rare(rows: int, seed: int, share: float = 0.05, signal: float = 2.0) -> Table:
    """Two classes, one of them rare; ``signal`` is how far apart they are."""
    chance = np.random.default_rng(seed)
    y = (chance.random(rows) < share).astype(float)
    x = chance.normal(size=(rows, 6))
    x[:, 0] += signal * y
    x[:, 1] -= signal / 2 * y
    return Table(x, y)


def regions(rows: int, seed: int, names: Sequence[str] = ("region", "age", "income", "calls", "tenure")) -> Table:
    """Two classes; the first column is one of four regions, which the rows are also scored by."""
    chance = np.random.default_rng(seed)
    x = np.column_stack([chance.integers(4, size=rows), chance.normal(size=(rows, 4))])
    score = 1.5 * x[:, 1] - x[:, 2] + 0.4 * (x[:, 0] == 2)
    y = (chance.random(rows) < 1 / (1 + np.exp(-score))).astype(float)
    return Table(x, y, names, (0,))


def with_gaps(table: Table, seed: int, share: float = 0.1) -> Table:
    x = table.x.copy()
    x[np.random.default_rng(seed).random(x.shape) < share] = np.nan
    return Table(x, table.y, table.names, table.slices)
