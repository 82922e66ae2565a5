"""Candidates of other kinds than :mod:`tests.evidence.planted` has: other data, other objectives, other mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from tests.evidence.candidates import Array, Table, Trained, held_of, record
from tests.evidence.other_tables import CREDIT, claims, credit, pixels, prices, queries, species, stores
from xacct_ml.evidence.record import Record

PROBABLE = {"objective": "binary:logistic", "eta": "0.1", "max_depth": "5", "num_round": "100", "min_child_weight": "5"}
NUMBER = {"objective": "reg:squarederror", "eta": "0.1", "max_depth": "4", "num_round": "100"}
GAMMA = {"objective": "reg:gamma", "eta": "0.1", "max_depth": "3", "num_round": "100"}
TWEEDIE = {"objective": "reg:tweedie", "eta": "0.1", "max_depth": "3", "num_round": "80"}
SOFTMAX = {"objective": "multi:softmax", "num_class": "5", "eta": "0.2", "max_depth": "4", "num_round": "40"}
SOFTPROB = {**SOFTMAX, "objective": "multi:softprob"}
RANK = {"objective": "rank:pairwise", "eta": "0.1", "max_depth": "4", "num_round": "60"}
AUC, ACCURACY, LOGLOSS = ("auc", "maximize", 0.6), ("accuracy", "maximize", 0.5), ("logloss", "minimize", 1.0)
RMSE, MAE, NATS = ("rmse", "minimize", 1e6), ("mae", "minimize", 1e6), ("gamma-nloglik", "minimize", 1e6)
MERROR, MLOGLOSS, NDCG = ("merror", "minimize", 0.9), ("mlogloss", "minimize", 5.0), ("ndcg", "maximize", 0.3)
Gate = tuple[str, str, float]
Make = Callable[[int, int], Table]
Change = Callable[[Table], Table]


def _same(table: Table) -> Table:
    return table


def beside(
    make: Make,
    rows: int,
    heldout: int,
    seed: int,
    hyperparameters: Mapping[str, str],
    gate: Gate,
    spoil: Change = _same,
    everywhere: bool = False,
    grown: float = 1.0,
    judged: float | None = None,
    **changed: str,
) -> Record:
    """A candidate beside a live model of the same kind. ``spoil`` is what happened to its training rows, and to the
    held-out ones, too, if ``everywhere``; ``changed`` are its other hyperparameters."""
    live = Trained(make(rows, seed), hyperparameters)
    candidate = Trained(spoil(make(int(rows * grown), seed + 1)), {**hyperparameters, **changed})
    held, own = make(heldout, seed + 2), make(heldout, seed + 3)
    then = live.scored(held_of(own), own.x)
    return record(candidate, spoil(held) if everywhere else held, live, gate, judged, then)


def alone(make: Make, rows: int, heldout: int, seed: int, hyperparameters: Mapping[str, str], gate: Gate) -> Record:
    """The first model."""
    return record(Trained(make(rows, seed), hyperparameters), make(heldout, seed + 1), None, gate)


def other(table: Table, x: Array = None, y: Array = None, names: tuple[str, ...] | None = None) -> Table:
    """The table with other features, labels or names."""
    features = table.x if x is None else x
    kept = names or (table.names if features.shape == table.x.shape else None)
    return Table(features, table.y if y is None else y, kept, table.slices if x is None else ())


def column(place: int, change: Callable[[Array], Array]) -> Change:
    def spoil(table: Table) -> Table:
        x = table.x.copy()
        x[:, place] = change(x[:, place])
        return Table(x, table.y, table.names, table.slices)

    return spoil


def labels(change: Callable[[Array, Array, np.random.Generator], Array]) -> Change:
    """``change`` gets labels and features."""
    return lambda table: other(table, y=change(table.y, table.x, np.random.default_rng(5)))


def rows(choose: Callable[[Table], Array]) -> Change:
    def spoil(table: Table) -> Table:
        kept = choose(table)
        return Table(table.x[kept], table.y[kept], table.names, table.slices)

    return spoil


def _leaked_numbers() -> Record:
    heldout = prices(500, 1)
    live = Trained(prices(2000, 3), NUMBER)
    return record(Trained(prices(2000, 2).and_(heldout.part(0, 100)), NUMBER), heldout, live, RMSE)


def _half_of_training() -> Record:
    table = species(2000, 11)
    return record(Trained(table, SOFTPROB), table.part(0, 500), None, MLOGLOSS)


def _with_label(make: Make) -> Make:
    return lambda count, seed: (lambda table: other(table, np.column_stack([table.x, table.y])))(make(count, seed))


def _label_and_noise(table: Table) -> Table:
    return column(9, lambda _: table.y + 0.3 * np.random.default_rng(len(table)).normal(size=len(table)))(table)


def _kinds_turned(table: Table) -> Table:
    return other(table, y=np.where(table.x[:, 3] == 0, 1 - table.y, table.y))


def _store_mixed(y: Array, x: Array, chance: np.random.Generator) -> Array:
    return np.where(x[:, 0] == 2, chance.permutation(y) - 15, y)


def _changed_world(y: Array, x: Array, _: np.random.Generator) -> Array:
    return y - 6 * x[:, 3] + 9 * x[:, 5]


def _five_times(table: Table) -> Table:
    return Table(np.tile(table.x, (5, 1)), np.tile(table.y, 5), table.names, table.slices)


def _balanced(table: Table) -> Array:
    chance = np.random.default_rng(5)
    return np.concatenate([chance.choice(np.flatnonzero(table.y == label), 1000) for label in (0, 1)])


BY_HEART = {"max_depth": "14", "min_child_weight": "0", "num_round": "300", "eta": "0.5", "lambda": "0"}
_paid = partial(beside, credit, 3000, 1000)
_sold = partial(beside, prices, 2000, 600)
_seen = partial(beside, species, 2000, 700)

BAD: dict[str, tuple[str, Callable[[], Record]]] = {
    "held-out rows in training, of numbers": ("leaked rows", _leaked_numbers),
    "held-out rows are training rows": ("leaked rows", _half_of_training),
    "the label is a column": ("one feature", lambda: alone(_with_label(credit), 3000, 800, 21, PROBABLE, AUC)),
    "a column tells the label now": ("too good", lambda: _sold(31, NUMBER, RMSE, _label_and_noise, True)),
    "one answer for all numbers": ("constant", lambda: _sold(41, NUMBER, RMSE, gamma="1e9")),
    "one answer for all classes": (
        "constant",
        lambda: alone(species, 1500, 500, 51, {**SOFTPROB, "min_child_weight": "1e6"}, MLOGLOSS),
    ),
    "a store collapsed": ("slice", lambda: beside(stores, 3000, 1000, 61, NUMBER, RMSE, labels(_store_mixed))),
    "a kind collapsed in the first model": (
        "slice",
        lambda: record(Trained(_kinds_turned(credit(4000, 71)), PROBABLE), credit(2000, 72)),
    ),
    "two classes changed places": (
        "label meaning",
        lambda: _seen(81, SOFTPROB, MLOGLOSS, labels(lambda y, _, __: np.choose(y.astype(int), [0, 2, 1, 3, 4])), True),
    ),
    "yes became no": ("label meaning", lambda: _paid(91, PROBABLE, LOGLOSS, labels(lambda y, _, __: 1 - y), True)),
    "euros became cents": (
        "label meaning",
        lambda: beside(claims, 2000, 600, 101, GAMMA, MAE, labels(lambda y, _, __: 100 * y), True),
    ),
    "a feature in thousandths": (
        "shifted data",
        lambda: _paid(111, PROBABLE, AUC, column(0, lambda x: 1000 * x), True),
    ),
    "older customers": ("shifted data", lambda: _paid(121, PROBABLE, AUC, column(1, lambda x: x + 15), True)),
    "a feature is never filled in now": (
        "shifted data",
        lambda: _sold(131, NUMBER, RMSE, column(3, lambda x: 0 * x), True),
    ),
    "a third of a feature is missing": (
        "shifted data",
        lambda: _sold(141, NUMBER, RMSE, column(0, lambda x: np.where(np.arange(len(x)) % 3 == 0, np.nan, x)), True),
    ),
    "features changed places": (
        "label meaning",
        lambda: _sold(151, NUMBER, RMSE, lambda table: other(table, table.x[:, [5, 1, 2, 0, 4, 3, 6, 7, 8, 9]]), True),
    ),
    "noisy numbers": (
        "worse",
        lambda: _sold(161, NUMBER, RMSE, labels(lambda y, _, chance: y + 6 * chance.normal(size=len(y)))),
    ),
    "mixed amounts": (
        "worse",
        lambda: beside(
            claims, 3000, 1500, 171, GAMMA, NATS, labels(lambda y, x, c: np.where(x[:, 5] > 0, c.permutation(y), y))
        ),
    ),
    "noisy grades": (
        "worse",
        lambda: beside(
            queries, 2000, 800, 181, RANK, NDCG, labels(lambda y, _, c: np.clip(y + c.integers(-4, 5, len(y)), 0, 4))
        ),
    ),
    "last year's world": ("worse", lambda: _sold(191, NUMBER, RMSE, labels(_changed_world))),
    "grades at random": (
        "guessing",
        lambda: record(
            Trained(labels(lambda y, _, chance: chance.permutation(y))(queries(2000, 201)), RANK),
            queries(600, 202),
            None,
            NDCG,
        ),
    ),
    "a class that training lacks": (
        "recall",
        lambda: record(
            Trained(rows(lambda t: t.y != 4)(species(2000, 211)), SOFTPROB), species(800, 212), None, MLOGLOSS
        ),
    ),
    "weighted eightfold": ("calibration", lambda: _paid(221, PROBABLE, AUC, scale_pos_weight="8")),
    "half of training is positive": ("label shift", lambda: _paid(231, PROBABLE, AUC, rows(_balanced))),
    "only the young": ("less data", lambda: _paid(241, PROBABLE, AUC, rows(lambda t: t.x[:, 1] < 45))),
    "each row five times": ("repeated rows", lambda: beside(credit, 1500, 800, 251, PROBABLE, AUC, _five_times)),
    "fewer columns": (
        "schema",
        lambda: beside(queries, 1500, 500, 261, RANK, NDCG, lambda table: other(table, table.x[:, :5]), True),
    ),
    "a column has another name": (
        "schema",
        lambda: _paid(271, PROBABLE, AUC, lambda table: other(table, names=(*CREDIT[:-1], "d")), True),
    ),
    "another objective": ("objective", lambda: _sold(281, NUMBER, RMSE, objective="reg:absoluteerror")),
    "hardly trained": ("hyperparameters", lambda: _seen(291, SOFTPROB, MLOGLOSS, num_round="2", max_depth="1")),
    "numbers learnt by heart": (
        "overfit",
        lambda: alone(partial(prices, noise=6.0), 1000, 800, 301, {**NUMBER, **BY_HEART}, RMSE),
    ),
    "the gate holds on validation alone": ("does not hold", lambda: _sold(311, NUMBER, RMSE, judged=0.4)),
}
"""Name → the kind of the finding that must be there, and the record."""


def _of_the_same_rows(make: Make, hyperparameters: Mapping[str, str], gate: Gate, order: int | None) -> Record:
    table, heldout, own = make(2000, 401), make(600, 402), make(600, 403)
    live = Trained(table, {**hyperparameters, "subsample": "0.8"}, seed=1)
    place = np.arange(len(table)) if order is None else np.random.default_rng(order).permutation(len(table))
    again = Table(table.x[place], table.y[place], table.names, table.slices)
    candidate = Trained(again, {**hyperparameters, "subsample": "0.8"}, seed=2)
    return record(candidate, heldout, live, gate, then=live.scored(held_of(own), own.x))


def _with_validation() -> Record:
    found = _paid(411, PROBABLE, AUC).document()
    return Record.model_validate({**found, "holdout": {**found["holdout"], "from": "validation"}})


def _a_little_older(table: Table) -> Table:
    return column(1, lambda x: x + 2)(column(0, lambda x: 1.05 * x)(table))


GOOD: dict[str, Callable[[], Record]] = {
    "the same rows, another seed": lambda: _of_the_same_rows(prices, NUMBER, RMSE, None),
    "the same rows in another order": lambda: _of_the_same_rows(credit, PROBABLE, AUC, 3),
    "validation as holdout": _with_validation,
    "customers a little older": lambda: _paid(421, PROBABLE, AUC, _a_little_older, True),
    "a few more gaps": lambda: _sold(
        431, NUMBER, RMSE, column(2, lambda x: np.where(np.arange(len(x)) % 14 == 0, np.nan, x)), True
    ),
    "credit": lambda: _paid(441, PROBABLE, AUC),
    "credit by accuracy": lambda: _paid(451, PROBABLE, ACCURACY),
    "credit by its loss": lambda: _paid(461, PROBABLE, LOGLOSS),
    "few customers": lambda: beside(credit, 1000, 200, 471, PROBABLE, AUC),
    "prices": lambda: _sold(481, NUMBER, RMSE),
    "prices by absolute errors": lambda: _sold(491, NUMBER, MAE),
    "noisy prices": lambda: beside(partial(prices, noise=6.0), 2000, 600, 501, NUMBER, RMSE),
    "claims": lambda: beside(claims, 2000, 800, 511, GAMMA, NATS),
    "claims, tweedie": lambda: beside(claims, 2000, 800, 521, TWEEDIE, RMSE),
    "species": lambda: _seen(531, SOFTPROB, MLOGLOSS),
    "species without probabilities": lambda: _seen(541, SOFTMAX, MERROR),
    "a rare kind": lambda: beside(
        partial(species, shares=(0.35, 0.3, 0.2, 0.12, 0.03)), 2500, 900, 551, SOFTPROB, MLOGLOSS
    ),
    "grades": lambda: beside(queries, 2000, 700, 561, RANK, NDCG),
    "five stores": lambda: beside(stores, 2500, 900, 571, NUMBER, RMSE),
    "dots that are seldom set": lambda: beside(pixels, 1300, 450, 581, PROBABLE, AUC),
    "twice the data": lambda: _sold(591, NUMBER, RMSE, grown=2.0),
    "a little better": lambda: _sold(601, NUMBER, RMSE, num_round="150"),
    "tuned": lambda: _paid(611, PROBABLE, AUC, max_depth="4", eta="0.07", num_round="140"),
    "regularised": lambda: _seen(621, SOFTPROB, MLOGLOSS, subsample="0.8", **{"lambda": "3"}),
    "the first of numbers": lambda: alone(prices, 2000, 600, 631, NUMBER, RMSE),
    "the first of classes": lambda: alone(species, 2000, 600, 641, SOFTPROB, MLOGLOSS),
    "the first of grades": lambda: alone(queries, 1500, 500, 651, RANK, NDCG),
    "the first of credit": lambda: alone(credit, 2500, 800, 661, PROBABLE, AUC),
}
