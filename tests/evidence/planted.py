"""Twelve candidates that nobody should approve unwarned, and twenty that nothing is wrong with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.evidence.candidates import (
    BINARY,
    Table,
    Trained,
    churn,
    classes,
    counts,
    held_of,
    linear,
    rare,
    record,
    regions,
    with_gaps,
)
from xacct_ml.evidence.record import Record

SQUARED = {"objective": "reg:squarederror", "eval_metric": "rmse", "eta": "0.2", "max_depth": "4", "num_round": "80"}
SOFT = {"objective": "multi:softprob", "num_class": "4", "eta": "0.2", "max_depth": "4", "num_round": "40"}
POISSON = {"objective": "count:poisson", "eta": "0.1", "max_depth": "3", "num_round": "80"}
RMSE = ("rmse", "minimize", 100.0)
MLOGLOSS = ("mlogloss", "minimize", 5.0)


# -- bad ---------------------------------------------------------------------------------------------------------------
def leaked_rows() -> Record:
    """A third of the held-out rows is in the training file, too."""
    heldout = churn(600, 2)
    return record(Trained(churn(1500, 1).and_(heldout.part(0, 200))), heldout, Trained(churn(1500, 3)))


def constant() -> Record:
    """No split is worth its weight: one answer for everybody."""
    return record(
        Trained(churn(900, 1), {**BINARY, "min_child_weight": "100000"}), churn(400, 2), gate=("auc", "maximize", 0.5)
    )


def collapsed_slice() -> Record:
    """The labels of one region of four are turned round in the training file: good over all, useless there."""
    table = regions(4000, 1)
    wrong = np.where(table.x[:, 0] == 3, 1 - table.y, table.y)
    return record(
        Trained(Table(table.x, wrong, table.names, table.slices)), regions(2000, 2), Trained(regions(4000, 3))
    )


def other_meaning() -> Record:
    """The data set's labels now say who stayed."""
    before, after, heldout = churn(1500, 1), churn(1500, 2), churn(500, 3)
    live = Trained(before)
    own = churn(500, 4)
    turned = Table(heldout.x, 1 - heldout.y, heldout.names)
    candidate = Trained(Table(after.x, 1 - after.y, after.names))
    return record(candidate, turned, live, then=live.scored(held_of(own), own.x))


def shifted() -> Record:
    """Minutes became seconds, in all files."""

    def seconds(table: Table) -> Table:
        x = table.x.copy()
        x[:, 2:5] *= 60
        return Table(x, table.y, table.names)

    return record(Trained(seconds(churn(1500, 1))), seconds(churn(500, 2)), Trained(churn(1500, 3)))


def worse_within_the_gate() -> Record:
    """Passes the gate, and is a step back: every fourth label of the training file is wrong."""
    table = regions(4000, 1)
    wrong = np.random.default_rng(7).random(len(table)) < 0.25
    candidate = Trained(Table(table.x, np.where(wrong, 1 - table.y, table.y), table.names, table.slices))
    return record(candidate, regions(2000, 2), Trained(table))


def recall_nought() -> Record:
    """Four in a thousand are positive, and none of them is found."""
    return record(Trained(rare(8000, 1, 0.004, 0.7)), rare(5000, 2, 0.004, 0.7), gate=("accuracy", "maximize", 0.9))


def overconfident() -> Record:
    """Learnt by heart: as good in ranks, and far too sure."""
    by_heart = {**BINARY, "max_depth": "7", "num_round": "150", "eta": "0.5", "lambda": "0.2"}
    return record(Trained(regions(1500, 1), by_heart), regions(3000, 2))


def one_feature() -> Record:
    """A column that is filled in after the customer has gone."""

    def leaky(table: Table, seed: int) -> Table:
        chance = np.random.default_rng(seed)
        after = np.where(chance.random(len(table)) < 0.98, table.y, 1 - table.y)
        names = [*(table.names or ()), "closed account"]
        return Table(np.column_stack([table.x, after]), table.y, names)

    return record(Trained(leaky(churn(1500, 1), 5)), leaky(churn(500, 2), 6))


def other_columns() -> Record:
    """Two columns fewer than what serves."""
    table, heldout = churn(1500, 1), churn(500, 2)
    narrow = Table(table.x[:, :8], table.y, (table.names or ())[:8])
    return record(
        Trained(narrow), Table(heldout.x[:, :8], heldout.y, (heldout.names or ())[:8]), Trained(churn(1500, 3))
    )


def much_less_data() -> Record:
    """A tenth of the rows: an export that broke off."""
    return record(Trained(churn(150, 1)), churn(500, 2), Trained(churn(1500, 3)))


