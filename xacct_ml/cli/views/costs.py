"""An estimate of costs as lines and as JSON."""

from collections.abc import Iterable, Iterator
from typing import Any

from xacct_ml.cli.views.evidence import wrapped
from xacct_ml.operations.costs.charge import Charge, Cost, Estimate
from xacct_ml.operations.costs.estimate import CostOfRun
from xacct_ml.tables.prices import words

SMALLEST = 0.005
"""Less is no cent."""
UNKNOWN = "?"
"""Of what no price is known."""


def estimate_lines(estimate: Estimate) -> Iterator[str]:
    """A heading with the day of the prices; each month, then a run of each pipeline, each line by line; what is paid
    for as it is used; what is not known."""
    day = "" if estimate.as_of is None else f" of {estimate.as_of} or later"
    yield f"costs in USD, by AWS's list prices{day}, without tax, discounts and free tiers (docs/costs.md)"
    rows = [("each month, used or not", estimate.month)]
    rows += [(f"a run of {run.of}, at most about", run) for run in estimate.runs]
    shown = [line for title, cost in rows for line in _cost_rows(title, cost)]
    if estimate.scheduled:
        times = f"{estimate.scheduled:,.1f}".removesuffix(".0")
        shown.append((f"{times} scheduled runs each month, at most about", _sum(estimate.runs[0], estimate.scheduled)))
    width = max(len(what) for what, _ in shown)
    amounts = max(len(amount) for _, amount in shown)
    yield from (f"  {what.ljust(width)}  {amount.rjust(amounts)}" for what, amount in shown)
    known = [charge for charge in estimate.used if charge.price is not None]
    if known:
        yield f"  as it is used: {'; '.join(_rate(charge) for charge in known)}"
    if unknown := _by_region(charge for charge in _charges(estimate) if charge.price is None):
        yield f"  {UNKNOWN}: no price is known of {unknown}"


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """Amounts in USD; null for what is not known, which is in no sum."""
    return {
        "as_of": None if estimate.as_of is None else str(estimate.as_of),
        "month": _cost_json(estimate.month),
        "runs": [_cost_json(run) for run in estimate.runs],
        "scheduled_runs": round(estimate.scheduled, 3),
        "used": [_charge_json(charge) for charge in estimate.used],
    }


def run_lines(cost: CostOfRun) -> Iterator[str]:
    """What an approver says yes to, at most 80 columns wide."""
    until, to_come = _sum(cost.until_here), _sum(cost.to_come)
    told = f"{'' if until.startswith('<') else 'about '}{until} USD until here, {to_come} to come"
    unknown = _by_region(charge for part in (cost.until_here, cost.to_come, cost.month) for charge in part.unknown)
    beside = f"; {UNKNOWN}: {unknown}" if unknown else ""
    day = "" if cost.as_of is None else f" of {cost.as_of}"
    yield from wrapped("cost", f"{told}; {_sum(cost.month)} each month, used or not (list prices{day}{beside})")


def run_json(cost: CostOfRun | None) -> dict[str, Any] | None:
    if cost is None:
        return None
    parts = {"until_here": cost.until_here, "to_come": cost.to_come, "month": cost.month}
    return {"as_of": None if cost.as_of is None else str(cost.as_of)} | {
        name: _cost_json(part) for name, part in parts.items()
    }


def _cost_rows(title: str, cost: Cost) -> Iterator[tuple[str, str]]:
    """The sum, then each charge; what is less than a cent together."""
    yield title, _sum(cost)
    yield from ((f"  {charge.what}", UNKNOWN) for charge in cost.unknown)
    known = [(charge.what, charge.usd) for charge in cost.charges if charge.usd is not None]
    yield from ((f"  {what}", usd_text(usd)) for what, usd in known if usd >= SMALLEST)
    if small := [what for what, usd in known if usd < SMALLEST]:
        yield f"  {', '.join(dict.fromkeys(small))}", usd_text(SMALLEST / 2)


def _charges(estimate: Estimate) -> Iterator[Charge]:
    for cost in (estimate.month, *estimate.runs):
        yield from cost.charges
    yield from estimate.used


def _by_region(charges: Iterable[Charge]) -> str:
    """What their units are called, each once, region by region."""
    found: dict[str, dict[str, None]] = {}
    for charge in charges:
        found.setdefault(charge.region, {})[words(charge.unit)] = None
    return "; ".join(f"{', '.join(units)} in {region}" for region, units in found.items())


def _rate(charge: Charge) -> str:
    found = charge.price
    return "" if found is None else f"{charge.what} in {charge.region} {found.usd:.10f}".rstrip("0")


def _sum(cost: Cost, times: float = 1) -> str:
    amount = usd_text(times * cost.usd)
    return f"{amount} + {UNKNOWN}" if cost.unknown else amount


def usd_text(amount: float) -> str:
    return "<0.01" if 0 < amount < SMALLEST else f"{amount:,.2f}"


def _cost_json(cost: Cost) -> dict[str, Any]:
    return {"of": cost.of, "usd": round(cost.usd, 6), "charges": [_charge_json(charge) for charge in cost.charges]}


def _charge_json(charge: Charge) -> dict[str, Any]:
    found = charge.price
    return {
        "what": charge.what,
        "unit": charge.unit,
        "region": charge.region,
        "quantity": round(charge.quantity, 6),
        "usd": None if charge.usd is None else round(charge.usd, 10),
        "seen": None if found is None else str(found.seen),
    }
