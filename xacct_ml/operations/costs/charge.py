"""What something costs: so much of a unit that has a price, or has none that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from xacct_ml.tables.prices import Price, price

MINUTES = 60
HOURS_OF_A_MONTH = 730


@dataclass(frozen=True, slots=True)
class Charge:
    """``quantity`` of a ``unit`` of data/prices.toml in a region. ``what`` says to a person what it is for."""

    what: str
    unit: str
    region: str
    quantity: float

    @property
    def price(self) -> Price | None:
        return price(self.unit, self.region)

    @property
    def usd(self) -> float | None:
        """None where the price is not known."""
        return None if self.price is None else self.quantity * self.price.usd


@dataclass(frozen=True, slots=True)
class Cost:
    """The charges of one thing that a person asks about: a month, or a run of the pipeline ``of``."""

    of: str
    charges: tuple[Charge, ...]

    @property
    def usd(self) -> float:
        """Without what has no known price."""
        return sum(charge.usd or 0 for charge in self.charges)

    @property
    def unknown(self) -> tuple[Charge, ...]:
        return tuple(charge for charge in self.charges if charge.price is None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """``month``: what is there whether it is used or not. ``runs``: a run of each pipeline, at most, the one that
    trains first. ``used``: one unit of what nobody knows the amount of beforehand. ``scheduled``: so many runs of the
    first pipeline are begun by the map's schedule in a month."""

    month: Cost
    runs: tuple[Cost, ...]
    used: tuple[Charge, ...]
    scheduled: float = 0

    @property
    def as_of(self) -> date | None:
        """The day of the oldest price in it; None where no price is known."""
        return oldest(charge for cost in (self.month, *self.runs) for charge in cost.charges)


def oldest(charges: Iterable[Charge]) -> date | None:
    """The day of the oldest price of these charges."""
    return min((charge.price.seen for charge in charges if charge.price is not None), default=None)