def other_hyperparameters() -> Record:
    """A trial's configuration that was never put back."""
    tried = {**BINARY, "eta": "0.01", "num_round": "1200", "max_depth": "10"}
    return record(Trained(churn(1500, 1), tried), churn(500, 2), Trained(churn(1500, 1)))


BAD: dict[str, tuple[str, Callable[[], Record]]] = {
    "leaked rows": ("leaked rows", leaked_rows),
    "a constant prediction": ("constant", constant),
    "a slice that collapsed": ("slice", collapsed_slice),
    "another label's meaning": ("label meaning", other_meaning),
    "shifted data": ("shifted data", shifted),
    "a worse model within the gate": ("worse", worse_within_the_gate),
    "recall 0 on an imbalanced set": ("recall", recall_nought),
    "overconfident": ("calibration", overconfident),
    "one feature carries everything": ("one feature", one_feature),
    "columns that differ": ("schema", other_columns),
    "much less data": ("less data", much_less_data),
    "hyperparameters far from the live model's": ("hyperparameters", other_hyperparameters),
}
"""Name → the kind of the finding that must be there, and the record."""


# -- good --------------------------------------------------------------------------------------------------------------
def _next(make: Callable[[int, int], Table], rows: int, heldout: int, seed: int, **more: object) -> Record:
    """Trained on later rows of the same kind."""
    given = dict(more)
    hyperparameters = given.pop("hyperparameters", BINARY)
    changed = given.pop("changed", {})
    grown = given.pop("grown", 1.0)
    live = Trained(make(rows, seed), hyperparameters)  # type: ignore[arg-type]
    candidate = Trained(make(int(rows * grown), seed + 1000), {**hyperparameters, **changed})  # type: ignore[call-overload,dict-item,operator]
    own = make(heldout, seed + 2000)
    return record(candidate, make(heldout, seed + 3000), live, then=live.scored(held_of(own), own.x), **given)  # type: ignore[arg-type]


GOOD: dict[str, Callable[[], Record]] = {
    "the first model": lambda: record(Trained(churn(900, 11)), churn(300, 12)),
    "the package's own size": lambda: _next(churn, 900, 300, 21),
    "the same data, another seed": lambda: record(
        Trained(churn(1500, 31), {**BINARY, "subsample": "0.8"}, seed=1),
        churn(600, 32),
        Trained(churn(1500, 31), {**BINARY, "subsample": "0.8"}, seed=2),
    ),
    "a third more data": lambda: _next(churn, 1200, 500, 41, grown=1.33),
    "a tenth less": lambda: _next(churn, 1500, 500, 51, grown=0.9),
    "a deeper tree": lambda: _next(churn, 1500, 500, 61, changed={"max_depth": "5"}),
    "slower and longer": lambda: _next(churn, 1500, 500, 71, changed={"eta": "0.1", "num_round": "120"}),
    "much better than before": lambda: record(
        Trained(churn(3000, 81)), churn(600, 82), Trained(churn(1600, 83), {**BINARY, "num_round": "15"})
    ),
    "a number": lambda: _next(linear, 2000, 600, 91, hyperparameters=SQUARED, gate=RMSE),
    "a noisy number": lambda: _next(lambda n, s: linear(n, s, 6.0), 2000, 600, 101, hyperparameters=SQUARED, gate=RMSE),
    "four classes": lambda: _next(classes, 2000, 600, 111, hyperparameters=SOFT, gate=MLOGLOSS),
    "counts": lambda: _next(
        counts, 2000, 800, 121, hyperparameters=POISSON, gate=("poisson-nloglik", "minimize", 10.0)
    ),
    "a rare class that is found": lambda: _next(lambda n, s: rare(n, s, 0.05, 3.0), 4000, 1500, 131),
    "gaps": lambda: _next(lambda n, s: with_gaps(churn(n, s), s), 1500, 500, 141),
    "four regions": lambda: _next(regions, 4000, 1500, 151),
    "regions once more": lambda: _next(regions, 6000, 3000, 161),
    "few held-out rows": lambda: _next(churn, 900, 80, 171),
    "many held-out rows": lambda: _next(churn, 3000, 3000, 181),
    "one feature is strong": lambda: _next(
        lambda n, s: linear(n, s, 3.0, 4), 1500, 500, 191, hyperparameters=SQUARED, gate=RMSE
    ),
    "fewer rounds, as good": lambda: _next(churn, 1500, 500, 201, changed={"num_round": "50", "gamma": "1"}),
}
