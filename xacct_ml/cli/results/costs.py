"""What it costs, in USD by list prices (docs/costs.md)."""

from typing_extensions import TypedDict

from xacct_ml.cli.results.described import described


@described
class Charge(TypedDict):
    """One item of a cost."""

    what: str
    unit: str
    region: str
    quantity: float
    usd: float | None
    """Null where no price is known."""
    seen: str | None
    """The day of the price."""


@described
class Cost(TypedDict):
    """A sum of the charges whose prices are known."""

    of: str
    usd: float
    charges: list[Charge]


@described
class Costs(TypedDict):
    """An estimate."""

    as_of: str | None
    """The day of the prices."""
    month: Cost
    """Used or not."""
    runs: list[Cost]
    scheduled_runs: float
    """In a month, by the map's schedule."""
    used: list[Charge]
    """As it is used: the price of one unit each."""


@described
class RunCosts(TypedDict):
    """What an approver says yes to."""

    as_of: str | None
    until_here: Cost
    to_come: Cost
    month: Cost
