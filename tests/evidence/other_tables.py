"""Further tables for candidates: other kinds of labels, and features as they are met with."""

from __future__ import annotations

import numpy as np

from tests.evidence.candidates import Table

CREDIT = ("income", "age", "debt", "kind", "late", "a", "b", "c")


def credit(rows: int, seed: int, share: float = 0.12) -> Table:
    """Who does not pay back: incomes are log-normal, ages whole, three columns say little. The fourth is sliced by."""
    chance = np.random.default_rng(seed)
    income = np.exp(chance.normal(10, 0.5, rows))
    age = chance.integers(18, 80, rows).astype(float)
    debt = income * chance.beta(2, 4, rows)
    kind = chance.integers(3, size=rows).astype(float)
    late = chance.poisson(0.6, rows).astype(float)
    rest = chance.normal(size=(rows, 3))
    score = 4 * debt / income + 0.8 * late - 0.02 * age + 0.5 * (kind == 1) + 0.3 * rest[:, 0]
    score += 0.7 * chance.logistic(size=rows)
    x = np.column_stack([income, age, debt, kind, late, rest])
    return Table(x, (score > np.quantile(score, 1 - share)).astype(float), CREDIT, (3,))


def prices(rows: int, seed: int, noise: float = 1.0) -> Table:
    """Friedman's first function: five of ten features, and no line."""
    chance = np.random.default_rng(seed)
    x = chance.random((rows, 10))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return Table(x, y + noise * chance.normal(size=rows), [f"x{place}" for place in range(10)])


def claims(rows: int, seed: int) -> Table:
    """Amounts above 0, with a long tail."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, 6))
    mean = np.exp(3 + 0.6 * x[:, 0] - 0.4 * x[:, 1] * (x[:, 2] > 0))
    return Table(x, chance.gamma(2.0, mean / 2) + 0.01)


def species(rows: int, seed: int, shares: tuple[float, ...] = (0.3, 0.25, 0.2, 0.15, 0.1)) -> Table:
    """Five kinds, not equally common."""
    chance = np.random.default_rng(seed)
    middles = np.random.default_rng(7).normal(scale=1.5, size=(5, 6))
    y = chance.choice(5, size=rows, p=shares)
    return Table(middles[y] + chance.normal(size=(rows, 6)), y.astype(float))


def queries(rows: int, seed: int) -> Table:
    """Grades from 0 to 4, to rank by."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, 6))
    return Table(x, np.clip(np.round(1 + x[:, 0] - 0.7 * x[:, 1] + 0.6 * chance.normal(size=rows)), 0, 4))


def stores(rows: int, seed: int) -> Table:
    """Sales of five stores; the first column is the store, and rows are scored by it, too."""
    chance = np.random.default_rng(seed)
    store = chance.integers(5, size=rows)
    x = np.column_stack([store, chance.normal(size=(rows, 5))])
    y = 20 + 3 * store + 4 * x[:, 1] - 2 * x[:, 2] + 2 * chance.normal(size=rows)
    return Table(x, y, ("store", "price", "day", "c", "d", "e"), (0,))


def pixels(rows: int, seed: int) -> Table:
    """Two shapes in 20 dots, most of which are seldom anything but 0."""
    chance = np.random.default_rng(seed)
    x = np.where(chance.random((rows, 20)) < np.linspace(0.5, 0.001, 20), chance.integers(1, 9, (rows, 20)), 0)
    y = (x[:, 0] + x[:, 1] + chance.normal(scale=2, size=rows) > 5).astype(float)
    return Table(x.astype(float), y)
